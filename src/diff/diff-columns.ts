// The columns of two tables: which were added, removed and changed.

import { sameColumns } from "../infra/same.js";
import type { Column, Table } from "../infra/table.js";
import type { Change, ColumnAspect } from "./change.js";

/** Columns are matched by name; the order of existing columns is no difference. */
export function diffColumns(address: string, before: Table, after: Table): readonly Change[] {
  // So it is with nearly all tables.
  if (sameColumns(before.columns, after.columns)) return [];
  const table = { address, before, after };
  const old = new Map(before.columns.map((column) => [column.name, column]));
  const kept = new Set(after.columns.map((column) => column.name));
  const changes: Change[] = [];
  for (const [index, column] of after.columns.entries()) {
    const from = old.get(column.name);
    const position = after.columns[index - 1]?.name;
    if (from === undefined) changes.push({ kind: "ColumnAdded", column, position, ...table });
    else changes.push(...diffColumn(from, column, table));
  }
  const removed = before.columns.filter((column) => !kept.has(column.name));
  return [...changes, ...removed.map((column) => ({ kind: "ColumnRemoved", column, ...table }) as const)];
}

type TablePair = { readonly address: string; readonly before: Table; readonly after: Table };

function diffColumn(from: Column, to: Column, table: TablePair): readonly Change[] {
  const aspects = differingAspects(from, to);
  return aspects.length === 0 ? [] : [{ kind: "ColumnChanged", from, to, aspects, ...table }];
}

/** ALIAS and EPHEMERAL columns have no data on disk. */
export function isStored(column: Column): boolean {
  return column.default?.kind !== "ALIAS" && column.default?.kind !== "EPHEMERAL";
}

function differingAspects(from: Column, to: Column): readonly ColumnAspect[] {
  const aspects: ColumnAspect[] = [];
  if (from.type !== to.type) aspects.push("type");
  if (from.default?.kind !== to.default?.kind || from.default?.expression !== to.default?.expression) {
    aspects.push("default");
  }
  if (from.comment !== to.comment) aspects.push("comment");
  if (from.codec !== to.codec) aspects.push("codec");
  if (from.ttl !== to.ttl) aspects.push("ttl");
  return aspects;
}
