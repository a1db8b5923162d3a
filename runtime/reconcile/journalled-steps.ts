// The statements of a migration, each written down before it is sent, and its outcome after.

import { randomUUID } from "node:crypto";
import type { JournalEntry as Entry } from "../../src/apply/next-step.js";
import type { ClickHouse } from "../clickhouse/client.js";
import type { Journal, JournalRecord } from "../clickhouse/journal.js";
import { send, type Wait } from "../clickhouse/send.js";
import { Interrupted, StepRefused, StepUnknown } from "../clickhouse/send-step.js";

/** What a statement belongs to, as the journal names it. */
export interface StepOf {
  /** Place of the operation in the migration, from 0. */
  readonly operation: number;
  readonly step: number;
  readonly address: string;
  readonly kind: string;
}

export interface Statement {
  readonly sql: string;
  readonly mutation: boolean;
  /** Whether a refusal that says "it is so already" counts as done. */
  readonly mayBeDone: boolean;
  /** Where names without a database are looked for, in a statement of the user's own. */
  readonly inDatabase?: string | undefined;
}

/** A moment in the life of a statement; shown as progress, and where tests stop the process. */
export type StepEvent =
  | { readonly moment: "before-intent" | "intended" | "answered" | "done"; readonly step: StepOf }
  | { readonly moment: "sending"; readonly step: StepOf; readonly queryId: string }
  | { readonly moment: "waiting"; readonly step: StepOf; readonly wait: Wait };

export interface StepOptions {
  /** Under the lock. */
  readonly clickhouse: ClickHouse;
  readonly journal: Journal;
  readonly migrationId: string;
  /** What the journal has on this migration. */
  readonly records: readonly JournalRecord[];
  /** For one statement, in milliseconds. */
  readonly deadlineMs: number;
  readonly stop: AbortSignal;
  readonly onStep: (event: StepEvent) => void;
}

/** Outcomes are stored when so many have gathered, and at the end of each part of a migration. */
const outcomesAtOnce = 100;

export class JournalledSteps {
  readonly #options: StepOptions;
  readonly #long: ClickHouse;
  readonly #announced = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #entries = new Map<string, Entry>();
  readonly #queryIds = new Map<string, string>();
  readonly #outcomes: Parameters<Journal["append"]>[0][number][] = [];

  constructor(options: StepOptions) {
    this.#options = options;
    this.#long = options.clickhouse.view({ requestTimeoutMs: options.deadlineMs + patienceMs });
    for (const record of sinceLastEnd(options.records)) this.#remember(record);
  }

