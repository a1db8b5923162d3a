// One round for the topics: reads Kafka, compares, decides, applies, and looks again. It waits for no table, and none for it.

import { diffTopics } from "../../../src/diff/diff-topics.js";
import { topicChangeKey } from "../../../src/diff/topic-change.js";
import { emptyInfraMap, type InfraMap } from "../../../src/infra/inframap.js";
import { topicAddress } from "../../../src/infra/topic.js";
import type { ApprovalPolicy } from "../../../src/policy/approval.js";
import type { JudgedTopicOperation } from "../../../src/policy/judge-topics.js";
import {
  type TopicOperationReport,
  type TopicsReport,
  withoutKafka,
} from "../../../src/status/topics-report.js";
import type { State } from "../../clickhouse/state.js";
import type { Kafka } from "../../kafka/client.js";
import { inspectTopics, type LiveTopics } from "../../kafka/inspect.js";
import { KafkaProblem } from "../../kafka/problem.js";
import type { SeenByRound } from "../dev-drift.js";
import { inBrokersForm } from "./desired-topics.js";
import { planLiveTopics } from "./planner.js";
import { adoptTopics, managedTopics, recordOf, recordTopics, topicOwnership, topicsOf } from "./records.js";
import { executeTopics } from "./work.js";

export interface TopicRoundOptions {
  /** Prefix of the names; empty for none. */
  readonly namespace: string;
  /** Existing topics to take over, as `topic:name`; other addresses are of tables. */
  readonly adopt: readonly string[];
  /** What people have said; without, nobody is asked. */
  readonly approvals?: ApprovalPolicy | undefined;
  /** Called when the round is applied and verified, before moose's own records are written. */
  readonly onReport?: ((report: TopicsReport, looks: TopicLooks | undefined) => void) | undefined;
}

/** What was seen before anything was done, and afterwards. */
export interface TopicLooks {
  readonly before: SeenByRound;
  readonly after: SeenByRound;
}

/** A Kafka that cannot be reached is a condition of the report; ClickHouse, where the records are, has to be there. */
export async function reconcileTopics(
  kafka: Kafka,
  state: State,
  desired: InfraMap,
  options: TopicRoundOptions,
): Promise<TopicsReport> {
  try {
    return await round(kafka, state, desired, options);
  } catch (error) {
    if (!(error instanceof KafkaProblem)) throw error;
    const report = withoutKafka({ state: "unreachable", reason: `${error.code}: ${error.message}` });
    options.onReport?.(report, undefined);
    return report;
  }
}

async function round(
  kafka: Kafka,
  state: State,
  desired: InfraMap,
  { namespace, adopt, approvals, onReport }: TopicRoundOptions,
): Promise<TopicsReport> {
  const found = await inspectTopics(kafka);
  const live = found.topics;
  await adoptTopics(state, live, desired, adopt, namespace);
  const scope = { state, owned: topicOwnership(state, live), namespace, approvals };
  const planned = await planLiveTopics(kafka, found, desired, scope);
  await claimTopics(state, planned.judged, namespace);
  const operations = await executeTopics(kafka, planned.judged);
  await releaseTopics(state, operations, namespace);
  const wasApplied = operations.some(({ outcome }) => outcome.state === "applied");
  const after = wasApplied ? await inspectTopics(kafka) : found;
  const report: TopicsReport = {
    kafka: { state: "reached" },
    operations,
    unconverged: wasApplied ? unconverged(state, after, desired, { operations, namespace }) : [],
    unmanaged: planned.unmanaged,
    unmanagedConfigs: planned.unmanagedConfigs,
    diagnostics: planned.diagnostics,
  };
  const seenAs = ({ topics, unreadable }: LiveTopics): SeenByRound => ({
    unreadable: new Set(unreadable.map(({ name }) => name)),
    live: { ...emptyInfraMap, topics: new Map(topics.map(({ topic }) => [topic.name, topic])) },
    managed: { ...emptyInfraMap, topics: planned.actual },
    wanted: { ...emptyInfraMap, topics: inBrokersForm(desired, found).topics },
  });
  onReport?.(report, { before: seenAs(found), after: seenAs(after) });
  await recordTopics(state, after.topics, desired.topics);
  return report;
}

/** Says before topics are made that they will be ours: a run that is killed on the way leaves none that nobody knows. */
async function claimTopics(
  state: State,
  judged: readonly JudgedTopicOperation[],
  namespace: string,
): Promise<void> {
  await state.put(
    judged.flatMap(({ operation: { kind, topic }, verdict }) => {
      if (kind !== "CreateTopic" || verdict.decision !== "apply") return [];
      const { name, lifeCycle, config } = topic;
      return [
        recordOf({ name, namespace, topicId: "", lifeCycle, configs: Object.keys(config), owned: true }),
      ];
    }),
  );
}

/** Topics that were deleted, or that could not be made, are ours no longer. */
async function releaseTopics(
  state: State,
  reports: readonly TopicOperationReport[],
  namespace: string,
): Promise<void> {
  await state.put(
    reports.flatMap(({ operation: { kind, topic }, outcome }) => {
      const isGone = kind === "DropTopic" && outcome.state === "applied";
      const wasNotMade = kind === "CreateTopic" && outcome.state === "failed";
      if (!isGone && !wasNotMade) return [];
      const topicId = state.get(topicAddress(topic.name))?.uuid ?? "";
      const { name, lifeCycle } = topic;
      return [recordOf({ name, namespace, topicId, lifeCycle, configs: [], owned: false })];
    }),
  );
}

interface Done {
  readonly operations: readonly TopicOperationReport[];
  readonly namespace: string;
}

/** What was applied must no longer differ. */
function unconverged(
  state: State,
  found: LiveTopics,
  declared: InfraMap,
  { operations, namespace }: Done,
): readonly string[] {
  const desired = inBrokersForm(declared, found);
  const owned = topicOwnership(state, found.topics);
  const managed = managedTopics(state, found.topics, desired, namespace);
  const actual = topicsOf(managed, found.brokerDefaults);
  const left = diffTopics(actual, desired.topics, (name) => owned.get(name)?.configs ?? new Set());
  const applied = operations.filter(({ outcome }) => outcome.state === "applied");
  const causes = new Set(left.map(topicChangeKey));
  const names = applied
    .filter(({ operation }) => causes.has(operation.cause))
    .map(({ operation }) => operation.topic.name);
  return [...new Set(names)];
}
