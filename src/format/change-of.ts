// changeOf: what an operation of a file is to the rest of the pipeline, a change to be planned or statements to be sent.

import type { Change } from "../diff/change.js";
import { diff } from "../diff/diff.js";
import { layoutDifferences } from "../diff/layout.js";
import { addressOf, tableAddress } from "../infra/address.js";
import { type InfraMap, infraMapOf } from "../infra/inframap.js";
import type { Step } from "../plan/operation.js";
import {
  addIndex,
  addProjection,
  dropIndex,
  dropProjection,
  materializeIndex,
  materializeProjection,
  renameColumn,
  renameTable,
} from "../sql/alter-parts.js";
import { createMaterializedView, createView, dropView } from "../sql/view.js";
import { fold } from "./fold.js";
import { isTableOperation, type MigrationOperation, tableOf } from "./operation.js";

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
  return { kind: "changes", changes: diff(only(address, before), only(address, folded.map)) };
}

function only(address: string, map: InfraMap): InfraMap {
  const table = map.tables.get(address);
  return infraMapOf(table === undefined ? [] : [table]);
}

/** The statements of an operation that the planner knows no change for; undefined for any other. */
function stepsOf(operation: MigrationOperation): readonly Step[] | undefined {
  switch (operation.kind) {
    case "RenameTable":
      return metadata(renameTable(operation.table, operation.to));
    case "RenameTableColumn":
      return metadata(renameColumn(operation.table, operation.from, operation.to));
    case "AddTableIndex":
      return [
        ...metadata(addIndex(operation.table, operation.index)),
        { sql: materializeIndex(operation.table, operation.index.name), mutation: true },
      ];
    case "DropTableIndex":
      return metadata(dropIndex(operation.table, operation.index));
    case "AddTableProjection":
      return [
        ...metadata(addProjection(operation.table, operation.projection)),
        { sql: materializeProjection(operation.table, operation.projection.name), mutation: true },
      ];
    case "DropTableProjection":
      return metadata(dropProjection(operation.table, operation.projection));
    case "CreateMaterializedView":
      return metadata(createMaterializedView(operation.view, operation.target, operation.select));
    case "CreateView":
      return metadata(createView(operation.view, operation.select));
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
