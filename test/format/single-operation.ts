// One operation of a file by itself: the map after it, and how it is brought about.

import type { Change } from "../../src/diff/change.js";
import { diff } from "../../src/diff/diff.js";
import { layoutDifferences } from "../../src/diff/layout.js";
import { Folding } from "../../src/format/fold.js";
import { isTableOperation, type MigrationOperation, tableOf } from "../../src/format/operation.js";
import { declaredRename, stepsOf } from "../../src/format/operation-steps.js";
import { addressOf, tableAddress } from "../../src/infra/address.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import type { Step } from "../../src/plan/operation.js";

/** The map after the operation, or why it does not apply. */
type Folded = { readonly map: InfraMap } | { readonly problem: string };

export function fold(map: InfraMap, operation: MigrationOperation): Folded {
  const folding = new Folding(map);
  const problem = folding.apply(operation);
  return problem === undefined ? { map: folding.map } : { problem };
}

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
