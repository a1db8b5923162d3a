// How far a migration has come: each table as it is, held against what it was to be before and after every operation.

import type { Change } from "../diff/change.js";
import { diff } from "../diff/diff.js";
import { Folding } from "../format/fold.js";
import { isTableOperation, type MigrationOperation, tableOf } from "../format/operation.js";
import { type Address, addressOf, tableAddress } from "../infra/address.js";
import { type InfraMap, infraMapOf } from "../infra/inframap.js";
import type { Table } from "../infra/table.js";
import { noEvidence } from "../plan/evidence.js";
import { plan } from "../plan/plan.js";

/** A table at one moment of a migration; `table` is undefined while there is none. */
export interface TableState {
  readonly address: Address;
  readonly table: Table | undefined;
}

/** What a migration does to one table, from its first operation to its last. */
export interface TableHistory {
  /** Their places in the migration. */
  readonly operations: readonly number[];
  /** Before the first operation and after each: one more than there are operations. */
  readonly states: readonly TableState[];
}

/** The histories of all tables that the operations touch, or the first operation that does not apply. */
export function tableHistories(
  before: InfraMap,
  operations: readonly MigrationOperation[],
):
  | { readonly histories: readonly TableHistory[]; readonly after: InfraMap }
  | { readonly problem: string; readonly index: number } {
  const histories = new Map<Address, { operations: number[]; states: TableState[] }>();
  const names = new Map<Address, readonly number[]>();
  const folding = new Folding(before);
  for (const [index, operation] of operations.entries()) {
    const address = isTableOperation(operation) ? addressOf(tableOf(operation)) : "";
    const table = folding.tableAt(address);
    const problem = folding.apply(operation);
    if (problem !== undefined) return { problem, index };
    if (!isTableOperation(operation)) continue;
    const now =
      operation.kind === "RenameTable" ? tableAddress(operation.table.database, operation.to) : address;
    const history = histories.get(address) ?? { operations: [], states: [{ address, table }] };
    for (const name of [address, now]) {
      if ((names.get(name) ?? history.operations) !== history.operations)
        return { problem: `${operation.kind} of ${address}: ${nameOfAnother(name)}`, index };
      names.set(name, history.operations);
    }
    histories.delete(address);
    histories.set(now, history);
    history.operations.push(index);
    history.states.push({ address: now, table: folding.tableAt(now) });
  }
  return { histories: [...histories.values()], after: folding.map };
}

/** By what is seen under a name it could not be told which of the two tables it is, after a kill. */
function nameOfAnother(name: Address): string {
  return `another table has the name ${name} in this migration; give it to the next one in a migration of its own`;
}

/** Where a table stands in its history. */
export type Standing =
  /** The first `applied` operations are done, and nothing of the next. */
  | { readonly kind: "at"; readonly applied: number }
  /** Some of the statements of operation `applied` (from 0) have been applied. */
  | { readonly kind: "between"; readonly applied: number }
  /** As no moment of this migration has it. */
  | { readonly kind: "elsewhere"; readonly expected: TableState };

/**
 * @param live - the table that exists at an address
 * @param begun - how many of the history's operations were begun: all before the last of them are done, for
 *   each waits for the one before
 * @param isRecreate - whether the operation at this place of the migration drops and makes the table
 */
export function standingOf(
  history: TableHistory,
  live: (address: Address) => Table | undefined,
  begun: number,
  isRecreate: (operation: number) => boolean,
): Standing {
  const isAt = (index: number): boolean => {
    const state = history.states[index];
    return state !== undefined && isSame(live(state.address), state.table);
  };
  if (isAt(begun)) return { kind: "at", applied: begun };
  const [before, after] = [history.states[begun - 1], history.states[begun]];
  if (before === undefined || after === undefined)
    return { kind: "elsewhere", expected: history.states[begun] ?? { address: "", table: undefined } };
  if (isAt(begun - 1)) return { kind: "at", applied: begun - 1 };
  const now = live(after.address);
  const recreated = isRecreate(history.operations[begun - 1] ?? -1);
  if (now === undefined ? recreated : isBetween(before.table, now, after.table))
    return { kind: "between", applied: begun - 1 };
  return { kind: "elsewhere", expected: before };
}

/** Changes from one state of a table to another; both in the server's form. */
export function changesBetween(from: Table | undefined, to: Table | undefined): readonly Change[] {
  return diff(mapOf(from), mapOf(to));
}

function mapOf(table: Table | undefined): InfraMap {
  return infraMapOf(table === undefined ? [] : [table]);
}

function isSame(a: Table | undefined, b: Table | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return changesBetween(a, { ...b, renamedFrom: undefined }).length === 0;
}

/** Only what the operation touches differs, on either side. */
function isBetween(before: Table | undefined, now: Table, after: Table | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  const concerned = touched(before, after);
  return [...touched(before, now), ...touched(now, after)].every((part) => concerned.has(part));
}

function touched(from: Table, to: Table): ReadonlySet<string> {
  const changes = changesBetween(from, to);
  // Indexes and projections that are put aside for a column come and go with it.
  const aside = plan(changes, noEvidence).operations.flatMap((operation) =>
    "inTheWay" in operation
      ? operation.inTheWay.setAside.map(({ kind, part }) => `${kind} ${part.name}`)
      : [],
  );
  return new Set([...changes.flatMap(partsOf), ...aside]);
}

function partsOf(change: Change): readonly string[] {
  switch (change.kind) {
    case "ColumnAdded":
    case "ColumnRemoved":
      return [`column ${change.column.name}`];
    case "ColumnChanged":
      return [`column ${change.to.name}`];
    case "ColumnRenamed":
      return [`column ${change.from.name}`, `column ${change.to.name}`];
    case "IndexAdded":
    case "IndexRemoved":
      return [`index ${change.index.name}`];
    case "ProjectionAdded":
    case "ProjectionRemoved":
      return [`projection ${change.projection.name}`];
    case "ConstraintAdded":
    case "ConstraintRemoved":
      return [`constraint ${change.constraint.name}`];
    default:
      return [change.kind];
  }
}
