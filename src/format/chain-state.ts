// What a chain calls things: its files mean the same to databases and namespaces of different names.

import { type InfraMap, infraMapOf } from "../infra/inframap.js";
import type { Topic } from "../infra/topic.js";
import type { ChainLifeCycle } from "./chain-lifecycles.js";
import { fingerprint } from "./inframap-json.js";
import type { MigrationOperation } from "./operation.js";
import { isTopicOperation } from "./topic-operation.js";

/**
 * Hash of the tables and topics at one moment of a chain. The name of the default database is no part of it, and neither
 * is the namespace.
 *
 * @param namespace - of the topics; empty for none
 */
export function stateHash(
  { tables, views, topics, sqlResources }: InfraMap,
  defaultDatabase: string,
  namespace = "",
): string {
  const nameless = <T extends { readonly database: string }>(one: T): T =>
    one.database === defaultDatabase ? { ...one, database: "" } : one;
  return fingerprint(
    infraMapOf(
      [...tables.values()].map(nameless),
      [...views.values()].map((view) => ({
        ...nameless(view),
        target: view.target && nameless(view.target),
      })),
      [...topics.values()].map((topic) => ({
        ...topic,
        name: withoutNamespace(topic.name, namespace),
        destination: topic.destination && nameless(topic.destination),
      })),
      sqlResources.values(),
    ),
  );
}

interface InChain {
  readonly operations: readonly MigrationOperation[];
  readonly lifeCycles?: readonly ChainLifeCycle[] | undefined;
}

/** The migration as a file has it: its topics without the namespace. */
export function outOfNamespace<T extends InChain>(migration: T, namespace: string): T {
  return withTopicNames(migration, (name) => withoutNamespace(name, namespace));
}

/** The migration as a Kafka has it: its topics in the namespace. */
export function inNamespace<T extends InChain>(migration: T, namespace: string): T {
  return withTopicNames(migration, (name) => (namespace === "" ? name : `${namespace}.${name}`));
}

function withoutNamespace(name: string, namespace: string): string {
  return namespace !== "" && name.startsWith(`${namespace}.`) ? name.slice(namespace.length + 1) : name;
}

function withTopicNames<T extends InChain>(migration: T, rename: (name: string) => string): T {
  const named = (topic: Topic): Topic => ({ ...topic, name: rename(topic.name) });
  return {
    ...migration,
    operations: migration.operations.map((operation): MigrationOperation => {
      if (!isTopicOperation(operation)) return operation;
      return operation.kind === "CreateTopic"
        ? { ...operation, topic: named(operation.topic) }
        : { ...operation, name: rename(operation.name) };
    }),
    lifeCycles: migration.lifeCycles?.map((one) =>
      "topic" in one ? { ...one, topic: rename(one.topic) } : one,
    ),
  };
}
