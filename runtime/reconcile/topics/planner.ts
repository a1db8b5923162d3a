// The first half of the walk for topics: what the code wants against what Kafka has, as judged operations. Changes nothing.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { diffTopics, unmanagedConfigs } from "../../../src/diff/diff-topics.js";
import { nameOfChange, type TopicChange } from "../../../src/diff/topic-change.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import type { Topic } from "../../../src/infra/topic.js";
import { planTopics } from "../../../src/plan/plan-topics.js";
import type { TopicEvidence } from "../../../src/plan/topic-operation.js";
import type { ApprovalPolicy } from "../../../src/policy/approval.js";
import {
  type JudgedTopicOperation,
  judgeTopics,
  type TopicOwnership,
} from "../../../src/policy/judge-topics.js";
import type { StateRecords } from "../../clickhouse/state.js";
import { autoCreatesTopics } from "../../kafka/auto-create.js";
import type { Kafka } from "../../kafka/client.js";
import { type LiveTopics, topicEvidence } from "../../kafka/inspect.js";
import { KafkaProblem } from "../../kafka/problem.js";
import { inBrokersForm } from "./desired-topics.js";
import { managedTopics, topicsOf, unreadableProblems } from "./records.js";

export interface PlannedTopics {
  /** What exists of what is declared or moose's. */
  readonly actual: ReadonlyMap<string, Topic>;
  readonly changes: readonly TopicChange[];
  readonly judged: readonly JudgedTopicOperation[];
  readonly unmanaged: readonly string[];
  readonly unmanagedConfigs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface TopicScope {
  readonly state: StateRecords;
  readonly owned: TopicOwnership;
  readonly namespace: string;
  /** What people have said; without, nobody is asked. */
  readonly approvals?: ApprovalPolicy | undefined;
}

export async function planLiveTopics(
  kafka: Kafka,
  found: LiveTopics,
  declared: InfraMap,
  { state, owned, namespace, approvals }: TopicScope,
): Promise<PlannedTopics> {
  const desired = inBrokersForm(declared, found);
  const { topics: live, brokerDefaults } = found;
  const managed = managedTopics(state, live, desired, namespace);
  const actual = topicsOf(managed, brokerDefaults);
  const own = (name: string): ReadonlySet<string> => owned.get(name)?.configs ?? new Set();
  const changes = diffTopics(actual, desired.topics, own);
  const existing = changes.filter(({ kind }) => kind !== "TopicAdded").map(nameOfChange);
  const evidence = await evidenceOf(kafka, [...new Set(existing)]);
  const autoCreates = declared.topics.size > 0 && (await autoCreatesTopics(kafka)) === true;
  const isManaged = new Set(managed);
  return {
    actual,
    changes,
    judged: judgeTopics(planTopics(changes, evidence), owned, approvals),
    unmanaged: live.filter((one) => !isManaged.has(one)).map(({ topic }) => topic.name),
    unmanagedConfigs: Object.fromEntries(unmanagedConfigs(actual, desired.topics, own)),
    diagnostics: [...unreadableProblems(declared, found), ...(autoCreates ? [autoCreated] : [])],
  };
}

const autoCreated: Diagnostic = {
  code: "reconcile/auto-created-topics",
  severity: "warning",
  summary:
    "the brokers make each topic that somebody asks for (auto.create.topics.enable): one that is deleted comes back with defaults as soon as a client names it",
  hint: "set auto.create.topics.enable=false on the brokers",
};

async function evidenceOf(kafka: Kafka, names: readonly string[]): Promise<TopicEvidence> {
  const found = await topicEvidence(kafka, names).catch((error: unknown) => {
    // What is at stake is not known then; what is to be done is.
    if (error instanceof KafkaProblem) return [];
    throw error;
  });
  return new Map(
    found.map(({ name, messages, groups }) => {
      const readers = groups?.map(({ id, lag }) => ({ group: id, lag }));
      return [name, { messages, readers }] as const;
    }),
  );
}
