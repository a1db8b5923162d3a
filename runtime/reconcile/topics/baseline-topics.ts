// moose migrate --baseline for topics: what Kafka has is held against what a chain leads to, and recorded as moose's.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { LifeCycle } from "../../../src/infra/lifecycle.js";
import type { Topic } from "../../../src/infra/topic.js";
import type { State } from "../../clickhouse/state.js";
import { inspectNamed, type LiveTopic } from "../../kafka/inspect.js";
import { KafkaProblem } from "../../kafka/problem.js";
import type { KafkaAccess } from "./access.js";
import { recordOf } from "./records.js";
import { drift } from "./topic-drift.js";
import { notConfigured, unreachable } from "./topic-problems.js";

export type TopicBaseline =
  | { readonly live: readonly LiveTopic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

/**
 * Refuses where a topic is not as the chain leads to, and where Kafka cannot be asked.
 *
 * @param topics - what the chain leads to; at least one
 */
export async function compareTopics(
  access: KafkaAccess,
  topics: ReadonlyMap<string, Topic>,
): Promise<TopicBaseline> {
  if (access.kafka === undefined) return { diagnostics: [notConfigured(access)] };
  try {
    const { topics: live } = await inspectNamed(access.kafka, [...topics.keys()]);
    const found = new Map(live.map(({ topic }) => [topic.name, topic] as const));
    const diagnostics = [...topics]
      .filter(([, { lifeCycle }]) => lifeCycle !== LifeCycle.EXTERNALLY_MANAGED)
      .flatMap(([name, file]) => drift(name, { file, live: found.get(name), counts: new Set() }));
    return diagnostics.length > 0 ? { diagnostics } : { live };
  } catch (error) {
    if (!(error instanceof KafkaProblem)) throw error;
    return { diagnostics: [unreachable(error)] };
  }
}

export async function recordBaseline(
  state: State,
  { namespace }: KafkaAccess,
  live: readonly LiveTopic[],
  topics: ReadonlyMap<string, Topic>,
): Promise<void> {
  const records = live.flatMap(({ topic: { name }, topicId }) => {
    const file = topics.get(name);
    if (file === undefined) return [];
    const { lifeCycle, config } = file;
    return [recordOf({ name, namespace, topicId, lifeCycle, configs: Object.keys(config), owned: true })];
  });
  await state.put(records);
}
