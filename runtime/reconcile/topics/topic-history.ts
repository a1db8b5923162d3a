// What a migration does to each topic, and how far it has come by what Kafka has now.

import { diffTopics } from "../../../src/diff/diff-topics.js";
import type { TopicChange } from "../../../src/diff/topic-change.js";
import { foldTopic, isTopicOperation, topicOf } from "../../../src/format/topic-operation.js";
import type { Topic } from "../../../src/infra/topic.js";
import { canonicalConfig } from "../../../src/infra/topic.js";
import type { MigrationSource } from "../migration.js";

/** One topic from the first operation on it to the last. */
export interface TopicHistory {
  readonly name: string;
  /** Places in the migration. */
  readonly operations: readonly number[];
  /** Before the first and after each; undefined while there is no topic. */
  readonly states: readonly (Topic | undefined)[];
  readonly counts: CountedConfigs;
}

/**
 * Which configs are compared that a file does not give a topic: all, or those of these names. Some brokers give configs
 * to each new topic, and those of others are no business of a chain.
 */
export type CountedConfigs = "all" | ReadonlySet<string>;

export type TopicHistories =
  | { readonly histories: readonly TopicHistory[]; readonly after: ReadonlyMap<string, Topic> }
  | { readonly problem: string; readonly index: number };

/** @param source - of a chain its own configs count, of a single plan all that a topic had when it was generated */
export function topicHistories({ before, operations }: MigrationSource, isOfChain: boolean): TopicHistories {
  const histories = new Map<string, { operations: number[]; states: (Topic | undefined)[] }>();
  let { topics } = before;
  for (const [index, operation] of operations.entries()) {
    if (!isTopicOperation(operation)) continue;
    const folded = foldTopic(topics, operation);
    if ("problem" in folded) return { problem: folded.problem, index };
    const name = topicOf(operation);
    const history = histories.get(name) ?? { operations: [], states: [topics.get(name)] };
    histories.set(name, history);
    topics = folded.topics;
    history.operations.push(index);
    history.states.push(topics.get(name));
  }
  return {
    histories: [...histories].map(([name, history]) => {
      const own = new Set(history.states.flatMap((state) => Object.keys(state?.config ?? {})));
      const counts = isOfChain || history.states[0] === undefined ? own : "all";
      return { name, ...history, counts };
    }),
    after: topics,
  };
}

/**
 * How many operations of a history are done; undefined where the topic is as at no moment of it.
 *
 * @param begun - how many were begun, by the journal: with two moments alike, it is the one next to this
 */
export function appliedOf(
  { states, counts }: TopicHistory,
  live: Topic | undefined,
  begun: number,
): number | undefined {
  const isAt = (index: number) => isAsFile(states[index], live, counts);
  const moments = states.map((_, index) => index).filter(isAt);
  return moments.sort((a, b) => Math.abs(a - begun) - Math.abs(b - begun) || b - a)[0];
}

/** Whether a topic is as a file has it. */
export function isAsFile(file: Topic | undefined, live: Topic | undefined, counts: CountedConfigs): boolean {
  if (file === undefined || live === undefined) return file === live;
  return differences(file, live, counts).length === 0;
}

/** What differs, in lines for people. */
export function differences(file: Topic, live: Topic, counts: CountedConfigs): readonly string[] {
  const lines: string[] = [];
  const note = (what: string, then: unknown, now: unknown) =>
    lines.push(`~ ${what}: ${then ?? "default"} -> ${now ?? "default"}`);
  if (file.partitions !== undefined && file.partitions !== live.partitions)
    note("partitions", file.partitions, live.partitions);
  if (file.replicationFactor !== undefined && file.replicationFactor !== live.replicationFactor)
    note("replicas", file.replicationFactor, live.replicationFactor);
  const more = Object.keys(live.config).filter((key) => counts === "all" || counts.has(key));
  const keys = new Set([...Object.keys(file.config), ...more]);
  for (const key of [...keys].sort()) {
    const [then, now] = [file.config[key], live.config[key]];
    const isSame = then !== undefined && now !== undefined && canonicalConfig(then) === canonicalConfig(now);
    if (!isSame && then !== now) note(key, then, now);
  }
  return lines;
}

/** What is to be done from one moment to the next. */
export function changesTo(before: Topic | undefined, after: Topic | undefined): readonly TopicChange[] {
  const mapOf = (topic: Topic | undefined) =>
    new Map(topic === undefined ? [] : [[topic.name, topic] as const]);
  const all = new Set([...Object.keys(before?.config ?? {}), ...Object.keys(after?.config ?? {})]);
  return diffTopics(mapOf(before), mapOf(after), () => all);
}

/** Whether a migration is about topics at all. */
export function hasTopics({ operations, before, desired }: MigrationSource): boolean {
  return operations.some(isTopicOperation) || before.topics.size > 0 || (desired?.topics.size ?? 0) > 0;
}
