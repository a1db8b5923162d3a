// Folding: the InfraMap after operations, without a database.

import { isKeyColumn } from "../diff/layout.js";
import { type Address, addressOf, tableAddress } from "../infra/address.js";
import { type InfraMap, infraMapOf } from "../infra/inframap.js";
import { sameColumn, sameTable, sameTexts } from "../infra/same.js";
import type { Column, Table } from "../infra/table.js";
import { withRenamed } from "../sql/mentions.js";
import { foldSqlResource } from "./fold-sql-resources.js";
import { foldViews } from "./fold-views.js";
import { isTableOperation, type MigrationOperation, type TableOperation, tableOf } from "./operation.js";
import { foldTopic, isTopicOperation } from "./topic-operation.js";

/** Takes in operations one after the other. */
export class Folding {
  readonly #tables: Map<Address, Table>;
  #others: InfraMap;

  constructor(before: InfraMap) {
    this.#tables = new Map(before.tables);
    this.#others = before;
  }

  tableAt(address: Address): Table | undefined {
    return this.#tables.get(address);
  }

  /** The map as it is by now, in the order of its keys. */
  get map(): InfraMap {
    return { ...this.#others, tables: infraMapOf(this.#tables.values()).tables };
  }

  /**
   * Views leave the tables as they are, and plain statements everything.
   *
   * @returns why the operation does not apply; nothing has changed then
   */
  apply(operation: MigrationOperation): string | undefined {
    if (isTableOperation(operation)) return this.#applyToTable(operation);
    const map = this.#others;
    if (isTopicOperation(operation)) {
      const folded = foldTopic(map.topics, operation);
      if ("problem" in folded) return folded.problem;
      this.#others = { ...map, topics: folded.topics };
    } else if (operation.kind === "RawSql") {
      this.#others = foldSqlResource(map, operation);
    } else {
      const folded = foldViews(map.views, operation);
      if ("problem" in folded) return `${operation.kind} of ${addressOf(operation.view)}: ${folded.problem}`;
      this.#others = { ...map, views: folded.views };
    }
    return undefined;
  }

  #applyToTable(operation: TableOperation): string | undefined {
    const { database, name } = tableOf(operation);
    const address = tableAddress(database, name);
    const before = this.#tables.get(address);
    const after =
      operation.kind === "CreateTable" ? created(operation.table, before) : changed(operation, before);
    if ("problem" in after) return `${operation.kind} of ${address}: ${after.problem}`;
    if (operation.kind === "RenameTable" && this.#tables.has(tableAddress(database, operation.to))) {
      return `${operation.kind} of ${address}: there is a table ${operation.to} already`;
    }
    this.#tables.delete(address);
    if (after.table !== undefined) this.#tables.set(addressOf(after.table), after.table);
    return undefined;
  }
}

/** The map after all operations; stops at the first that does not apply, and says which. */
export function foldAll(
  map: InfraMap,
  operations: readonly MigrationOperation[],
): { readonly map: InfraMap } | { readonly problem: string; readonly index: number } {
  const folding = new Folding(map);
  for (const [index, operation] of operations.entries()) {
    const problem = folding.apply(operation);
    if (problem !== undefined) return { problem, index };
  }
  return { map: folding.map };
}

type After = { readonly table: Table | undefined } | { readonly problem: string };

function created(table: Table, before: Table | undefined): After {
  return before === undefined ? { table } : { problem: "the table is there already" };
}

type Changing = Exclude<TableOperation, { kind: "CreateTable" }>;

