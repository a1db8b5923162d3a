// moose dev for topics: rounds of their own beside those of the tables, so that neither waits for the other.

import { DiagnosticError } from "../../../src/diagnostic.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import { type TopicsReport, withoutKafka } from "../../../src/status/topics-report.js";
import { errorText } from "../../clickhouse/client.js";
import type { Kafka } from "../../kafka/client.js";
import type { OnDevEvent } from "../dev-event.js";
import type { Reconciler } from "../reconcile.js";
import { Rounds } from "../rounds.js";
import { messageEvents } from "./message-events.js";
import { type MessageCounts, MessageWatch } from "./message-watch.js";
import type { TopicLooks } from "./reconcile-topics.js";

export interface TopicSessionOptions {
  /** Gives the Kafka; called only when there is something to do with it. */
  readonly open: () => Promise<Kafka>;
  /** Prefix of the names of topics; empty for none. */
  readonly namespace: string;
  /** Existing topics to take over, as `topic:name`. */
  readonly adopt: readonly string[];
  readonly onEvent: OnDevEvent;
  /** Told of each round, also where it shows nothing new. */
  readonly onRound: (report: TopicsReport, looks: TopicLooks | undefined) => void;
  readonly onCounts: (counts: MessageCounts) => void;
}

/** What the code wants at the moment, and who can bring it about. */
interface Wanted {
  readonly reconciler: Reconciler;
  readonly map: InfraMap;
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;
/** From one count of the messages to the next. */
const pollMs = 3_000;

export class TopicSession {
  readonly #options: TopicSessionOptions;
  readonly #rounds: Rounds;
  readonly #messages: MessageWatch;
  #wanted: Wanted | undefined;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** What was shown last, so that it is said once. */
  #shownProblem = "";
  #shownOpen = "[]";
  readonly #shownWarnings = new Set<string>();

  constructor(options: TopicSessionOptions) {
    this.#options = options;
    this.#rounds = new Rounds(() => this.#round());
    const tell = messageEvents(options.onEvent);
    this.#messages = new MessageWatch({
      pollMs,
      onCounts(counts) {
        options.onCounts(counts);
        tell(counts);
      },
    });
  }

  /** The code was read and is to be applied; returns at once. */
  want(reconciler: Reconciler, map: InfraMap): void {
    this.#wanted = { reconciler, map };
    this.wake();
  }

  /** The lock is lost: whatever is wanted can be done again when it is held anew. */
  forget(): void {
    this.#wanted = undefined;
  }

  wake(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#rounds.wake();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#messages.stop();
    clearTimeout(this.#timer);
    await this.#rounds.close();
  }

  async #round(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    const { namespace, adopt } = this.#options;
    const { reconciler, map } = wanted;
    if (map.topics.size === 0 && reconciler.ownTopics(namespace).length === 0) return this.#messages.stop();
    const startMs = performance.now();
    try {
      const kafka = await this.#options.open();
      const report = await reconciler.reconcileTopics(kafka, map, {
        namespace,
        adopt,
        onReport: (report, looks) => this.#report(report, performance.now() - startMs, looks),
      });
      this.#followUp(report);
      if (report.kafka.state === "reached" && !this.#isClosed)
        this.#messages.watch(kafka, [...map.topics.keys()]);
    } catch (error) {
      // When the lock was lost, that has been said; and the round is done anew when it is held again.
      if (wanted === this.#wanted) this.#failed(error);
    }
  }

  #report(report: TopicsReport, durationMs: number, looks: TopicLooks | undefined): void {
    this.#options.onRound(report, looks);
    if (report.kafka.state === "unreachable") return;
    this.#shownProblem = "";
    const open = JSON.stringify([
      report.operations
        .filter(({ outcome }) => outcome.state !== "applied")
        .map(({ operation, verdict, outcome }) => [operation.cause, verdict, outcome.state]),
      report.unmanagedConfigs,
      report.diagnostics,
    ]);
    const hasApplied = report.operations.some(({ outcome }) => outcome.state === "applied");
    const isNews = hasApplied || open !== this.#shownOpen;
    this.#shownOpen = open;
    if (!isNews || this.#isClosed) return;
    const diagnostics = report.diagnostics.filter(({ summary }) => !this.#shownWarnings.has(summary));
    for (const { summary } of diagnostics) this.#shownWarnings.add(summary);
    this.#options.onEvent({ event: "topics", report: { ...report, diagnostics }, durationMs });
  }

  #followUp({ kafka, operations }: TopicsReport): void {
    if (kafka.state === "unreachable") {
      this.#say(`the topics cannot be read (${kafka.reason}); the tables go on without them`);
      return this.#again();
    }
    const mayPass = operations.some(({ outcome }) => outcome.state === "unknown");
    if (mayPass) this.#again();
    else this.#retryMs = firstRetryMs;
  }

  #failed(error: unknown): void {
    if (error instanceof DiagnosticError) {
      const reason = error.diagnostics[0]?.summary ?? "";
      this.#options.onRound(withoutKafka({ state: "unreachable", reason }, error.diagnostics), undefined);
      const text = JSON.stringify(error.diagnostics);
      if (text === this.#shownProblem || this.#isClosed) return;
      this.#shownProblem = text;
      return this.#options.onEvent({ event: "problems", kept: false, diagnostics: error.diagnostics });
    }
    this.#say(`the topics could not be brought into line (${errorText(error)})`);
    this.#again();
  }

  #say(text: string): void {
    if (text === this.#shownProblem || this.#isClosed) return;
    this.#shownProblem = text;
    this.#options.onEvent({ event: "notice", text });
  }

  #again(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rounds.wake(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }
}
