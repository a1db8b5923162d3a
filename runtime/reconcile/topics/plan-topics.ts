// The topics' half of moose plan and moose generate migration: code against Kafka, with nothing applied.

import type { InfraMap } from "../../../src/infra/inframap.js";
import type { Topic } from "../../../src/infra/topic.js";
import type { ApprovalPolicy } from "../../../src/policy/approval.js";
import { type TopicPlanReport, withoutKafka } from "../../../src/status/topics-report.js";
import type { StateRecords } from "../../clickhouse/state.js";
import { inspectTopics } from "../../kafka/inspect.js";
import { KafkaProblem } from "../../kafka/problem.js";
import { type KafkaAccess, noKafka } from "./access.js";
import { planLiveTopics } from "./planner.js";
import { plannedTopicOwnership, topicOwnership } from "./records.js";

export interface ProjectTopics {
  readonly report: TopicPlanReport;
  /** What exists of what is declared or moose's, under the lifecycles last applied; empty where Kafka was not read. */
  readonly actual: ReadonlyMap<string, Topic>;
}

export async function planProjectTopics(
  access: KafkaAccess,
  state: StateRecords,
  desired: InfraMap,
  approvals?: ApprovalPolicy,
): Promise<ProjectTopics> {
  const { kafka, namespace } = access;
  if (kafka === undefined) return { report: withoutKafka(noKafka(access)), actual: new Map() };
  try {
    const found = await inspectTopics(kafka);
    const owned = approvals
      ? topicOwnership(state, found.topics)
      : plannedTopicOwnership(state, found.topics, desired);
    const planned = await planLiveTopics(kafka, found, desired, { state, owned, namespace, approvals });
    const { judged: operations, unmanaged, unmanagedConfigs } = planned;
    const actual = new Map(
      [...planned.actual].map(([name, topic]): readonly [string, Topic] => [
        name,
        { ...topic, defaults: undefined, lifeCycle: owned.get(name)?.lifeCycle ?? topic.lifeCycle },
      ]),
    );
    const report = { kafka: { state: "reached" } as const, operations, unmanaged, unmanagedConfigs };
    return { report: { ...report, diagnostics: planned.diagnostics }, actual };
  } catch (error) {
    if (!(error instanceof KafkaProblem)) throw error;
    const report = withoutKafka({ state: "unreachable", reason: `${error.code}: ${error.message}` });
    return { report, actual: new Map() };
  }
}
