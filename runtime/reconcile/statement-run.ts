// Executes the operations that are statements of their own: views, and what the user wrote.

import { setTimeout as sleep } from "node:timers/promises";
import { nextStep } from "../../src/apply/next-step.js";
import type { OtherOperation } from "../../src/format/operation.js";
import { natureOf } from "../../src/sql/statement-nature.js";
import type { Outcome } from "../../src/status/report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { readQueryLog } from "../clickhouse/query-log.js";
import { isRunning } from "../clickhouse/running.js";
import { Interrupted, StepRefused, StepUnknown } from "../clickhouse/send-step.js";
import type { State } from "../clickhouse/state.js";
import type { JournalledSteps, Statement, StepOf } from "./journalled-steps.js";
import type { MigrateOptions } from "./migrate-options.js";
import { doneOnSqlResources, recordSqlResource } from "./migrated-sql-resources.js";
import { type Migration, type Part, subjectOf } from "./migration.js";
import { type End, endOf, type MigrationResults } from "./migration-results.js";

export interface StatementParts {
  readonly clickhouse: ClickHouse;
  readonly state: State;
  readonly migration: Migration;
  readonly steps: JournalledSteps;
  readonly results: MigrationResults;
  readonly options: MigrateOptions;
}

type StatementOutcome =
  | { readonly state: "applied" }
  | Extract<Outcome, { readonly state: "failed" | "unknown" }>;

const waitMs = 500;

export class StatementRun {
  readonly #parts: StatementParts;

  /** What was done to SQL resources before. */
  readonly #done: ReadonlySet<number>;
  /** What the user says of the one statement at which the last run stopped. */
  #mark: MigrateOptions["mark"];

  constructor(parts: StatementParts) {
    this.#parts = parts;
    this.#mark = parts.options.mark;
    this.#done = doneOnSqlResources(parts.migration, parts.state);
  }

  /** One statement after the other; what an earlier run has done is not done again. */
  async run(part: Extract<Part, { kind: "statements" }>): Promise<End> {
    const { steps, results, options } = this.#parts;
    const startMs = performance.now();
    const { migration, state } = this.#parts;
    const isDone =
      this.#done.has(part.index) ||
      (part.steps.length > 0 && part.steps.every((_, step) => steps.entryOf(part.index, step) === "done"));
    if (isDone && !results.has(part.index)) results.note(part.index, "done-before");
    if (isDone) {
      await recordSqlResource(state, migration, part.operation, part.index);
      return { kind: "done" };
    }
    const subject = subjectOf(part.operation);
    for (const [step, statement] of part.steps.entries()) {
      const of = { operation: part.index, step, address: subject, kind: part.operation.kind };
      const outcome = await this.#runStatement(of, statement.sql, isTeardown(part.operation));
      if (outcome.state === "applied") continue;
      results.note(part.index, outcome.state, performance.now() - startMs, outcome.reason);
      options.onEvent({ event: "operation", result: results.of(part.index) });
      return endOf([{ subject: `${part.operation.kind} ${subject}`, outcome }]);
    }
    await recordSqlResource(state, migration, part.operation, part.index);
    results.note(part.index, "applied", performance.now() - startMs);
    options.onEvent({ event: "operation", result: results.of(part.index) });
    return { kind: "done" };
  }

  async #runStatement(of: StepOf, sql: string, isTeardown: boolean): Promise<StatementOutcome> {
    const { clickhouse, steps, options } = this.#parts;
    const failed = (reason: string) => ({ state: "failed", reason, repaired: false }) as const;
    const queryId = steps.queryIdOf(of.operation, of.step);
    for (;;) {
      const journal = steps.entryOf(of.operation, of.step);
      const mark = journal === "intent" ? this.#mark : undefined;
      const begun = journal === "intent" && queryId !== undefined;
      const running = begun && (await isRunning(clickhouse, queryId));
      const log = begun && !running ? ((await readQueryLog(clickhouse, queryId))?.end ?? "silent") : "silent";
      const next = nextStep({
        operation: `${of.kind} ${of.address}, statement ${of.step + 1}`,
        journal: mark === "applied" ? "done" : journal,
        observed: "unobservable",
        running,
        repeatable: mark === "not-applied" || natureOf(sql).repeatable,
        log,
      });
      if (mark !== undefined) this.#mark = undefined;
      if (next.step === "done") {
        if (journal !== "done") await this.#ended(of, { kind: "done" });
        return { state: "applied" };
      }
      if (next.step === "stop") return failed(`${next.reason}; ${next.hint}`);
      if (next.step === "wait") {
        await sleep(waitMs);
        if (options.stop.aborted) throw new Interrupted("stopped while an earlier statement runs");
        continue;
      }
      // What is dropped already is as it is to be, whoever did it; what exists already may be something else.
      const isDrop = /^Drop/.test(of.kind) || isTeardown;
      const mayBeDone = (next.step === "send" && next.again) || isDrop;
      const inDatabase = of.kind === "RawSql" ? options.database : undefined;
      return this.#sendStatement(of, { sql, mutation: false, mayBeDone, inDatabase });
    }
  }

  /** At once: of a statement that nobody can look at, only the journal tells that it is done. */
  async #ended(of: StepOf, outcome: Parameters<JournalledSteps["ended"]>[1]): Promise<void> {
    await this.#parts.steps.ended(of, outcome);
    await this.#parts.steps.flush();
  }

  async #sendStatement(of: StepOf, statement: Statement): Promise<StatementOutcome> {
    const { steps } = this.#parts;
    const startMs = performance.now();
    try {
      await steps.send(of, statement);
      await this.#ended(of, { kind: "done", durationMs: performance.now() - startMs });
      return { state: "applied" };
    } catch (error) {
      if (!(error instanceof StepRefused) && !(error instanceof StepUnknown)) throw error;
      const kind = error instanceof StepRefused ? "failed" : "unknown";
      await this.#ended(of, { kind, error: error.message });
      const reason = error.message;
      return kind === "failed" ? { state: kind, reason, repaired: false } : { state: kind, reason };
    }
  }
}

function isTeardown(operation: OtherOperation): boolean {
  return operation.kind === "RawSql" && operation.resource?.does === "teardown";
}