function changed(operation: Changing, table: Table | undefined): After {
  if (table === undefined) return { problem: "there is no such table" };
  switch (operation.kind) {
    case "DropTable":
      return { table: undefined };
    case "RenameTable":
      return { table: { ...table, name: operation.to } };
    case "RecreateTable":
      return sameTable(table, operation.before)
        ? { table: operation.after }
        : { problem: "the table is not what `before` says" };
    case "AddTableColumn":
    case "DropTableColumn":
    case "ModifyTableColumn":
    case "RenameTableColumn":
      return changedColumns(operation, table);
    case "ModifyTableSettings":
      return sameTexts(table.settings, operation.before)
        ? { table: { ...table, settings: operation.after } }
        : { problem: "the settings are not what `before_settings` says" };
    case "ModifyTableTtl":
      return replaced(table, "ttl", operation);
    case "ModifyTableComment":
      return replaced(table, "comment", operation);
    case "AddTableIndex":
      return added(table, "indexes", operation.index);
    case "DropTableIndex":
      return removed(table, "indexes", operation.index);
    case "AddTableProjection":
      return added(table, "projections", operation.projection);
    case "DropTableProjection":
      return removed(table, "projections", operation.projection);
    case "AddTableConstraint":
      return added(table, "constraints", operation.constraint);
    case "DropTableConstraint":
      return removed(table, "constraints", operation.constraint);
    case "ModifySampleBy":
      return { table: { ...table, sampleBy: operation.expression } };
    case "RemoveSampleBy":
      return table.sampleBy === ""
        ? { problem: "the table has no SAMPLE BY" }
        : { table: { ...table, sampleBy: "" } };
  }
}

function replaced(
  table: Table,
  what: "ttl" | "comment",
  by: { readonly before: string; readonly after: string },
): After {
  if (table[what] !== by.before) return { problem: `the ${what} is not what \`before\` says` };
  return { table: { ...table, [what]: by.after } };
}

type PartList = "indexes" | "projections" | "constraints";

function added(table: Table, list: PartList, part: { readonly name: string }): After {
  if (table[list].some(({ name }) => name === part.name)) return { problem: `${part.name} is there already` };
  return { table: { ...table, [list]: [...table[list], part] } };
}

function removed(table: Table, list: PartList, name: string): After {
  const rest = table[list].filter((part) => part.name !== name);
  if (rest.length === table[list].length) return { problem: `there is no ${name}` };
  return { table: { ...table, [list]: rest } };
}

type OfColumns = Extract<Changing, { kind: `${string}TableColumn` }>;

function changedColumns(operation: OfColumns, table: Table): After {
  const { columns } = table;
  const indexOf = (wanted: string) => columns.findIndex(({ name }) => name === wanted);
  const withColumns = (list: readonly Column[]): After => ({ table: { ...table, columns: list } });
  switch (operation.kind) {
    case "AddTableColumn": {
      const { column, afterColumn } = operation;
      if (indexOf(column.name) >= 0) return { problem: `the column ${column.name} is there already` };
      const at = afterColumn === undefined ? -1 : indexOf(afterColumn);
      if (afterColumn !== undefined && at < 0)
        return { problem: `there is no column ${afterColumn} to stand behind` };
      return withColumns(columns.toSpliced(at + 1, 0, column));
    }
    case "DropTableColumn": {
      const column = columns[indexOf(operation.column)];
      if (column === undefined) return { problem: `there is no column ${operation.column}` };
      if (isKeyColumn(table, column)) return { problem: `the column ${column.name} is part of a key` };
      return withColumns(columns.filter((other) => other !== column));
    }
    case "ModifyTableColumn": {
      const at = indexOf(operation.before.name);
      const column = columns[at];
      if (column === undefined) return { problem: `there is no column ${operation.before.name}` };
      if (!sameColumn(column, operation.before)) {
        return { problem: `the column ${column.name} is not what \`before_column\` says` };
      }
      return withColumns(columns.with(at, operation.after));
    }
    case "RenameTableColumn":
      return renamedColumn(table, operation.from, operation.to);
  }
}

function renamedColumn(table: Table, from: string, to: string): After {
  const column = table.columns.find(({ name }) => name === from);
  if (column === undefined) return { problem: `there is no column ${from}` };
  if (table.columns.some(({ name }) => name === to)) return { problem: `the column ${to} is there already` };
  // The server refuses it for columns that the parts on disk are laid out by.
  if (isKeyColumn(table, column))
    return { problem: `the column ${from} is part of a key, so it cannot be renamed` };
  const inText = (text: string) => withRenamed(text, from, to);
  return {
    table: {
      ...table,
      ttl: inText(table.ttl),
      columns: table.columns.map((other) => ({
        ...other,
        name: other.name === from ? to : other.name,
        default: other.default && { ...other.default, expression: inText(other.default.expression) },
        ttl: inText(other.ttl),
      })),
      indexes: table.indexes.map((index) => ({ ...index, expression: inText(index.expression) })),
      projections: table.projections.map((projection) => ({ ...projection, body: inText(projection.body) })),
    },
  };
}
