// Reads the last messages of a topic. Nothing of it is seen by consumer groups: none is joined, no offset is committed.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaSettings } from "../../config/kafka-settings.js";
import type { PartitionRange } from "../inspect.js";
import { KafkaProblem } from "../problem.js";
import type { NativeClient, NativeConsumer, NativeError, NativeMessage } from "./native-client.js";
import { propertiesOf } from "./properties.js";

export interface ReadLastOptions {
  /** How many messages over all partitions. */
  readonly limit: number;
  /** Longest time for all of it, in milliseconds. Default 15,000. */
  readonly deadlineMs?: number;
}

export interface LastMessages {
  /** The oldest first; those of one partition in their order, those of several by their times. */
  readonly messages: readonly NativeMessage[];
  /** Partitions that could not be read to their end in time, with what the client said last. */
  readonly unread: readonly number[];
  readonly reason: string | undefined;
}

const defaultDeadlineMs = 15_000;
const greatestBatch = 1_000;
/** How long the client may collect messages before it gives them. */
const batchMs = 200;
/** Offsets without a message (compaction, transactions) make a window too small: the next is so many times as large. */
const widening = 8;
const closeMs = 3_000;

/**
 * Throws a `KafkaProblem` where the brokers refuse the connection or the reading.
 *
 * @param ranges - what is in the topic; what is written later is not read
 */
export async function readLast(
  client: NativeClient,
  settings: KafkaSettings,
  topic: string,
  ranges: readonly PartitionRange[],
  { limit, deadlineMs = defaultDeadlineMs }: ReadLastOptions,
): Promise<LastMessages> {
  const filled = ranges.filter(({ start, end }) => end > start);
  if (limit === 0 || filled.length === 0) return { messages: [], unread: [], reason: undefined };
  const reader = new Reader(client, settings, topic, performance.now() + deadlineMs);
  try {
    await reader.connect();
    const windows = filled.map((range) => new Window(range, limit));
    while (windows.some((window) => window.isOpen)) {
      await reader.read(windows.filter((window) => window.isOpen));
      if (reader.isLate) break;
      for (const window of windows) window.widenIfNeeded();
    }
    const unread = windows.filter(({ isOpen }) => isOpen).map(({ range }) => range.partition);
    const messages = lastOf(
      windows.map((window) => window.messages),
      limit,
    );
    return { messages, unread, reason: reader.complaint };
  } finally {
    await reader.close();
  }
}

/** The end of a partition, as far back as is needed for its last messages. */
class Window {
  readonly range: PartitionRange;
  readonly #limit: number;
  #size: number;
  #start: number;
  messages: NativeMessage[] = [];
  /** Not yet read to its end. */
  isOpen = true;

  constructor(range: PartitionRange, limit: number) {
    this.range = range;
    this.#limit = limit;
    this.#size = limit;
    this.#start = Math.max(range.start, range.end - limit);
  }

  /** Where the reading begins. */
  get start(): number {
    return this.#start;
  }

