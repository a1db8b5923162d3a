// The operations on topics of a plan file: an addition to the existing tool's, which has none.

import type { Topic } from "../infra/topic.js";
import { defaultPartitions } from "../plan/plan-topics.js";
import type { TopicOperation } from "../plan/topic-operation.js";
import { readConfigName, readConfigs, readTopic, readTopicName, writeTopic } from "./topic-json.js";
import type { PlainObject, Spot } from "./value.js";

type Configs = Readonly<Record<string, string>>;

export type TopicMigrationOperation =
  | { readonly kind: "CreateTopic"; readonly topic: Topic }
  | { readonly kind: "DropTopic"; readonly name: string }
  | {
      readonly kind: "AddTopicPartitions";
      readonly name: string;
      readonly before: number;
      readonly after: number;
    }
  | {
      readonly kind: "AlterTopicConfig";
      readonly name: string;
      /** What the configs that are changed are before; one that the topic does not set is not there. */
      readonly before: Configs;
      readonly set: Configs;
      readonly reset: readonly string[];
    };

export const topicOperationKinds = [
  "CreateTopic",
  "DropTopic",
  "AddTopicPartitions",
  "AlterTopicConfig",
] as const satisfies readonly TopicMigrationOperation["kind"][];

export function isTopicOperation<T extends { readonly kind: string }>(
  operation: T,
): operation is Extract<T, TopicMigrationOperation> {
  return topicOperationKinds.some((kind) => kind === operation.kind);
}

/** The name of the topic that it is about. */
export function topicOf(operation: TopicMigrationOperation): string {
  return operation.kind === "CreateTopic" ? operation.topic.name : operation.name;
}

export function writeTopicOperation(
  operation: TopicMigrationOperation,
  defaultDatabase: string,
): PlainObject {
  switch (operation.kind) {
    case "CreateTopic":
      return { topic: writeTopic(operation.topic, defaultDatabase) };
    case "DropTopic":
      return { topic: operation.name };
    case "AddTopicPartitions":
      return {
        topic: operation.name,
        before_partition_count: operation.before,
        after_partition_count: operation.after,
      };
    case "AlterTopicConfig":
      return {
        topic: operation.name,
        before_config: operation.before,
        set: operation.set,
        reset: operation.reset,
      };
  }
}

export function readTopicOperation(
  kind: TopicMigrationOperation["kind"],
  spot: Spot,
  defaultDatabase: string,
): TopicMigrationOperation {
  if (kind === "CreateTopic") return { kind, topic: readTopic(spot.field("topic"), defaultDatabase) };
  const name = readTopicName(spot.field("topic"));
  switch (kind) {
    case "DropTopic":
      return { kind, name };
    case "AddTopicPartitions": {
      const before = spot.field("before_partition_count").wholeNumber(1, 200_000);
      const after = spot.field("after_partition_count").wholeNumber(1, 200_000);
      if (after <= before)
        spot.problem("format/contradicting-operation", "Kafka cannot take partitions away from a topic");
      return { kind, name, before, after };
    }
    case "AlterTopicConfig":
      return {
        kind,
        name,
        before: readConfigs(spot.field("before_config")),
        set: readConfigs(spot.field("set")),
        reset: spot
          .field("reset")
          .optionalList()
          .map((entry) => readConfigName(entry.text(), entry)),
      };
  }
}

/** Operations of our own plan as those of a file; what Kafka cannot do has no place in one. */
export function topicMigrationOperations(
  operations: readonly TopicOperation[],
): readonly TopicMigrationOperation[] {
  return operations.flatMap((operation) => topicMigrationOperation(operation) ?? []);
}

function topicMigrationOperation(operation: TopicOperation): TopicMigrationOperation | undefined {
  const { name } = operation.topic;
  switch (operation.kind) {
    case "CreateTopic":
      return { kind: "CreateTopic", topic: withoutPast(operation.topic) };
    case "DropTopic":
      return { kind: "DropTopic", name };
    case "AddTopicPartitions":
      return { kind: "AddTopicPartitions", name, before: operation.from, after: operation.to };
    case "AlterTopicConfig": {
      const { set, reset } = operation;
      const touched = [...Object.keys(set), ...reset];
      const before = Object.entries(operation.before.config).filter(([key]) => touched.includes(key));
      return { kind: "AlterTopicConfig", name, before: Object.fromEntries(before), set, reset };
    }
    case "RemoveTopicPartitions":
    case "ChangeTopicReplication":
      return undefined;
  }
}

function withoutPast(topic: Topic): Topic {
  return { ...topic, place: undefined, renamedFrom: undefined };
}

type Topics = ReadonlyMap<string, Topic>;

/** The topics after an operation, or why it does not apply. */
export function foldTopic(
  topics: Topics,
  operation: TopicMigrationOperation,
): { readonly topics: Topics } | { readonly problem: string } {
  const name = topicOf(operation);
  const before = topics.get(name);
  const after = topicAfter(before, operation);
  if (typeof after === "string") return { problem: `${operation.kind} of topic ${name}: ${after}` };
  const others = [...topics].filter(([other]) => other !== name);
  const all = after === undefined ? others : [...others, [name, after] as const];
  return { topics: new Map(all.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function topicAfter(
  topic: Topic | undefined,
  operation: TopicMigrationOperation,
): Topic | undefined | string {
  if (operation.kind === "CreateTopic") {
    const { partitions = defaultPartitions } = operation.topic;
    return topic === undefined ? { ...operation.topic, partitions } : "the topic is there already";
  }
  if (topic === undefined) return "there is no such topic";
  switch (operation.kind) {
    case "DropTopic":
      return undefined;
    case "AddTopicPartitions":
      if (topic.partitions !== undefined && topic.partitions !== operation.before)
        return `it has ${topic.partitions} partitions, not ${operation.before}`;
      return { ...topic, partitions: operation.after };
    case "AlterTopicConfig": {
      const { before, set, reset } = operation;
      const differing = [...Object.keys(set), ...reset].find((key) => topic.config[key] !== before[key]);
      if (differing !== undefined) return `${differing} is not what \`before_config\` says`;
      const kept = Object.entries({ ...topic.config, ...set }).filter(([key]) => !reset.includes(key));
      return { ...topic, config: Object.fromEntries(kept) };
    }
  }
}
