// Reads the topics of a Kafka, and what is at stake in them, in a number of requests that does not grow with them.

import {
  ConfigResourceTypes,
  ConfigSources,
  ListOffsetTimestamps,
  protocolErrorsCodesById,
} from "@platformatic/kafka";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { PartitionedTopic } from "../../src/infra/topic.js";
import type { Kafka } from "./client.js";
import type { ConfigKinds } from "./config-form.js";
import { answered, KafkaProblem } from "./problem.js";
import type { AnswerOf } from "./requests.js";

/** A topic as the brokers have it. */
export interface LiveTopic {
  /** Kafka knows no life cycle; it says FULLY_MANAGED. */
  readonly topic: PartitionedTopic;
  /** Changes when a topic is deleted and made again. Empty where the brokers know no ids. */
  readonly topicId: string;
  /** Partitions that have no leader at the moment, and so can neither be written nor read. */
  readonly leaderless: number;
}

export interface LiveTopics {
  /** How many brokers the cluster has at the moment. */
  readonly brokers: number;
  /** In order of their names; Kafka's own, `__*`, are not among them. */
  readonly topics: readonly LiveTopic[];
  /** What is in force for configs that a topic does not set itself, as far as some topic leaves them unset. */
  readonly brokerDefaults: Readonly<Record<string, string>>;
  /** For {@link shownConfig}; of the configs that were read. */
  readonly configKinds: ConfigKinds;
  /** Topics whose configs the user may not read, with the reason; they are not among `topics`. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
}

type MetadataTopic = AnswerOf<"Metadata">["topics"][number];
type ConfigsOfTopic = AnswerOf<"DescribeConfigs">["results"][number];

/** All topics with partitions, replication, ids and configs, in two requests. Throws a `KafkaProblem`. */
export async function inspectTopics(kafka: Kafka): Promise<LiveTopics> {
  return describeTopics(kafka, null);
}

/** Like {@link inspectTopics}, of the named topics alone; those that do not exist are left out. */
export async function inspectNamed(kafka: Kafka, names: readonly string[]): Promise<LiveTopics> {
  return describeTopics(kafka, names);
}

async function describeTopics(kafka: Kafka, names: readonly string[] | null): Promise<LiveTopics> {
  const metadata = await kafka.ask("Metadata", names === null ? null : [...names], false, false);
  const seen = metadata.topics.filter(isOurs);
  const configs = await configsOf(
    kafka,
    seen.flatMap(({ name }) => name ?? []),
  );
  const topics: LiveTopic[] = [];
  const unreadable: { name: string; reason: string }[] = [];
  const brokerDefaults: Record<string, string> = {};
  const configKinds = new Map<string, number>();
  for (const topic of seen) {
    const name = topic.name ?? "";
    const found = configs.get(name);
    // A topic that was deleted between the two requests.
    if (found === undefined || nameOf(found.errorCode) === "UNKNOWN_TOPIC_OR_PARTITION") continue;
    if (found.errorCode !== 0) {
      unreadable.push({ name, reason: answered(nameOf(found.errorCode), found.errorMessage).message });
      continue;
    }
    topics.push(liveTopic(name, topic, found));
    for (const { name: key, value, configSource, configType } of found.configs) {
      configKinds.set(key, configType);
      if (configSource !== ConfigSources.TOPIC_CONFIG && typeof value === "string")
        brokerDefaults[key] = value;
    }
  }
  topics.sort((a, b) => (a.topic.name < b.topic.name ? -1 : 1));
  return { brokers: metadata.brokers.length, topics, brokerDefaults, configKinds, unreadable };
}

function isOurs({ name, isInternal, errorCode }: MetadataTopic): boolean {
  const isThere = errorCode === 0 || nameOf(errorCode) === "LEADER_NOT_AVAILABLE";
  return name != null && !isInternal && !name.startsWith("__") && isThere;
}

function nameOf(errorCode: number): string {
  return protocolErrorsCodesById[errorCode] ?? `ERROR_${errorCode}`;
}

async function configsOf(
  kafka: Kafka,
  names: readonly string[],
): Promise<ReadonlyMap<string, ConfigsOfTopic>> {
  if (names.length === 0) return new Map();
  const resources = names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName }));
  const { results } = await kafka.ask("DescribeConfigs", resources, false, false);
  return new Map(results.map((result) => [result.resourceName, result]));
}

