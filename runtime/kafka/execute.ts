// The four changes of a topic. Each is checked by the brokers first where they can do that without doing it, and ends
// when the brokers show its result.

import { setTimeout as sleep } from "node:timers/promises";
import { ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from "@platformatic/kafka";
import type { PartitionedTopic, Topic } from "../../src/infra/topic.js";
import type { Kafka } from "./client.js";
import { type ConfigKinds, shownConfig } from "./config-form.js";
import { inspectNamed, type LiveTopic } from "./inspect.js";
import { checkOnly, type PerformOptions, perform, type Seen, type TopicOutcome } from "./perform.js";
import { KafkaProblem, notSent } from "./problem.js";

/** How long the brokers may take for a change, in milliseconds; less than a request may take in all. */
const brokerTimeoutMs = 10_000;

/**
 * Makes a topic and waits until all its partitions have leaders. One of the name that exists already counts as made
 * when it has the same partitions, replication and configs.
 *
 * @example
 * const outcome = await createTopic(kafka, { name: "orders", partitions: 3, config: {}, .. });
 * if (outcome.state === "refused") report(outcome.reason);
 */
export function createTopic(kafka: Kafka, wanted: Topic, options?: PerformOptions): Promise<TopicOutcome> {
  const topic = withPartitions(wanted);
  let isOurs = false;
  return perform(
    {
      check: () => sendCreate(kafka, topic, true),
      send: async () => {
        await sendCreate(kafka, topic, false);
        isOurs = true;
      },
      look: async () => {
        const { live, kinds } = await describe(kafka, topic.name);
        if (live === undefined) return { kind: "not-yet", what: "no such topic" };
        const wanted = { ...topic, config: shownConfig(topic.config, kinds) };
        return isOurs ? hasLeaders(live) : judgeFound(wanted, live);
      },
      // A topic that is just being deleted is still in the way for a while.
      already: { TOPIC_ALREADY_EXISTS: "again" },
    },
    options,
  );
}

/** Whether the brokers would make the topic; nothing is made. */
export function checkCreateTopic(kafka: Kafka, topic: Topic): Promise<TopicOutcome> {
  return checkOnly(() => sendCreate(kafka, withPartitions(topic), true));
}

/** A topic that leaves it open has one. */
function withPartitions(topic: Topic): PartitionedTopic {
  return { ...topic, partitions: topic.partitions ?? 1 };
}

function sendCreate(kafka: Kafka, topic: PartitionedTopic, validateOnly: boolean): Promise<unknown> {
  const { name, partitions, replicationFactor, config } = topic;
  const request = {
    name,
    numPartitions: partitions,
    // -1 leaves it to the brokers.
    replicationFactor: replicationFactor ?? -1,
    assignments: [],
    configs: Object.entries(config).map(([key, value]) => ({ name: key, value })),
  };
  return kafka.change("CreateTopics", [request], brokerTimeoutMs, validateOnly);
}

/** Of a topic that was there, or that an unanswered request may have made. */
function judgeFound(wanted: PartitionedTopic, live: LiveTopic): Seen {
  const found = live.topic;
  const factor = wanted.replicationFactor;
  const differences = [
    ...(found.partitions === wanted.partitions ? [] : [`${found.partitions} partitions`]),
    ...(factor === undefined || factor === found.replicationFactor
      ? []
      : [`replication factor ${found.replicationFactor}`]),
    ...Object.entries(wanted.config).flatMap(([key, value]) =>
      found.config[key] === value ? [] : [`${key} ${found.config[key] ?? "unset"}`],
    ),
  ];
  if (differences.length > 0) {
    const reason = `A topic of that name exists already, with ${differences.join(", ")}.`;
    return { kind: "impossible", code: "TOPIC_ALREADY_EXISTS", reason };
  }
  return hasLeaders(live);
}

/** Which topic is meant: with the id that it had when it was read, no later topic of the name is deleted instead. */
export interface TopicToDelete {
  readonly name: string;
  readonly topicId?: string | undefined;
}

/** Deletes a topic and waits until it is gone. One that is not there counts as deleted. */
export function deleteTopic(
  kafka: Kafka,
  { name, topicId }: TopicToDelete,
  options?: PerformOptions,
): Promise<TopicOutcome> {
  let sentId = topicId;
  return perform(
    {
      send: async () => {
        const { live } = await describe(kafka, name).catch((thrown: unknown) => {
          throw notSent(thrown);
        });
        if (live === undefined) return;
        if (topicId !== undefined && topicId !== live.topicId) throw replaced(name);
        sentId = live.topicId;
        await kafka.change("DeleteTopics", [exactly(live)], brokerTimeoutMs);
      },
      look: () => judgeDeleted(kafka, name, sentId),
      already: { UNKNOWN_TOPIC_OR_PARTITION: "accepted", UNKNOWN_TOPIC_ID: "accepted" },
    },
    options,
  );
}

/** By its id, the name being null, the brokers delete exactly this topic and no later one of its name. */
function exactly({ topic, topicId }: LiveTopic): { name: string; topicId?: string } {
  return topicId === "" ? { name: topic.name } : { name: null as unknown as string, topicId };
}

function replaced(name: string): KafkaProblem {
  const reason = `The topic ${name} was deleted and made again since it was looked at.`;
  return new KafkaProblem("TOPIC_REPLACED", "refused", reason);
}

/** Of several brokers, each learns of it in its own time, so they are asked twice. */
async function judgeDeleted(kafka: Kafka, name: string, topicId: string | undefined): Promise<Seen> {
  const isThere = ({ live }: Described) =>
    live !== undefined && (topicId === undefined || live.topicId === topicId);
  const first = await describe(kafka, name);
  if (isThere(first)) return { kind: "not-yet", what: "it still" };
  if (first.brokers === 1) return { kind: "done" };
  await sleep(secondLookMs);
  return isThere(await describe(kafka, name)) ? { kind: "not-yet", what: "it still" } : { kind: "done" };
}

const secondLookMs = 500;

/** Gives a topic more partitions, `count` in all, and waits until all have leaders. Fewer are not possible. */
export function addPartitions(
  kafka: Kafka,
  name: string,
  count: number,
  options?: PerformOptions,
): Promise<TopicOutcome> {
  return perform(
    {
      check: () => sendPartitions(kafka, name, count, true),
      send: () => sendPartitions(kafka, name, count, false),
      look: async () => judgePartitions((await describe(kafka, name)).live, count),
      already: { INVALID_PARTITIONS: "refused" },
    },
    options,
  );
}

/** Whether the brokers would give the topic so many partitions. */
export function checkAddPartitions(kafka: Kafka, name: string, count: number): Promise<TopicOutcome> {
  return checkOnly(() => sendPartitions(kafka, name, count, true));
}

function sendPartitions(kafka: Kafka, name: string, count: number, validateOnly: boolean): Promise<unknown> {
  return kafka.change(
    "CreatePartitions",
    [{ name, count, assignments: null }],
    brokerTimeoutMs,
    validateOnly,
  );
}

function judgePartitions(live: LiveTopic | undefined, count: number): Seen {
  if (live === undefined) return { kind: "not-yet", what: "no such topic" };
  const { partitions } = live.topic;
  if (partitions > count) {
    const reason = `The topic has ${partitions} partitions, and Kafka cannot take any away.`;
    return { kind: "impossible", code: "INVALID_PARTITIONS", reason };
  }
  return partitions < count ? { kind: "not-yet", what: `${partitions} partitions` } : hasLeaders(live);
}

/** Configs of a topic to set, and those to take back to the brokers' defaults. All others stay as they are. */
export interface ConfigChange {
  readonly set: Readonly<Record<string, string>>;
  readonly reset: readonly string[];
}

/** Sets and resets configs of a topic in one request, of which either all or none takes effect. */
export function alterConfigs(
  kafka: Kafka,
  name: string,
  change: ConfigChange,
  options?: PerformOptions,
): Promise<TopicOutcome> {
  return perform(
    {
      check: () => sendConfigs(kafka, name, change, true),
      send: () => sendConfigs(kafka, name, change, false),
      look: async () => {
        const { live, kinds } = await describe(kafka, name);
        return judgeConfigs(live, { set: shownConfig(change.set, kinds), reset: change.reset });
      },
      already: {},
      trustsAnswer: true,
    },
    options,
  );
}

/** Whether the brokers would take the configs. */
export function checkAlterConfigs(kafka: Kafka, name: string, change: ConfigChange): Promise<TopicOutcome> {
  return checkOnly(() => sendConfigs(kafka, name, change, true));
}

/** Only ever incremental: the older request takes back all that it does not name. */
function sendConfigs(
  kafka: Kafka,
  resourceName: string,
  { set, reset }: ConfigChange,
  validateOnly: boolean,
): Promise<unknown> {
  const { SET, DELETE } = IncrementalAlterConfigOperationTypes;
  const configs = [
    ...Object.entries(set).map(([name, value]) => ({ name, configOperation: SET, value })),
    ...reset.map((name) => ({ name, configOperation: DELETE })),
  ];
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName, configs };
  return kafka.change("IncrementalAlterConfigs", [resource], validateOnly);
}

