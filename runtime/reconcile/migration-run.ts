// One run of a migration: what is left to do, the verdicts on it, and its execution part by part.

import type { TableHistory } from "../../src/apply/progress.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import { type LifeCycle, strictest } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import { type Evidence, noEvidence } from "../../src/plan/evidence.js";
import type { Operation } from "../../src/plan/operation.js";
import { judge, type OwnedTable } from "../../src/policy/judge.js";
import type { Outcome } from "../../src/status/report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { gatherEvidence } from "../clickhouse/evidence.js";
import { execute } from "../clickhouse/execute.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import type { JournalRecord } from "../clickhouse/journal.js";
import { namesOf } from "../clickhouse/object-record.js";
import { Interrupted } from "../clickhouse/send-step.js";
import type { State } from "../clickhouse/state.js";
import type { JournalledSteps, StepOf } from "./journalled-steps.js";
import type { MigrateOptions } from "./migrate-options.js";
import { type Migration, type Part, remainingChanges, remainingOperations } from "./migration.js";
import { type End, endOf, MigrationResults } from "./migration-results.js";
import { MigrationStanding } from "./migration-standing.js";
import { resumed } from "./resumed-operation.js";
import { StatementRun } from "./statement-run.js";

export interface RunParts {
  readonly clickhouse: ClickHouse;
  readonly state: State;
  readonly steps: JournalledSteps;
  readonly migration: Migration;
  readonly records: readonly JournalRecord[];
  readonly options: MigrateOptions;
}

