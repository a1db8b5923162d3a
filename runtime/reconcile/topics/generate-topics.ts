// The operations on topics of a migration that is generated, with what a reviewer has to know of them.

import {
  type TopicMigrationOperation,
  topicMigrationOperations,
} from "../../../src/format/topic-operation.js";
import type { JudgedTopicOperation } from "../../../src/policy/judge-topics.js";
import { stakeText } from "../../../src/status/topic-text.js";
import type { TopicPlanReport } from "../../../src/status/topics-report.js";

export interface MigratedTopics {
  readonly operations: readonly TopicMigrationOperation[];
  /** Put above operations, by their place among these. */
  readonly comments: ReadonlyMap<number, string>;
  readonly blocked: readonly JudgedTopicOperation[];
  readonly destructive: readonly JudgedTopicOperation[];
  /** False where Kafka could not be asked: the files then say nothing of topics. */
  readonly areRead: boolean;
}

export function migratedTopics(report: TopicPlanReport | undefined): MigratedTopics {
  const judged = report?.operations ?? [];
  const isApplied = ({ verdict }: JudgedTopicOperation) => verdict.decision === "apply";
  const applied = judged.filter(isApplied);
  return {
    operations: topicMigrationOperations(applied.map(({ operation }) => operation)),
    comments: new Map(applied.flatMap((one, index) => comment(one).map((text) => [index, text] as const))),
    blocked: judged.filter((one) => !isApplied(one)),
    destructive: applied.filter(({ operation }) => operation.destructive),
    areRead: report === undefined || report.kafka.state === "reached",
  };
}

function comment({ operation: { destructive, stake, warnings } }: JudgedTopicOperation): readonly string[] {
  const loss = `This destroys messages, or can${stake === undefined ? "" : `: ${stakeText(stake)}`}.`;
  const lines = [...(destructive ? [loss] : []), ...warnings.map((text) => `${text}.`)];
  return lines.length === 0 ? [] : [lines.join(" ")];
}
