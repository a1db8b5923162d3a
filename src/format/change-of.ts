// changeOf: what an operation of a file is to the rest of the pipeline, a change to be planned or statements to be sent.

import type { Change } from "../diff/change.js";
import { diff } from "../diff/diff.js";
import { layoutDifferences } from "../diff/layout.js";
import { addressOf, tableAddress } from "../infra/address.js";
import { type InfraMap, infraMapOf } from "../infra/inframap.js";
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
import { fold } from "./fold.js";
import { isTableOperation, type MigrationOperation, type TableOperation, tableOf } from "./operation.js";

/** How an operation is brought about. No changes mean that there is nothing to do. */
export type Effect =
  | { readonly kind: "changes"; readonly changes: readonly Change[] }
  | { readonly kind: "statements"; readonly steps: readonly Step[] };

/**
 * @param before - the tables as they are when the operation's turn comes
 * @returns a problem where the operation does not apply to them
 */
export function changeOf(
  operation: MigrationOperation,
  before: InfraMap,
): Effect | { readonly problem: string } {
  const folded = fold(before, operation);
  if ("problem" in folded) return folded;
  const steps = stepsOf(operation);
  if (steps !== undefined) return { kind: "statements", steps };
  if (!isTableOperation(operation)) return { kind: "changes", changes: [] };
  if (operation.kind === "RecreateTable") {
    const { before: from, after } = operation;
    const aspects = layoutDifferences(from, after);
    return {
      kind: "changes",
      changes: [{ kind: "LayoutChanged", address: addressOf(from), before: from, after, aspects }],
    };
  }
  const { database, name } = tableOf(operation);
  const address = tableAddress(database, name);
  const { cluster } = tableOf(operation);
  const from = onCluster(before.tables.get(address), cluster);
  const now = operation.kind === "RenameTable" ? tableAddress(database, operation.to) : address;
  const after = onCluster(folded.map.tables.get(now), cluster);
  const wanted = after && declaredRename(operation, after);
  return { kind: "changes", changes: diff(mapOf(from), mapOf(wanted)) };
}

/** The file says where, a database does not. */
function onCluster(table: Table | undefined, cluster: string | undefined): Table | undefined {
  return table === undefined || cluster === undefined ? table : { ...table, cluster };
}

function mapOf(table: Table | undefined): InfraMap {
  return infraMapOf(table === undefined ? [] : [table]);
}

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