function liveTopic(
  name: string,
  { topicId, partitions }: MetadataTopic,
  { configs }: ConfigsOfTopic,
): LiveTopic {
  const own = configs.filter(({ configSource }) => configSource === ConfigSources.TOPIC_CONFIG);
  return {
    topic: {
      name,
      partitions: partitions.length,
      replicationFactor: partitions[0]?.replicaNodes.length,
      config: Object.fromEntries(
        own.map(({ name: key, value }) => [key, value ?? ""] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
      lifeCycle: LifeCycle.FULLY_MANAGED,
    },
    topicId: /^[0-]*$/.test(topicId ?? "") ? "" : topicId,
    leaderless: partitions.filter(({ leaderId }) => leaderId < 0).length,
  };
}

/** What would be lost with a topic, and who would miss it. */
export interface TopicEvidence {
  readonly name: string;
  /** Between the oldest and the newest offset; compaction and transactions make it less. */
  readonly messages: number;
  /** Consumer groups that have committed offsets on it; undefined where the user may not see groups. */
  readonly groups: readonly GroupEvidence[] | undefined;
}

export interface GroupEvidence {
  readonly id: string;
  /** As Kafka says it: `STABLE` with members, `EMPTY` without. */
  readonly state: string;
  /** Messages that it has not read yet. */
  readonly lag: number;
}

/**
 * Messages and consumer groups of the named topics, in a number of requests that grows with the brokers alone. Topics
 * that do not exist are left out. Throws a `KafkaProblem`.
 */
export async function topicEvidence(
  kafka: Kafka,
  names: readonly string[],
): Promise<readonly TopicEvidence[]> {
  if (names.length === 0) return [];
  const metadata = await kafka.ask("Metadata", [...names], false, false);
  const wanted = metadata.topics.filter(isOurs).map(({ name, partitions }) => ({
    name: name ?? "",
    partitions: partitions
      .filter(({ leaderId }) => leaderId >= 0)
      .map(({ partitionIndex }) => partitionIndex),
  }));
  const [oldest, newest, groups] = await Promise.all([
    offsetsAt(kafka, wanted, ListOffsetTimestamps.EARLIEST),
    offsetsAt(kafka, wanted, ListOffsetTimestamps.LATEST),
    committedOffsets(kafka),
  ]);
  return wanted.map(({ name }) => {
    const ends = newest.get(name) ?? new Map<number, bigint>();
    const starts = oldest.get(name);
    const messages = sum([...ends].map(([partition, end]) => end - (starts?.get(partition) ?? end)));
    return { name, messages, groups: groups?.flatMap((group) => groupOn(name, group, ends, starts)) };
  });
}

/** What a partition holds: from the offset `start`, up to but without `end`. */
export interface PartitionRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/**
 * What can be read of a topic; a partition without a leader has no range at the moment. Undefined where there is no
 * such topic, or the user may not see it. Throws a `KafkaProblem`.
 */
export async function topicRanges(
  kafka: Kafka,
  name: string,
): Promise<{ readonly partitions: number; readonly ranges: readonly PartitionRange[] } | undefined> {
  const metadata = await kafka.ask("Metadata", [name], false, false);
  const topic = metadata.topics.find(isOurs);
  if (topic === undefined) return undefined;
  const { partitions } = topic;
  const led = partitions.filter(({ leaderId }) => leaderId >= 0).map(({ partitionIndex }) => partitionIndex);
  const wanted = [{ name, partitions: led }];
  const [oldest, newest] = await Promise.all([
    offsetsAt(kafka, wanted, ListOffsetTimestamps.EARLIEST),
    offsetsAt(kafka, wanted, ListOffsetTimestamps.LATEST),
  ]);
  const ranges = led.map((partition) => {
    const end = newest.get(name)?.get(partition) ?? 0n;
    const start = oldest.get(name)?.get(partition) ?? end;
    return { partition, start: Number(start), end: Number(end) };
  });
  return { partitions: partitions.length, ranges };
}

type Offsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

interface Partitions {
  readonly name: string;
  readonly partitions: readonly number[];
}

async function offsetsAt(kafka: Kafka, wanted: readonly Partitions[], timestamp: bigint): Promise<Offsets> {
  const topics = wanted
    .filter(({ partitions }) => partitions.length > 0)
    .map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })),
    }));
  if (topics.length === 0) return new Map();
  const listed = await kafka.question((admin) => {
    // The library would check against partitions that it has read long ago.
    admin.clearMetadata();
    return admin.listOffsets({ topics });
  });
  return new Map(
    listed.map(({ name, partitions }) => [
      name,
      new Map(partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset])),
    ]),
  );
}

interface Committed {
  readonly id: string;
  readonly state: string;
  readonly offsets: Offsets;
}

/** Of all groups; undefined where the user may not see them. */
async function committedOffsets(kafka: Kafka): Promise<readonly Committed[] | undefined> {
  try {
    const states = await kafka.question((admin) => admin.listGroups({ types: ["classic", "consumer"] }));
    const ids = [...states.keys()];
    if (ids.length === 0) return [];
    const groups = await kafka.question((admin) => admin.listConsumerGroupOffsets({ groups: ids }));
    return groups.map(({ groupId, topics }) => ({
      id: groupId,
      state: states.get(groupId)?.state ?? "UNKNOWN",
      offsets: new Map(
        topics.map(({ name, partitions }) => [
          name,
          new Map(partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset])),
        ]),
      ),
    }));
  } catch (thrown) {
    if (thrown instanceof KafkaProblem && thrown.code.endsWith("AUTHORIZATION_FAILED")) return undefined;
    throw thrown;
  }
}

function groupOn(
  name: string,
  { id, state, offsets }: Committed,
  ends: ReadonlyMap<number, bigint>,
  starts: ReadonlyMap<number, bigint> | undefined,
): readonly GroupEvidence[] {
  // An offset below 0 stands for a partition on which nothing was committed.
  const committed = new Map([...(offsets.get(name) ?? [])].filter(([, offset]) => offset >= 0n));
  if (committed.size === 0) return [];
  const left = [...ends].map(([partition, end]) => {
    const next = committed.get(partition) ?? starts?.get(partition) ?? end;
    return next < end ? end - next : 0n;
  });
  return [{ id, state, lag: sum(left) }];
}

function sum(numbers: readonly bigint[]): number {
  return Number(numbers.reduce((total, one) => total + one, 0n));
}
