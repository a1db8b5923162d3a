// Where the tables stand in a migration, by what is seen of them and by what the journal says was begun.

import { type Standing, standingOf, type TableHistory } from "../../src/apply/progress.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import type { JournalRecord } from "../clickhouse/journal.js";
import type { StateRecords } from "../clickhouse/state.js";
import { driftOf } from "./drift.js";
import { isGoodEnd, type JournalledSteps } from "./journalled-steps.js";
import type { Migration } from "./migration.js";

export interface StandingParts {
  readonly state: StateRecords;
  readonly steps: JournalledSteps;
  readonly migration: Migration;
  readonly records: readonly JournalRecord[];
}

export class MigrationStanding {
  readonly #parts: StandingParts;
  /** By history: how many of its operations were begun. */
  readonly #begun: number[];
  /** By operation. */
  readonly #historyOf: ReadonlyMap<number, number>;
  #live = new Map<Address, LiveTable>();
  #standings: readonly Standing[] = [];
  readonly touchedAddresses: ReadonlySet<Address>;

  constructor(parts: StandingParts) {
    this.#parts = parts;
    const { histories } = parts.migration;
    this.#begun = histories.map(({ operations }) => begunOf(operations, parts.steps));
    this.#historyOf = new Map(
      histories.flatMap(({ operations }, index) =>
        operations.map((operation) => [operation, index] as const),
      ),
    );
    this.touchedAddresses = new Set(histories.flatMap(({ states }) => states.map(({ address }) => address)));
  }

  /** Takes in the tables as they are now. */
  see(live: readonly LiveTable[]): void {
    this.#live = new Map(live.map((table) => [table.address, table]));
    this.#standings = this.#histories.map((history, index) =>
      standingOf(history, this.tableAt, this.#begun[index] ?? 0, this.#isRecreate),
    );
  }

  get standings(): readonly Standing[] {
    return this.#standings;
  }

  /** Tables of which an operation was begun. */
  get begunTables(): readonly LiveTable[] {
    return this.#histories.flatMap(({ states }, index) => {
      const begun = this.begunOf(index);
      const found = [states[begun], states[begun - 1]].flatMap(
        (state) => this.#live.get(state?.address ?? "") ?? [],
      );
      return begun === 0 ? [] : found.slice(0, 1);
    });
  }

  /** An earlier run has begun it and did not come to its end. */
  get hasBegun(): boolean {
    return this.#begun.some((begun) => begun > 0) || this.#statements.some(({ entry }) => entry !== "none");
  }

  /**
   * Every table is as it is to be in the end, and nothing is left that somebody has begun: what is seen of a table does
   * not tell whether its indexes are built, and of the user's statements nothing is seen.
   */
  get isDone(): boolean {
    const { before, source } = this.#parts.migration;
    const areTablesDone = this.#histories.every((history) => this.#isFinal(history));
    const areOthersUntouched =
      driftOf({ before, histories: [] }, [...this.#live.values()], this.#parts.state, this).length === 0;
    if (!areTablesDone || !areOthersUntouched || this.hasBegun) return false;
    if (source.operations.length === 0 || this.#parts.records.some(isGoodEnd)) return true;
    // Where the tables end as they began, they say nothing of what was done in between.
    return this.#standings.some((standing) => standing.kind !== "at");
  }

  get #histories(): readonly TableHistory[] {
    return this.#parts.migration.histories;
  }

  get #statements() {
    return this.#parts.migration.parts.flatMap((part) =>
      part.kind === "statements"
        ? part.steps.map((_, step) => ({ entry: this.#parts.steps.entryOf(part.index, step) }))
        : [],
    );
  }

  readonly tableAt = (address: Address): Table | undefined => this.#live.get(address)?.table;

  readonly #isRecreate = (index: number): boolean =>
    this.#parts.migration.source.operations[index]?.kind === "RecreateTable";

  #isFinal(history: TableHistory): boolean {
    const last = history.states.length - 1;
    const standing = standingOf(
      { operations: history.operations, states: history.states.slice(last) },
      this.tableAt,
      0,
      this.#isRecreate,
    );
    return standing.kind === "at";
  }

  appliedOf(index: number): number {
    const standing = this.#standings[index];
    return standing === undefined || standing.kind === "elsewhere" ? 0 : standing.applied;
  }

  /** Some of the statements of the operation are done. */
  isBetween(index: number, position: number): boolean {
    const standing = this.#standings[index];
    return standing?.kind === "between" && standing.applied === position;
  }

  fromOf(index: number, history: TableHistory, position: number): Table | undefined {
    if (this.isBetween(index, position)) return this.tableAt(history.states[position + 1]?.address ?? "");
    return history.states[position]?.table;
  }

  get live(): readonly LiveTable[] {
    return [...this.#live.values()];
  }

  /** The operation that was begun last; each before it was waited for. */
  isLastBegun(index: number, position: number): boolean {
    return position === this.begunOf(index) - 1;
  }

  begunOf(index: number): number {
    return this.#begun[index] ?? 0;
  }

  /** An operation of the migration was begun. */
  begin(operation: number): void {
    const index = this.#historyOf.get(operation);
    if (index === undefined) return;
    const position = this.#histories[index]?.operations.indexOf(operation) ?? -1;
    this.#begun[index] = Math.max(this.#begun[index] ?? 0, position + 1);
  }

  /** Tables that are not as they were to be in the end, although everything was applied. */
  unconverged(): readonly Diagnostic[] {
    return this.#histories.flatMap((history) => {
      const last = history.states.at(-1);
      if (last === undefined || this.#isFinal(history)) return [];
      return driftOf(
        { before: emptyInfraMap, histories: [history] },
        [...this.#live.values()],
        this.#parts.state,
        { standings: [{ kind: "elsewhere", expected: last }], touchedAddresses: this.touchedAddresses },
      ).map((one) => ({
        ...one,
        code: "reconcile/unconverged",
        summary: `${last.address} still differs after everything was applied`,
        hint: "please report this as a fault of moose",
      }));
    });
  }
}

/** How many operations of a history were begun: each waits for the one before. */
function begunOf(operations: readonly number[], steps: JournalledSteps): number {
  return operations.findLastIndex((operation) => steps.entryOf(operation) !== "none") + 1;
}
