// The first half of the walk for topics: what the code wants against what Kafka has, as judged operations. Changes nothing.

import { diffTopics, unmanagedConfigs } from "../../../src/diff/diff-topics.js";
import { nameOfChange, type TopicChange } from "../../../src/diff/topic-change.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import type { Topic } from "../../../src/infra/topic.js";
import { planTopics } from "../../../src/plan/plan-topics.js";
import {
  type JudgedTopicOperation,
  judgeTopics,
  type TopicOwnership,
} from "../../../src/policy/judge-topics.js";
import type { StateRecords } from "../../clickhouse/state.js";
import type { Kafka } from "../../kafka/client.js";
import { type LiveTopic, topicEvidence } from "../../kafka/inspect.js";
import { managedTopics, topicsOf } from "./records.js";

export interface PlannedTopics {
  /** What exists of what is declared or moose's. */
  readonly actual: ReadonlyMap<string, Topic>;
  readonly changes: readonly TopicChange[];
  readonly judged: readonly JudgedTopicOperation[];
  readonly unmanaged: readonly string[];
  readonly unmanagedConfigs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface TopicScope {
  readonly state: StateRecords;
  readonly owned: TopicOwnership;
  readonly namespace: string;
}

export async function planLiveTopics(
  kafka: Kafka,
  live: readonly LiveTopic[],
  desired: InfraMap,
  { state, owned, namespace }: TopicScope,
): Promise<PlannedTopics> {
  const managed = managedTopics(state, live, desired, namespace);
  const actual = topicsOf(managed);
  const own = (name: string): ReadonlySet<string> => owned.get(name)?.configs ?? new Set();
  const changes = diffTopics(actual, desired.topics, own);
  const existing = changes.filter(({ kind }) => kind !== "TopicAdded").map(nameOfChange);
  const names = [...new Set(existing)];
  const evidence = names.length === 0 ? new Map() : await topicEvidence(kafka, names);
  const isManaged = new Set(managed);
  return {
    actual,
    changes,
    judged: judgeTopics(planTopics(changes, evidence), owned),
    unmanaged: live.filter((one) => !isManaged.has(one)).map(({ topic }) => topic.name),
    unmanagedConfigs: Object.fromEntries(unmanagedConfigs(actual, desired.topics, own)),
  };
}
