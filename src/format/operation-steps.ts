// What the operations of a file are to the planner: some are statements as they stand, some a rename that it is told of.

import type { Table } from "../infra/table.js";
import type { Step } from "../plan/operation.js";
import { createDictionary, dropDictionary, replaceDictionary } from "../sql/dictionary.js";
import {
  createMaterializedView,
  createView,
  dropView,
  modifyQuery,
  modifyRefresh,
  replaceView,
} from "../sql/view.js";
import type { MigrationOperation, TableOperation } from "./operation.js";

/** The table as code would declare it to have been renamed, or its column. */
export function declaredRename(operation: TableOperation, table: Table): Table {
  if (operation.kind === "RenameTable") return { ...table, renamedFrom: operation.table.name };
  if (operation.kind !== "RenameTableColumn") return table;
  const { from, to } = operation;
  return {
    ...table,
    columns: table.columns.map((column) => (column.name === to ? { ...column, renamedFrom: from } : column)),
  };
}

/** The statements of an operation that the planner knows no change for; undefined for any other. */
export function stepsOf(operation: MigrationOperation): readonly Step[] | undefined {
  switch (operation.kind) {
    case "CreateMaterializedView":
      return metadata(
        createMaterializedView({ ...operation, ...operation.view, refresh: operation.refresh ?? "" }),
      );
    case "CreateView":
      return metadata(createView({ ...operation.view, select: operation.select }));
    case "ModifyViewQuery": {
      const view = { ...operation.view, select: operation.select };
      return metadata(operation.isMaterialized ? modifyQuery(view) : replaceView(view));
    }
    case "ModifyViewRefresh":
      return metadata(modifyRefresh({ ...operation.view, refresh: operation.refresh }));
    case "CreateDictionary":
      return metadata(createDictionary({ ...operation.view, select: operation.definition }));
    case "ReplaceDictionary":
      return metadata(replaceDictionary({ ...operation.view, select: operation.definition }));
    case "DropDictionary":
      return metadata(dropDictionary(operation.view));
    case "DropMaterializedView":
    case "DropView":
      return metadata(dropView(operation.view));
    case "RawSql":
      return metadata(...operation.sql);
    default:
      return undefined;
  }
}

function metadata(...statements: readonly string[]): readonly Step[] {
  return statements.map((sql) => ({ sql, mutation: false }));
}