  #remember({ kind, operation, step, attempt, queryId }: JournalRecord): void {
    // Of one whose answer was lost the intent stands.
    if (kind === "unknown") this.#entries.set(keyOf(operation, wholeOperation), "intent");
    if (kind !== "intent" && kind !== "done" && kind !== "failed") return;
    const key = keyOf(operation, step);
    this.#attempts.set(key, Math.max(attempt, this.#attempts.get(key) ?? 0));
    this.#entries.set(key, kind);
    this.#entries.set(keyOf(operation, wholeOperation), kind);
    if (queryId !== "") this.#queryIds.set(key, queryId);
  }

  /** What the journal has on a statement; on the whole operation where no step is named. */
  entryOf(operation: number, step = wholeOperation): Entry {
    return this.#entries.get(keyOf(operation, step)) ?? "none";
  }

  /** The query id under which a statement was sent last, without the prefix of the lock. */
  queryIdOf(operation: number, step: number): string | undefined {
    return this.#queryIds.get(keyOf(operation, step));
  }

  /** Writes the intents of several statements at once, none of which depends on another. */
  async announce(steps: readonly (StepOf & { readonly sql: string })[]): Promise<void> {
    const fresh = steps.filter((step) => !this.#announced.has(keyOf(step.operation, step.step)));
    if (fresh.length === 0) return;
    for (const step of fresh) this.#options.onStep({ moment: "before-intent", step });
    const { migrationId } = this.#options;
    const entries = fresh.map((step) => {
      const key = keyOf(step.operation, step.step);
      const attempt = (this.#attempts.get(key) ?? 0) + 1;
      const queryId = `${migrationId.slice(0, 24)}-${step.operation}-${step.step}-${attempt}-${randomUUID().slice(0, 8)}`;
      this.#attempts.set(key, attempt);
      this.#queryIds.set(key, queryId);
      const { operation, step: index, address, kind: operationKind, sql } = step;
      return {
        ...({ kind: "intent", migrationId, operation, step: index, attempt, queryId } as const),
        ...{ address, operationKind, sql },
      };
    });
    await this.#options.journal.append(entries);
    for (const step of fresh) {
      this.#announced.add(keyOf(step.operation, step.step));
      this.#entries.set(keyOf(step.operation, step.step), "intent");
      this.#entries.set(keyOf(step.operation, wholeOperation), "intent");
      this.#options.onStep({ moment: "intended", step });
    }
  }

  /**
   * Sends a statement once its intent is stored.
   *
   * @throws StepRefused, StepUnknown; Interrupted when the command is to stop
   */
  async send(step: StepOf, { sql, mutation, mayBeDone, inDatabase }: Statement): Promise<void> {
    if (this.#options.stop.aborted) throw new Interrupted("stopped before the next statement");
    await this.announce([{ ...step, sql }]);
    const key = keyOf(step.operation, step.step);
    this.#announced.delete(key);
    const queryId = this.#queryIds.get(key) ?? randomUUID();
    this.#options.onStep({ moment: "sending", step, queryId });
    const outcome = await send(
      this.#long,
      { sql, queryId, mutation, inDatabase },
      {
        deadlineMs: this.#options.deadlineMs,
        signal: this.#options.stop,
        onWait: (wait) => this.#options.onStep({ moment: "waiting", step, wait }),
      },
    );
    this.#options.onStep({ moment: "answered", step });
    switch (outcome.state) {
      case "done":
        return;
      case "already":
        if (mayBeDone) return;
        throw new StepRefused(outcome.reason, outcome.code);
      case "refused":
        throw new StepRefused(outcome.reason, outcome.code);
      case "fence-lost":
      case "unknown":
        throw new StepUnknown(outcome.reason);
    }
  }

  /** Notes an outcome; it is stored a little later, for a loss of it only costs another look. */
  async ended(
    step: StepOf,
    outcome: {
      readonly kind: "done" | "failed" | "unknown";
      readonly durationMs?: number;
      readonly error?: string;
    },
  ): Promise<void> {
    const { operation, step: index, address, kind: operationKind } = step;
    const { migrationId } = this.#options;
    const attempt = this.#attempts.get(keyOf(operation, index)) ?? 1;
    this.#outcomes.push({ ...outcome, migrationId, operation, step: index, attempt, address, operationKind });
    if (outcome.kind !== "unknown") this.#entries.set(keyOf(operation, wholeOperation), outcome.kind);
    this.#options.onStep({ moment: "done", step });
    if (this.#outcomes.length >= outcomesAtOnce) await this.flush();
  }

  /** Stores the outcomes that are still to be stored. */
  async flush(): Promise<void> {
    await this.#options.journal.append(this.#outcomes.splice(0));
  }
}

const wholeOperation = -1;
/** The answer may come this much after the server's own end. */
const patienceMs = 10_000;

function keyOf(operation: number, step: number): string {
  return `${operation}.${step}`;
}

/** A migration that came to its end begins anew, for the database may have been put back since. */
function sinceLastEnd(records: readonly JournalRecord[]): readonly JournalRecord[] {
  return records.slice(records.findLastIndex(isGoodEnd) + 1);
}

/** True for the entry of a run that applied all of its migration. */
export function isGoodEnd({ kind, error }: JournalRecord): boolean {
  return kind === "run-ended" && error === "";
}