  add(message: NativeMessage): void {
    if (message.offset < this.range.end) this.messages.push(message);
    if (this.messages.length > this.#limit) this.messages.shift();
    if (message.offset >= this.range.end - 1) this.isOpen = false;
  }

  widenIfNeeded(): void {
    if (this.isOpen || this.messages.length >= this.#limit || this.#start === this.range.start) return;
    this.#size *= widening;
    this.#start = Math.max(this.range.start, this.range.end - this.#size);
    this.messages = [];
    this.isOpen = true;
  }
}

class Reader {
  readonly #consumer: NativeConsumer;
  readonly #topic: string;
  readonly #endMs: number;
  #windows: ReadonlyMap<number, Window> = new Map();
  /** What the client said last of a broker that it cannot speak with. */
  complaint: string | undefined;
  /** Rejects when no more trying will help. */
  readonly #hopeless: Promise<never>;

  constructor(client: NativeClient, settings: KafkaSettings, topic: string, endMs: number) {
    this.#topic = topic;
    this.#endMs = endMs;
    this.#consumer = new client.KafkaConsumer(
      {
        ...propertiesOf(settings),
        // The client insists on a group; it is joined by subscribing only, which is not done here.
        "group.id": `moose-peek-${randomUUID()}`,
        "enable.auto.commit": false,
        "enable.auto.offset.store": false,
        "enable.partition.eof": true,
        "allow.auto.create.topics": false,
      },
      { "auto.offset.reset": "earliest" },
    );
    this.#consumer.on("partition.eof", ({ partition }) => {
      const window = this.#windows.get(partition);
      if (window !== undefined) window.isOpen = false;
    });
    this.#hopeless = new Promise((_, reject) => {
      const complain = (text: string): void => {
        this.complaint = text;
        const problem = refusalIn(text);
        if (problem !== undefined) reject(problem);
      };
      this.#consumer.on("event.log", ({ fac, message }) => {
        if (fac === "FAIL") complain(message.replace(/^(\[\S+\]: )?\S+: /, ""));
      });
      this.#consumer.on("error", ({ message }) => complain(message));
    });
    this.#hopeless.catch(() => undefined);
    // Without a listener it would end the process.
    this.#consumer.on("event.error", () => undefined);
    this.#consumer.setDefaultConsumeTimeout(batchMs);
  }

  get isLate(): boolean {
    return performance.now() >= this.#endMs;
  }

  connect(): Promise<void> {
    const timeout = Math.max(1, Math.round(this.#endMs - performance.now()));
    const connected = new Promise<void>((resolve, reject) => {
      this.#consumer.connect({ topic: this.#topic, timeout }, (error) => {
        if (error) reject(this.#problem(error));
        else resolve();
      });
    });
    return Promise.race([connected, this.#hopeless]);
  }

  /** Reads each window from its start until all are at their end, or the time is over. */
  async read(windows: readonly Window[]): Promise<void> {
    this.#windows = new Map(windows.map((window) => [window.range.partition, window]));
    this.#consumer.assign(
      windows.map(({ range: { partition }, start }) => ({ topic: this.#topic, partition, offset: start })),
    );
    while (windows.some(({ isOpen }) => isOpen) && !this.isLate)
      for (const message of await this.#batch()) this.#windows.get(message.partition)?.add(message);
    this.#consumer.unassign();
  }

  /** The client needs some seconds to take leave of brokers that do not answer; nobody has to wait for that. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#consumer.disconnect(resolve));
    await Promise.race([closed, sleep(closeMs, undefined, { ref: false })]);
  }

  #batch(): Promise<readonly NativeMessage[]> {
    return new Promise((resolve, reject) => {
      this.#consumer.consume(greatestBatch, (error, messages) => {
        if (error) reject(this.#problem(error));
        else resolve(messages);
      });
    });
  }

  /** What a broker said before is nearer to the cause than that the time is over. */
  #problem(error: NativeError): KafkaProblem {
    const text = this.complaint ?? error.message;
    return new KafkaProblem(codes.get(error.code) ?? "CLIENT", "unknown", text, { cause: error });
  }
}

/** Of the client's own errors, those that users meet. */
const codes: ReadonlyMap<number, string> = new Map([
  ...([-195, -193, -187] as const).map((code) => [code, "UNREACHABLE"] as const),
  [-185, "TIMED_OUT"],
  [29, "TOPIC_AUTHORIZATION_FAILED"],
]);

/** The client tries on for ever where a login or a certificate is refused. */
function refusalIn(complaint: string): KafkaProblem | undefined {
  const code = /SASL|token/i.test(complaint)
    ? "AUTHENTICATION_FAILED"
    : /SSL|certificate/i.test(complaint)
      ? "TLS_FAILED"
      : undefined;
  return code && new KafkaProblem(code, "refused", complaint);
}

/** The newest messages of all, taken from the ends of the partitions so that the order within each stays. */
function lastOf(partitions: readonly (readonly NativeMessage[])[], limit: number): readonly NativeMessage[] {
  const left = partitions.map((messages) => [...messages]);
  const last: NativeMessage[] = [];
  while (last.length < limit) {
    const newest = left
      .filter((messages) => messages.length > 0)
      .reduce<NativeMessage[] | undefined>(
        (best, one) => (best === undefined || timeOf(one.at(-1)) > timeOf(best.at(-1)) ? one : best),
        undefined,
      );
    const message = newest?.pop();
    if (message === undefined) break;
    last.push(message);
  }
  return last.reverse();
}

function timeOf(message: NativeMessage | undefined): number {
  return message?.timestamp ?? 0;
}
