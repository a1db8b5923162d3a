// The status of an operation on a topic, in the shape that operations on tables have.

import type { JudgedTopicOperation } from "../policy/judge-topics.js";
import { decisionOf } from "./decision.js";
import type { OperationProgress, OperationStatus } from "./server-status.js";

/** Its own ids are those of tables too. */
export function topicOperationId({ operation: { id } }: JudgedTopicOperation): string {
  return `topic-${id}`;
}

export function topicOperationStatus(
  judged: JudgedTopicOperation,
  progress: OperationProgress = {},
): OperationStatus {
  const { kind, address, reason, cost, destructive, request, stake, topic } = judged.operation;
  return {
    ...{ id: topicOperationId(judged), kind, address, reason, cost, destructive, target: "kafka" },
    lifeCycle: topic.lifeCycle,
    verdict: decisionOf(judged),
    state: judged.verdict.decision === "blocked" ? "blocked" : "pending",
    ...{ progress: undefined, bytes: undefined, durationMs: undefined, error: undefined, undo: undefined },
    rows: stake?.messages,
    sql: [request],
    ...progress,
  };
}
