// Executes operations on topics, and says of each what became of it. One that fails stops no other topic.

import type { TopicOperation } from "../../../src/plan/topic-operation.js";
import type { JudgedTopicOperation } from "../../../src/policy/judge-topics.js";
import type { Outcome } from "../../../src/status/report.js";
import type { TopicOperationReport } from "../../../src/status/topics-report.js";
import type { Kafka } from "../../kafka/client.js";
import { addPartitions, alterConfigs, createTopic, deleteTopic } from "../../kafka/execute.js";
import type { TopicOutcome } from "../../kafka/perform.js";

/** Topics worked on at a time. Within a topic operations go one after the other. */
const topicsAtOnce = 8;

export interface TopicWork {
  /** Called before an operation is sent. */
  readonly onStart?: (operation: TopicOperation) => Promise<void> | void;
  readonly onOutcome?: (operation: TopicOperation, outcome: Outcome) => Promise<void> | void;
}

export async function executeTopics(
  kafka: Kafka,
  judged: readonly JudgedTopicOperation[],
  work: TopicWork = {},
): Promise<readonly TopicOperationReport[]> {
  const groups = new Map<string, JudgedTopicOperation[]>();
  for (const one of judged) {
    const { address } = one.operation;
    groups.set(address, [...(groups.get(address) ?? []), one]);
  }
  const reports = new Map<TopicOperation, TopicOperationReport>();
  const queue = [...groups.values()];
  const worker = async (): Promise<void> => {
    for (let group = queue.shift(); group !== undefined; group = queue.shift())
      for (const report of await executeGroup(kafka, group, work)) reports.set(report.operation, report);
  };
  await Promise.all(Array.from({ length: Math.min(topicsAtOnce, queue.length) }, worker));
  return judged.flatMap(({ operation }) => reports.get(operation) ?? []);
}

/** What fails does not keep the other operations of its topic from being tried: none depends on another. */
async function executeGroup(
  kafka: Kafka,
  group: readonly JudgedTopicOperation[],
  { onStart, onOutcome }: TopicWork,
): Promise<readonly TopicOperationReport[]> {
  const reports: TopicOperationReport[] = [];
  for (const { operation, verdict } of group) {
    const isBlocked = verdict.decision === "blocked";
    if (!isBlocked) await onStart?.(operation);
    const outcome: Outcome = isBlocked ? { state: "blocked" } : await executeOne(kafka, operation);
    await onOutcome?.(operation, outcome);
    reports.push({ operation, verdict, outcome });
  }
  return reports;
}

async function executeOne(kafka: Kafka, operation: TopicOperation): Promise<Outcome> {
  const startMs = performance.now();
  const answer = await send(kafka, operation);
  switch (answer.state) {
    case "applied":
      return { state: "applied", durationMs: performance.now() - startMs };
    case "refused":
      return { state: "failed", reason: `${answer.code}: ${answer.reason}`, repaired: false };
    case "unknown":
      return { state: "unknown", reason: answer.reason };
  }
}

function send(kafka: Kafka, operation: TopicOperation): Promise<TopicOutcome> {
  const { topic } = operation;
  switch (operation.kind) {
    case "CreateTopic":
      return createTopic(kafka, topic);
    case "DropTopic":
      return deleteTopic(kafka, topic);
    case "AddTopicPartitions":
      return addPartitions(kafka, topic.name, operation.to);
    case "AlterTopicConfig":
      return alterConfigs(kafka, topic.name, operation);
    case "RemoveTopicPartitions":
    case "ChangeTopicReplication":
      throw new Error(`${operation.kind} cannot be executed, and should have been blocked`);
  }
}
