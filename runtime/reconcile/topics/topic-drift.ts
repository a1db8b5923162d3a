// What speaks against a migration of topics: some that have changed since, and operations that the lifecycles forbid.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { strictest } from "../../../src/infra/lifecycle.js";
import { type Topic, topicAddress } from "../../../src/infra/topic.js";
import { type JudgedTopicOperation, judgeTopics, type OwnedTopic } from "../../../src/policy/judge-topics.js";
import type { StateRecords } from "../../clickhouse/state.js";
import type { LiveTopic } from "../../kafka/inspect.js";
import type { MigrationSource } from "../migration.js";
import { managedTopics } from "./records.js";
import { appliedOf, type CountedConfigs, differences, isAsFile, type TopicHistory } from "./topic-history.js";
import { begunOf, liveTopic, operationsOf, type TopicMigration } from "./topic-migration.js";

/** Topics that are not as the migration expects them, those that it touches and the others. */
export function driftOf(
  { source, state, access, steps, options }: TopicMigration,
  histories: readonly TopicHistory[],
  live: readonly LiveTopic[],
): readonly Diagnostic[] {
  const touched = new Map(histories.map((history) => [history.name, history]));
  const counts: CountedConfigs = options.isOfChain === true ? new Set() : "all";
  const now = new Map(live.map(({ topic }) => [topic.name, topic] as const));
  const moved = histories.flatMap((history) => {
    const found = now.get(history.name);
    if (appliedOf(history, found, begunOf(history, steps)) !== undefined) return [];
    return drift(history.name, { file: history.states[0], live: found, counts: history.counts });
  });
  const others = [...source.before.topics].flatMap(([name, topic]) =>
    touched.has(name) ? [] : drift(name, { file: topic, live: now.get(name), counts }),
  );
  const extra = managedTopics(state, live, { ...source.before, topics: new Map() }, access.namespace).flatMap(
    ({ topic }) =>
      touched.has(topic.name) || source.before.topics.has(topic.name)
        ? []
        : drift(topic.name, { file: undefined, live: topic, counts }),
  );
  return [...moved, ...others, ...extra];
}

interface TwoSides {
  readonly file: Topic | undefined;
  readonly live: Topic | undefined;
  readonly counts: CountedConfigs;
}

/** One diagnostic, or none where they are alike. */
export function drift(name: string, { file, live, counts }: TwoSides): readonly Diagnostic[] {
  if (isAsFile(file, live, counts)) return [];
  const summary =
    file === undefined
      ? `topic ${name} exists, and did not when the migration was generated`
      : live === undefined
        ? `topic ${name} is gone since the migration was generated`
        : `topic ${name} has changed since the migration was generated`;
  return [
    {
      code: "reconcile/drift",
      severity: "error",
      summary,
      detail: file && live && differences(file, live, counts).join("\n"),
      hint: "if Kafka is right, generate the migration anew; if it is not, put the topic back as it was",
    },
  ];
}

/** What the lifecycles forbid. */
export function blockedOf(
  { source, state, steps }: TopicMigration,
  histories: readonly TopicHistory[],
  live: readonly LiveTopic[],
): readonly Diagnostic[] {
  return histories.flatMap((history) => {
    const applied = appliedOf(history, liveTopic(live, history.name), begunOf(history, steps)) ?? 0;
    const lifeCycle = lifeCycleOf(state, source, history);
    return history.operations.flatMap((index, position) => {
      if (position < applied) return [];
      const operations = operationsOf(history, position).map((one) => ({
        ...one,
        topic: {
          ...one.topic,
          lifeCycle: source.desired?.topics.get(history.name)?.lifeCycle ?? one.topic.lifeCycle,
        },
      }));
      return judgeTopics({ operations }, new Map([[history.name, lifeCycle]])).flatMap((one) =>
        blocked(one, index),
      );
    });
  });
}

/** A removal is judged by the strictest that anybody says: who wrote it into a plan may not be who protects the topic. */
function lifeCycleOf(
  state: StateRecords,
  { before, desired }: MigrationSource,
  { name, states }: TopicHistory,
): OwnedTopic {
  const record = state.get(topicAddress(name));
  const said = [before, desired].map((map) => map?.topics.get(name)?.lifeCycle);
  const made = states.find((one) => one !== undefined)?.lifeCycle;
  const found = strictest([record?.owned === true ? record.lifeCycle : undefined, ...said]) ?? made;
  if (found === undefined) throw new Error(`no state of topic ${name} has a lifecycle`);
  return { lifeCycle: found, configs: new Set() };
}

function blocked({ operation, verdict }: JudgedTopicOperation, index: number): readonly Diagnostic[] {
  if (verdict.decision === "apply") return [];
  return [
    {
      code: "reconcile/blocked-operation",
      severity: "error",
      summary: `operation ${index + 1}, ${operation.kind} of topic ${operation.topic.name}, is not allowed: ${verdict.reason}`,
      hint: `to go on: ${verdict.unblock}`,
    },
  ];
}