function judgeConfigs(live: LiveTopic | undefined, { set, reset }: ConfigChange): Seen {
  if (live === undefined) return { kind: "not-yet", what: "no such topic" };
  const { config } = live.topic;
  const open = [
    ...Object.entries(set).flatMap(([key, value]) =>
      config[key] === value ? [] : [`${key} ${config[key] ?? "unset"}`],
    ),
    ...reset.flatMap((key) => (config[key] === undefined ? [] : [`${key} ${config[key]}`])),
  ];
  return open.length === 0 ? { kind: "done" } : { kind: "not-yet", what: open.join(", ") };
}

function hasLeaders({ leaderless }: LiveTopic): Seen {
  return leaderless === 0
    ? { kind: "done" }
    : { kind: "not-yet", what: `${leaderless} partitions without a leader` };
}

interface Described {
  readonly live: LiveTopic | undefined;
  readonly brokers: number;
  readonly kinds: ConfigKinds;
}

async function describe(kafka: Kafka, name: string): Promise<Described> {
  const { topics, brokers, configKinds: kinds, unreadable } = await inspectNamed(kafka, [name]);
  const [hidden] = unreadable;
  if (hidden !== undefined) throw new KafkaProblem("TOPIC_AUTHORIZATION_FAILED", "refused", hidden.reason);
  return { live: topics[0], brokers, kinds };
}
