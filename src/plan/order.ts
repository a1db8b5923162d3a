// The order of the changes inside of a table.

import type { Change } from "../diff/change.js";
import { isStored } from "../diff/diff-columns.js";
import type { Table } from "../infra/table.js";
import { dependenciesFirst, dependsOn, neighbour } from "./column-order.js";

/**
 * The order inside of a table: what is in the way goes first, new columns come before what may name them,
 * and columns go late, when nothing names them any more. Indexes and projections are built over what is there then.
 */
const order: readonly Change["kind"][] = [
  "TableRenamed",
  "ProjectionRemoved",
  "IndexRemoved",
  "ConstraintRemoved",
  "ColumnRenamed",
  "TableAdded",
  "LayoutChanged",
  "ColumnAdded",
  "ColumnChanged",
  "TtlChanged",
  "SampleByChanged",
  "SettingsChanged",
  "CommentChanged",
  "ColumnRemoved",
  "IndexAdded",
  "ProjectionAdded",
  "ConstraintAdded",
  "TableRemoved",
];

/** Where what has to happen before any change of a column or of keys stands. */
const early = order.indexOf("TableAdded");

/** The changes of one table in the order in which they are to be done. */
export function inOrder(changes: readonly Change[]): readonly Change[] {
  const added = changes.flatMap((change) => (change.kind === "ColumnAdded" ? [change.column] : []));
  const removed = changes.flatMap((change) => (change.kind === "ColumnRemoved" ? [change.column] : []));
  const addedRank = dependenciesFirst(added).map((column) => column.name);
  const removedRank = dependenciesFirst(removed).map((column) => column.name);
  const rank = (change: Change): number => {
    if (change.kind === "TtlChanged" && change.after.ttl === "") return early - 0.9;
    if (change.kind === "SettingsChanged" && letsProjectionsIn(change.after))
      return order.indexOf("ColumnRenamed") - 0.5;
    // A column that is dropped and added goes before others come to need it, unless it needs them.
    if (change.kind === "ColumnChanged" && isStored(change.from) && !isStored(change.to)) {
      return added.some(({ name }) => dependsOn(change.to, name))
        ? order.indexOf("ColumnChanged")
        : early - 0.5;
    }
    const base = order.indexOf(change.kind);
    if (change.kind === "ColumnAdded")
      return base + addedRank.indexOf(change.column.name) / (added.length + 1);
    if (change.kind !== "ColumnRemoved") return base;
    return base + 1 - (removedRank.indexOf(change.column.name) + 1) / (removed.length + 1);
  };
  return placed(changes.toSorted((a, b) => rank(a) - rank(b)));
}

/**
 * Engines that merge rows take projections only while a setting of theirs says what becomes of them then. A change of a
 * column sets its projections aside and adds them again, and so comes after that setting.
 */
function letsProjectionsIn({ settings }: Table): boolean {
  const mode = settings.deduplicate_merge_projection_mode;
  return mode !== undefined && mode !== "throw";
}

/** The changes with every new column behind one that is there when it is added. */
function placed(changes: readonly Change[]): readonly Change[] {
  const present = new Set(
    changes.flatMap((change) => ("before" in change ? change.before.columns.map(({ name }) => name) : [])),
  );
  return changes.map((change) => {
    if (change.kind !== "ColumnAdded") return change;
    const position = neighbour(change.column.name, change.after.columns, present);
    present.add(change.column.name);
    return { ...change, position };
  });
}
