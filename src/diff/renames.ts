// Renames that the code declares: which of them are still to be done, and what a table looks like after them.

import { type Address, addressOf, tableAddress } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import type { Column, Table } from "../infra/table.js";
import { withRenamed } from "../sql/mentions.js";
import type { Change } from "./change.js";

/** The table that a declared one takes the place of: it exists, nobody declares it, and the new name is free. */
export function renamedTable(wanted: Table, before: InfraMap, after: InfraMap): Table | undefined {
  if (wanted.renamedFrom === undefined) return undefined;
  const old = tableAddress(wanted.database, wanted.renamedFrom);
  const isFree = !before.tables.has(tableAddress(wanted.database, wanted.name));
  return isFree && !after.tables.has(old) ? before.tables.get(old) : undefined;
}

/** The declared table that says it was called so before. */
export function successorOf(old: Table, after: InfraMap): Address | undefined {
  const successor = [...after.tables.values()].find(
    ({ database, renamedFrom }) => database === old.database && renamedFrom === old.name,
  );
  return successor && addressOf(successor);
}

type ColumnRenamed = Extract<Change, { kind: "ColumnRenamed" }>;

export interface Renaming {
  readonly changes: readonly ColumnRenamed[];
  /** The table as the server leaves it after these changes. */
  readonly table: Table;
}

export function renameColumns(address: Address, before: Table, after: Table): Renaming {
  const changes = after.columns.flatMap((to): readonly ColumnRenamed[] => {
    if (to.renamedFrom === undefined) return [];
    const from = before.columns.find((column) => column.name === to.renamedFrom);
    const isTaken = [
      ...before.columns.filter(({ name }) => name === to.name),
      ...after.columns.filter(({ name }) => name === to.renamedFrom),
    ];
    if (from === undefined || isTaken.length > 0) return [];
    return [{ kind: "ColumnRenamed", address, before, after, from, to }];
  });
  return { changes, table: changes.reduce(afterRename, before) };
}

/**
 * The server writes the new name into defaults, TTLs, indexes and constraints. Of projections and keys it does not, for there it
 * refuses the rename; their texts stay, so that they differ from what the code says.
 */
function afterRename(table: Table, { from, to }: ColumnRenamed): Table {
  const rename = (expression: string): string => withRenamed(expression, from.name, to.name);
  const renameIn = (column: Column): Column => ({
    ...column,
    name: column.name === from.name ? to.name : column.name,
    default: column.default && { ...column.default, expression: rename(column.default.expression) },
    ttl: rename(column.ttl),
  });
  return {
    ...table,
    columns: table.columns.map(renameIn),
    ttl: rename(table.ttl),
    indexes: table.indexes.map((index) => ({ ...index, expression: rename(index.expression) })),
    constraints: table.constraints.map((one) => ({ ...one, expression: rename(one.expression) })),
  };
}

/** How a table and its columns are called before the renames among `changes`. */
export interface PresentNames {
  tableOf(address: Address, otherwise: Table): Table;
  columnOf(address: Address, column: string): string;
}

export function presentNames(changes: readonly Change[]): PresentNames {
  const tables = new Map<Address, Table>();
  const columns = new Map<string, string>();
  for (const change of changes) {
    if (change.kind === "TableRenamed") tables.set(change.address, change.renamed);
    if (change.kind === "ColumnRenamed")
      columns.set(`${change.address}\0${change.to.name}`, change.from.name);
  }
  return {
    tableOf: (address, otherwise) => tables.get(address) ?? otherwise,
    columnOf: (address, column) => columns.get(`${address}\0${column}`) ?? column,
  };
}
