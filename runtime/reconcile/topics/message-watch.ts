// Counts the messages of the streams while a server runs, and tells what has changed. Nothing waits for it.

import type { StreamMessages } from "../../../src/status/stream-messages.js";
import type { Kafka } from "../../kafka/client.js";
import type { TopicEvidence } from "../../kafka/inspect.js";
import { failed } from "../../kafka/problem.js";

/** What was counted last. */
export interface MessageCounts {
  /** By name of the topic; of what has not changed the same object as before. Empty while there is a problem. */
  readonly streams: ReadonlyMap<string, TopicEvidence>;
  /** Why nothing can be counted; `code` is Kafka's own name for it, or one of ours. */
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}

export interface MessageWatchOptions {
  /** From one count to the next, in milliseconds, where a count takes little time. */
  readonly pollMs: number;
  /** Called when something has changed, and when it cannot be counted any more. */
  readonly onCounts: (counts: MessageCounts) => void;
}

/** A count that takes long is seldom done, so that the brokers spend little of their time on it. */
const greatestShare = 0.05;
const longestPauseMs = 30_000;
/** After a failure, longer each time; and while a topic is not there, which may just be being made. */
const retryMs = 3_000;
/** Once may be chance, or a topic just made. */
const failuresUntilSaid = 2;

export class MessageWatch {
  readonly #options: MessageWatchOptions;
  /** What is counted at the moment; another object after each round. */
  #watched: { readonly kafka: Kafka; readonly names: readonly string[] } | undefined;
  #streams: ReadonlyMap<string, TopicEvidence> = new Map();
  /** In a row. */
  #failures = 0;
  #countedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MessageWatchOptions) {
    this.#options = options;
  }

  /** Counts these topics from now on, instead of others; those that are not there are left out. */
  watch(kafka: Kafka, names: readonly string[]): void {
    this.stop();
    if (names.length === 0) return;
    this.#watched = { kafka, names };
    // Saves may follow each other fast.
    this.#in(this.#countedMs + this.#options.pollMs - performance.now());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#watched = undefined;
  }

  #in(delayMs: number): void {
    this.#timer = setTimeout(() => void this.#count(), Math.max(delayMs, 0));
    this.#timer.unref();
  }

  async #count(): Promise<void> {
    const watched = this.#watched;
    if (watched === undefined) return;
    const startMs = performance.now();
    this.#countedMs = startMs;
    let restMs = retryMs;
    try {
      const { topicEvidence } = await import("../../kafka/inspect.js");
      const found = await topicEvidence(watched.kafka, watched.names);
      if (watched !== this.#watched) return;
      this.#counted(found);
      if (found.length === watched.names.length) restMs = this.#options.pollMs;
      restMs = Math.max(restMs, (performance.now() - startMs) / greatestShare);
    } catch (thrown) {
      if (watched !== this.#watched) return;
      this.#failed(thrown);
      restMs *= 2 ** this.#failures;
    }
    this.#in(Math.min(restMs, longestPauseMs));
  }

  #counted(found: readonly TopicEvidence[]): void {
    const before = this.#streams;
    const wasAway = this.#failures >= failuresUntilSaid;
    this.#failures = 0;
    this.#streams = new Map(found.map((one) => [one.name, sameUnlessNew(before.get(one.name), one)]));
    const isSame =
      before.size === found.length && found.every(({ name }) => before.get(name) === this.#streams.get(name));
    if (!isSame || wasAway) this.#options.onCounts({ streams: this.#streams, problem: undefined });
  }

  /** A Kafka that is away is told once, until it has answered again. */
  #failed(thrown: unknown): void {
    this.#failures += 1;
    if (this.#failures !== failuresUntilSaid) return;
    const { code, message } = failed(thrown);
    this.#options.onCounts({ streams: new Map(), problem: { code, message } });
  }
}

function sameUnlessNew(before: TopicEvidence | undefined, now: TopicEvidence): TopicEvidence {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

/** As a status report has it. */
export function messagesOf(counts: MessageCounts | undefined, name: string): StreamMessages {
  const found = counts?.streams.get(name);
  if (found === undefined)
    return { count: undefined, groups: undefined, missing: counts?.problem?.message ?? "not counted yet" };
  const { messages: count, groups } = found;
  return { count, groups, missing: groups === undefined ? hidden : undefined };
}

const hidden = "the user may not see the consumer groups";
