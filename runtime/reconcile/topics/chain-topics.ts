// The topics' half of a chain: what the code has beyond the topics that its files lead to. No Kafka is asked.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { diffTopics, type OwnConfigs } from "../../../src/diff/diff-topics.js";
import { type TopicChange, topicChangeKey } from "../../../src/diff/topic-change.js";
import type { TopicLifeCycle } from "../../../src/format/chain-lifecycles.js";
import { LifeCycle } from "../../../src/infra/lifecycle.js";
import type { Topic } from "../../../src/infra/topic.js";
import { planTopics } from "../../../src/plan/plan-topics.js";
import { type JudgedTopicOperation, judgeTopics } from "../../../src/policy/judge-topics.js";
import { type TopicPlanReport, withoutKafka } from "../../../src/status/topics-report.js";
import { type MigratedTopics, migratedTopics } from "./generate-topics.js";

type Topics = ReadonlyMap<string, Topic>;

export interface ChainTopics extends MigratedTopics {
  readonly report: TopicPlanReport;
  /** Changes that the lifecycles allow. */
  readonly changes: readonly TopicChange[];
  /** What Kafka cannot do. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything in a chain is moose's: what its files have set, it takes away. */
export function chainConfigs(state: Topics): OwnConfigs {
  return (name) => new Set(Object.keys(state.get(name)?.config ?? {}));
}

/**
 * @param state - what the files lead to
 * @param own - configs of the state that are moose's
 */
export function planChainTopics(state: Topics, code: Topics, own = chainConfigs(state)): ChainTopics {
  const changes = diffTopics(state, managedTopics(state, code), own);
  const owned = new Map(
    [...state].map(([name, { lifeCycle }]) => [name, { lifeCycle, configs: own(name) }] as const),
  );
  const judged = judgeTopics(planTopics(changes, new Map()), owned);
  const impossible = judged.filter(isImpossible);
  const report = { ...withoutKafka({ state: "reached" }), operations: judged.filter(isApplied) };
  const migrated = migratedTopics({ ...report, operations: judged.filter((one) => !isImpossible(one)) });
  const leftOut = new Set(migrated.blocked.map(({ operation }) => operation.cause));
  return {
    ...migrated,
    report,
    changes: changes.filter((change) => !leftOut.has(topicChangeKey(change))),
    diagnostics: impossible.flatMap(refusal),
  };
}

/** A topic that others manage, and that no file of the chain makes, is no business of it. */
function managedTopics(state: Topics, code: Topics): Topics {
  return new Map(
    [...code].filter(([name, topic]) => topic.lifeCycle !== LifeCycle.EXTERNALLY_MANAGED || state.has(name)),
  );
}

function isApplied({ verdict }: JudgedTopicOperation): boolean {
  return verdict.decision === "apply";
}

function isImpossible({ verdict }: JudgedTopicOperation): boolean {
  return verdict.decision === "blocked" && verdict.code === "not-possible";
}

function refusal({ operation, verdict }: JudgedTopicOperation): readonly Diagnostic[] {
  if (verdict.decision === "apply") return [];
  return [
    {
      code: "reconcile/chain-blocked",
      severity: "error",
      summary: `${operation.kind} of ${operation.address} is not possible: ${verdict.reason}`,
      place: operation.topic.place,
      hint: `to go on: ${verdict.unblock}`,
    },
  ];
}

/** Topics that are there after the operations, and that the code gives another lifecycle. */
export function changedTopicLifeCycles(after: Topics, code: Topics): readonly TopicLifeCycle[] {
  return [...after].flatMap(([topic, { lifeCycle }]) => {
    const said = code.get(topic)?.lifeCycle ?? lifeCycle;
    return said === lifeCycle ? [] : [{ topic, lifeCycle: said }];
  });
}

/** The difference in lines for people. */
export function topicChangeText(change: TopicChange): string {
  switch (change.kind) {
    case "TopicAdded":
      return "+ topic";
    case "TopicRemoved":
      return "- topic";
    case "TopicPartitionsChanged":
      return `~ partitions: ${change.from} -> ${change.to}`;
    case "TopicReplicationChanged":
      return `~ replicas: ${change.from} -> ${change.to}`;
    case "TopicConfigChanged": {
      const now = (key: string) => change.before.config[key] ?? "default";
      return [
        ...Object.entries(change.set).map(([key, value]) => `~ ${key}: ${now(key)} -> ${value}`),
        ...change.reset.map((key) => `~ ${key}: ${now(key)} -> default`),
      ].join("\n");
    }
  }
}