export class MigrationRun {
  readonly #parts: RunParts;
  readonly #statements: StatementRun;
  readonly standing: MigrationStanding;
  readonly results: MigrationResults;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.standing = new MigrationStanding(parts);
    this.results = new MigrationResults(parts.migration.source);
    this.#statements = new StatementRun({ ...parts, results: this.results });
  }

  get #histories(): readonly TableHistory[] {
    return this.#parts.migration.histories;
  }

  /** What the lifecycles and the values in the tables forbid; nothing is changed then. */
  async judge(): Promise<readonly Diagnostic[]> {
    const ownership = this.#ownership();
    const blocked: Diagnostic[] = [];
    for (const [index, history] of this.#histories.entries()) {
      for (let position = this.standing.appliedOf(index); position < history.operations.length; position++) {
        const from = this.standing.fromOf(index, history, position);
        const isNext = position === this.standing.appliedOf(index);
        const operations = await this.#planned(history, position, from, isNext);
        const { operations: judged } = judge({ operations }, ownership);
        for (const { operation, verdict } of judged)
          if (verdict.decision === "blocked")
            blocked.push(blockedOperation(operation, verdict, history, position));
      }
    }
    return blocked;
  }

  /** Only of the next operation the values can be looked at: the later ones find the tables changed. Rows stay rows. */
  async #planned(
    history: TableHistory,
    position: number,
    from: Table | undefined,
    isNext: boolean,
  ): Promise<readonly Operation[]> {
    const { migration, clickhouse } = this.#parts;
    const changes = remainingChanges(migration, history, position, from);
    const isRecreate = changes.some(({ kind }) => kind === "LayoutChanged");
    const evidence: Evidence = isNext || isRecreate ? await gatherEvidence(clickhouse, changes) : noEvidence;
    return remainingOperations(migration, history, position, from, evidence);
  }

  /** The file of the plan is the permission to work on its tables; their lifecycles hold all the same. */
  #ownership(): ReadonlyMap<Address, OwnedTable> {
    const { state, migration } = this.#parts;
    const tables = [
      ...this.standing.live.map(({ address, table }) => ({ address, table })),
      ...this.#histories.flatMap(({ states }) => states),
    ];
    const owned = new Map<Address, OwnedTable>();
    for (const { address, table } of tables) {
      if (table === undefined) continue;
      const record = state.get(address);
      const { before, desired } = migration.source;
      // A removal is judged by this: who wrote it into a plan may not be who protects the table.
      const said = [before, desired].map((map) => map?.tables.get(address)?.lifeCycle);
      const lifeCycle = strictest([record?.owned === true ? record.lifeCycle : undefined, ...said]);
      owned.set(address, withNames(owned.get(address), table, lifeCycle ?? table.lifeCycle));
    }
    return owned;
  }

  /** Statements that make the columns of these tables readable again, after their rewrite failed. */
  repairsOf(broken: readonly LiveTable[]): readonly string[] {
    const addresses = new Set(broken.map(({ address }) => address));
    return this.#histories.flatMap((history, index) => {
      const position = this.standing.begunOf(index) - 1;
      const from = history.states[position];
      if (from === undefined || !addresses.has(from.address)) return [];
      return remainingOperations(this.#parts.migration, history, position, from.table).flatMap((operation) =>
        "repair" in operation ? operation.repair : [],
      );
    });
  }

  /** Executes what is left, in order; stops at the first part in which something went wrong. */
  async execute(): Promise<End> {
    try {
      for (const part of this.#parts.migration.parts) {
        const end = part.kind === "tables" ? await this.#runTables(part) : await this.#statements.run(part);
        await this.#parts.steps.flush();
        if (end.kind !== "done") return end;
      }
      return { kind: "done" };
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      await this.#parts.steps.flush();
      return { kind: "failed", diagnostics: [interrupted] };
    }
  }

  async #runTables(part: Extract<Part, { kind: "tables" }>): Promise<End> {
    const work = new Map<string, StepOf & { readonly offset: number }>();
    const operations: Operation[] = [];
    const first: (StepOf & { readonly sql: string })[] = [];
    for (const [index, history] of this.#histories.entries()) {
      const applied = this.standing.appliedOf(index);
      let isFirst = true;
      for (const [position, operation] of history.operations.entries()) {
        if (operation < part.from || operation > part.to) continue;
        const left = this.#left(index, history, position);
        if (position < applied && left.length === 0) {
          if (!this.results.has(operation)) this.results.note(operation, "done-before");
          continue;
        }
        let offset = 0;
        for (const planned of left) {
          const id = `${operation}.${offset}`;
          const step = { operation, step: offset, address: planned.address, kind: planned.kind };
          work.set(id, { ...step, offset });
          // Intents of operations that wait for others are written when their turn comes: they say that those are done.
          if (isFirst && position <= applied) first.push({ ...step, sql: planned.steps[0]?.sql ?? "" });
          isFirst = false;
          operations.push({ ...planned, id });
          offset += planned.steps.length;
        }
        if (offset === 0) this.results.note(operation, "applied");
      }
    }
    return this.#runOperations(operations, work, first);
  }

  async #runOperations(
    operations: readonly Operation[],
    work: ReadonlyMap<string, StepOf & { readonly offset: number }>,
    first: readonly (StepOf & { readonly sql: string })[],
  ): Promise<End> {
    const { clickhouse, state, steps, options } = this.#parts;
    if (options.stop.aborted) throw new Interrupted("stopped");
    await steps.announce(first.filter(({ kind }) => kind !== "CreateTable"));
    const ended: Promise<void>[] = [];
    const note = (end: Promise<void>): void => {
      // It is waited for below; until then its failure must not count as one that nobody looks at.
      end.catch(() => undefined);
      ended.push(end);
    };
    const judged = operations.map((operation) => ({ operation, verdict: { decision: "apply" as const } }));
    const reports = await execute(
      clickhouse,
      state,
      { operations: judged },
      {
        onProgress: (operation, partsToDo) => {
          const of = work.get(operation.id);
          if (of !== undefined && partsToDo !== undefined)
            options.onEvent({
              event: "progress",
              index: of.operation,
              partsToDo,
            });
        },
        tablesAtOnce: options.tablesAtOnce,
        onClaimed: () => steps.announce(first),
        send: (operation, step, statement) => {
          const of = work.get(operation.id);
          if (of === undefined) throw new Error(`operation ${operation.id} is not of this migration`);
          return steps.send({ ...of, step: of.offset + step }, { mayBeDone: true, ...statement });
        },
        onOutcome: (operation, outcome) => {
          const of = work.get(operation.id);
          if (of !== undefined) note(this.#ended(of, outcome));
        },
      },
    );
    await Promise.all(ended);
    return endOf(
      reports.map(({ operation, outcome }) => ({
        subject: `${operation.kind} ${operation.address}`,
        outcome,
      })),
    );
  }

  async #ended(of: StepOf, outcome: Outcome): Promise<void> {
    const reason = "reason" in outcome ? outcome.reason : undefined;
    const durationMs = outcome.state === "applied" ? outcome.durationMs : 0;
    this.results.note(of.operation, outcome.state, durationMs, reason);
    if (outcome.state === "skipped" || outcome.state === "blocked") return;
    const kind = outcome.state === "applied" ? "done" : outcome.state;
    if (kind !== "done")
      this.#parts.options.onEvent({ event: "operation", result: this.results.of(of.operation) });
    await this.#parts.steps.ended(of, { kind, durationMs, ...(reason !== undefined && { error: reason }) });
    this.standing.begin(of.operation);
    if (kind === "done")
      this.#parts.options.onEvent({ event: "operation", result: this.results.of(of.operation) });
  }

  /** What is to be done of an operation; of one that is there already, what cannot be seen. */
  #left(index: number, history: TableHistory, position: number): readonly Operation[] {
    const { migration, steps } = this.#parts;
    const from = this.standing.fromOf(index, history, position);
    const isAhead = position >= this.standing.appliedOf(index);
    const left = isAhead ? remainingOperations(migration, history, position, from) : [];
    const wasCut =
      this.standing.isLastBegun(index, position) &&
      steps.entryOf(history.operations[position] ?? -1) !== "done" &&
      (!isAhead || this.standing.isBetween(index, position));
    if (!wasCut) return left;
    return resumed(remainingOperations(migration, history, position, history.states[position]?.table), left);
  }
}

/** Over its history a table has columns that it has not at each moment. */
function withNames(before: OwnedTable | undefined, table: Table, lifeCycle: LifeCycle): OwnedTable {
  const { columns, indexes, projections, constraints } = namesOf(table);
  return {
    lifeCycle,
    columns: new Set([...(before?.columns ?? []), ...columns]),
    indexes: new Set([...(before?.indexes ?? []), ...indexes]),
    projections: new Set([...(before?.projections ?? []), ...projections]),
    constraints: new Set([...(before?.constraints ?? []), ...constraints]),
  };
}

const interrupted: Diagnostic = {
  code: "reconcile/interrupted",
  severity: "error",
  summary: "stopped before the end of the migration",
  hint: "moose migrate goes on from here",
};

function blockedOperation(
  operation: Operation,
  verdict: { readonly reason: string; readonly unblock: string },
  history: TableHistory,
  position: number,
): Diagnostic {
  return {
    code: "reconcile/blocked-operation",
    severity: "error",
    summary: `operation ${(history.operations[position] ?? 0) + 1}, ${operation.kind} of ${operation.address}, is not allowed: ${verdict.reason}`,
    hint: `to go on: ${verdict.unblock}`,
  };
}
