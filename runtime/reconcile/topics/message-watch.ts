// Counts the messages of the streams while moose dev runs, and says what has changed. Nothing waits for it.

import type { Kafka } from "../../kafka/client.js";
import { type TopicEvidence, topicEvidence } from "../../kafka/inspect.js";
import { failed } from "../../kafka/problem.js";
import type { OnDevEvent } from "../dev-event.js";

/** From one count to the next, where a count takes little time. */
const pollMs = 3_000;
/** A count that takes long is seldom done, so that the brokers spend little of their time on it. */
const greatestShare = 0.05;
const longestPauseMs = 30_000;
const failuresUntilSaid = 2;

export class MessageWatch {
  readonly #onEvent: OnDevEvent;
  /** What is counted at the moment; another object after each round. */
  #watched: { readonly kafka: Kafka; readonly names: readonly string[] } | undefined;
  /** What was said of each topic, as JSON. */
  readonly #shown = new Map<string, string>();
  /** In a row. */
  #failures = 0;
  #countedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(onEvent: OnDevEvent) {
    this.#onEvent = onEvent;
  }

  /** Counts these topics from now on, instead of others; those that are not there are left out. */
  watch(kafka: Kafka, names: readonly string[]): void {
    this.stop();
    for (const name of this.#shown.keys()) if (!names.includes(name)) this.#shown.delete(name);
    if (names.length === 0) return;
    this.#watched = { kafka, names };
    // Saves may follow each other fast.
    this.#in(this.#countedMs + pollMs - performance.now());
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
    let restMs = pollMs;
    try {
      const found = await topicEvidence(watched.kafka, watched.names);
      if (watched !== this.#watched) return;
      this.#failures = 0;
      this.#show(found);
      restMs = Math.max(restMs, (performance.now() - startMs) / greatestShare);
    } catch (thrown) {
      if (watched !== this.#watched) return;
      this.#failed(thrown);
      restMs *= 2 ** this.#failures;
    }
    this.#in(Math.min(restMs, longestPauseMs));
  }

  #show(found: readonly TopicEvidence[]): void {
    const changed = found.filter((one) => {
      const text = JSON.stringify(one);
      const isNews = this.#shown.get(one.name) !== text;
      this.#shown.set(one.name, text);
      return isNews;
    });
    if (changed.length > 0) this.#onEvent({ event: "messages", streams: changed });
  }

  /** A Kafka that is away is said once, until it has answered again; once may be chance, or a topic just made. */
  #failed(thrown: unknown): void {
    const { code, message } = failed(thrown);
    this.#failures += 1;
    if (this.#failures !== failuresUntilSaid || code === "CLOSED") return;
    this.#onEvent({ event: "notice", text: `the messages of the streams cannot be counted (${message})` });
  }
}
