// The newest messages of topics, for a look at what they are. No consumer group is joined, and nothing is committed.

import { Consumer, FetchIsolationLevels } from "@platformatic/kafka";
import type { Kafka } from "./client.js";
import { partitionsOf, type TopicPartitions } from "./inspect.js";
import { securityOf } from "./login.js";
import { failed, KafkaProblem } from "./problem.js";

export interface SampleOptions {
  /** Of each topic, at most so many. */
  readonly messages: number;
}

export type Sampled =
  | { readonly values: readonly Buffer[] }
  /** It could not be read. */
  | { readonly reason: string };

/** Fetches of one topic; a compacted one may have less between two offsets than one thinks. */
const mostFetches = 20;
const topicsAtOnce = 4;
const largestBytes = 1024 * 1024;
/** Marks the ends of transactions, which are no messages. */
const controlBatch = 0x20;
const waitMs = 500;
const requestTimeoutMs = 15_000;

/**
 * The values of the newest messages by topic, those of each partition in their order. Of a topic that cannot be read it
 * says why. Throws a `KafkaProblem` when Kafka as a whole cannot be asked.
 */
export async function sampleMessages(
  kafka: Kafka,
  names: readonly string[],
  { messages }: SampleOptions,
): Promise<ReadonlyMap<string, Sampled>> {
  const topics = await partitionsOf(kafka, names);
  const consumer = new Consumer({
    // Named because the library asks for it; the group is never joined.
    groupId: "moose-sample",
    clientId: "moose",
    bootstrapBrokers: kafka.settings.brokers.map(({ host, port }) => ({ host, port })),
    autocommit: false,
    retries: 2,
    ...{ requestTimeout: requestTimeoutMs, timeout: requestTimeoutMs },
    ...securityOf(kafka.settings),
  });
  const found = new Map<string, Sampled>();
  const queue = [...topics];
  const worker = async (): Promise<void> => {
    for (let topic = queue.shift(); topic !== undefined; topic = queue.shift())
      found.set(topic.name, await sampleTopic(consumer, topic, messages));
  };
  try {
    await Promise.all(Array.from({ length: topicsAtOnce }, worker));
  } finally {
    await close(consumer);
  }
  return found;
}

/** What was read is not worth less where it does not end well. */
async function close(consumer: Consumer): Promise<void> {
  try {
    await consumer.close(true);
  } catch {}
}

interface Position {
  readonly partition: number;
  readonly leader: number;
  next: bigint;
  readonly end: bigint;
}

async function sampleTopic(consumer: Consumer, topic: TopicPartitions, most: number): Promise<Sampled> {
  const filled = topic.partitions.filter(({ oldest, newest }) => newest > oldest);
  const each = BigInt(Math.max(1, Math.ceil(most / Math.max(1, filled.length))));
  const positions = filled.map(({ partition, leader, oldest, newest }): Position => {
    const first = newest - each;
    return { partition, leader, next: first > oldest ? first : oldest, end: newest };
  });
  const values: Buffer[] = [];
  try {
    for (let fetches = 0; fetches < mostFetches && values.length < most; fetches++) {
      const [first] = positions.filter(({ next, end }) => next < end);
      if (first === undefined) break;
      const due = positions.filter(({ leader, next, end }) => leader === first.leader && next < end);
      const isMoved = await fetchOnce(consumer, topic.topicId, due, values);
      if (!isMoved) break;
    }
    return { values: values.slice(-most) };
  } catch (thrown) {
    const problem = thrown instanceof KafkaProblem ? thrown : failed(thrown);
    return { reason: `${problem.code}: ${problem.message}` };
  }
}

/** True when some partition is read further than before. */
async function fetchOnce(
  consumer: Consumer,
  topicId: string,
  due: readonly Position[],
  values: Buffer[],
): Promise<boolean> {
  const partitions = due.map(({ partition, next }) => ({
    ...{ partition, fetchOffset: next, currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
    partitionMaxBytes: largestBytes,
  }));
  const { responses } = await consumer.fetch({
    ...{ node: due[0]?.leader ?? -1, topics: [{ topicId, partitions }] },
    ...{ minBytes: 1, maxBytes: largestBytes * 8, maxWaitTime: waitMs },
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
  });
  let isMoved = false;
  for (const { partitionIndex, records: batches = [] } of responses.flatMap((one) => one.partitions)) {
    const position = due.find(({ partition }) => partition === partitionIndex);
    if (position === undefined) continue;
    const from = position.next;
    for (const { firstOffset, lastOffsetDelta, attributes, records } of batches) {
      const isOfKafka = (attributes & controlBatch) !== 0;
      for (const { offsetDelta, value } of records) {
        const offset = firstOffset + BigInt(offsetDelta);
        // A batch comes as a whole, also when only its end was asked for.
        if (isOfKafka || offset < from || value === null) continue;
        if (value.length > 0 && value.length <= largestBytes) values.push(value);
      }
      const end = firstOffset + BigInt(lastOffsetDelta) + 1n;
      if (end > position.next) position.next = end;
    }
    isMoved ||= position.next > from;
  }
  return isMoved;
}
