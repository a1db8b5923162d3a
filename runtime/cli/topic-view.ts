// Topics for people and for machines: operations with reasons, messages at stake, verdicts, and how Kafka is.

import type { Colors } from "picocolors/types.js";
import type { JudgedTopicOperation } from "../../src/policy/judge-topics.js";
import { stakeText, topicOperationText } from "../../src/status/topic-text.js";
import type {
  KafkaCondition,
  TopicOperationReport,
  TopicPlanReport,
  TopicsReport,
} from "../../src/status/topics-report.js";

/** An operation in a sentence, `DropTopic events`. */
export function topicOperationName({ operation }: JudgedTopicOperation): string {
  return `${operation.kind} ${operation.topic.name}`;
}

export function topicPlanLines(
  report: TopicPlanReport,
  colors: Colors,
  { showSql }: { readonly showSql: boolean },
): readonly string[] {
  return [
    ...report.operations.flatMap((judged) => [
      ...operationLines(judged, colors),
      ...blockedLines(judged, colors),
      ...(showSql && judged.operation.request !== "" ? [colors.dim(`    ${judged.operation.request}`)] : []),
    ]),
    ...conditionLines(report.kafka, colors),
    ...unmanagedLines(report, colors),
    ...report.diagnostics.map(({ summary }) => colors.yellow(`? ${summary}`)),
    ...report.unmanaged.map((name) => colors.dim(`  topic ${name} is not managed`)),
  ];
}

/** Of a round: what was done, and what was not and why. */
export function topicRoundLines(report: TopicsReport, colors: Colors): readonly string[] {
  return [
    ...report.operations.flatMap((one) => [
      ...operationLines(one, colors),
      ...blockedLines(one, colors),
      ...outcomeLines(one, colors),
    ]),
    ...conditionLines(report.kafka, colors),
    ...unmanagedLines(report, colors),
    ...report.diagnostics.map(({ summary }) => colors.yellow(`? ${summary}`)),
    ...report.unconverged.map((name) =>
      colors.red(
        `! topic ${name} still differs after everything was applied; please report this as a fault of moose`,
      ),
    ),
  ];
}

function operationLines({ operation }: JudgedTopicOperation, colors: Colors): readonly string[] {
  const text = topicOperationText(operation);
  const colour = text.startsWith("+") ? colors.green : text.startsWith("-") ? colors.red : colors.yellow;
  const loss = operation.destructive ? [colors.red("destroys messages")] : [];
  const stake = operation.stake === undefined ? [] : [stakeText(operation.stake)];
  return [
    colour(text),
    colors.dim(`    ${[operation.reason, ...loss, ...stake].join(", ")}`),
    ...operation.warnings.map((warning) => colors.yellow(`    ${warning}`)),
  ];
}

function blockedLines({ verdict }: JudgedTopicOperation, colors: Colors): readonly string[] {
  if (verdict.decision !== "blocked") return [];
  return [colors.red(`    blocked: ${verdict.reason}`), colors.dim(`    to go on: ${verdict.unblock}`)];
}

function outcomeLines({ outcome }: TopicOperationReport, colors: Colors): readonly string[] {
  if (outcome.state === "failed") return [colors.red(`    failed: ${outcome.reason}`)];
  return outcome.state === "unknown" ? [colors.red(`    nobody knows yet: ${outcome.reason}`)] : [];
}

function conditionLines(kafka: KafkaCondition, colors: Colors): readonly string[] {
  switch (kafka.state) {
    case "reached":
      return [];
    case "not-configured":
      return [
        colors.yellow("? nothing says where the Kafka of the streams is: topics were not compared"),
        colors.dim(`    ${kafka.hint}`),
      ];
    case "unreachable":
      return [colors.yellow(`? Kafka cannot be reached (${kafka.reason}): topics were not compared`)];
  }
}

function unmanagedLines(
  { unmanagedConfigs }: Pick<TopicPlanReport, "unmanagedConfigs">,
  colors: Colors,
): readonly string[] {
  return Object.entries(unmanagedConfigs).map(([name, configs]) => {
    const list = Object.entries(configs).map(([key, value]) => `${key} ${value}`);
    return colors.dim(`  topic ${name} has configs of others, left alone: ${list.join(", ")}`);
  });
}

/** Without the whole topics that operations carry. */
export function topicReportJson(report: TopicPlanReport | TopicsReport): unknown {
  return { ...report, operations: report.operations.map(operationJson) };
}

function operationJson(one: JudgedTopicOperation | TopicOperationReport): unknown {
  const { id, kind, address, cause, reason, cost, destructive, stake, warnings, request } = one.operation;
  const outcome = "outcome" in one ? { outcome: one.outcome } : {};
  const about = { id, kind, address, cause, reason, cost, destructive, stake, warnings, request };
  return { ...about, verdict: one.verdict, ...outcome };
}
