// Changes of a table with rows that have to wait until it has another layout.

import type { Change } from "../diff/change.js";
import { isStored } from "../diff/diff-columns.js";
import { isBeyondEngine } from "../diff/engine-limits.js";
import { isKeyColumn } from "../diff/layout.js";
import { engineName, isMergeTree } from "../sql/engine.js";
import { mentions } from "../sql/mentions.js";
import { dependsOn } from "./column-order.js";
import type { ChangeOf } from "./operation-base.js";

/**
 * Changes that only the new layout can bring about: those that the server refuses for columns of the present keys, and
 * those that need what these bring.
 */
export function deferredToLayout(changes: readonly Change[]): readonly Change[] {
  const refused = changes.filter((change) => isRefusedForKeys(change) || isBeyondEngine(change));
  const pending = refused.flatMap((change) =>
    change.kind === "ColumnChanged" || change.kind === "ColumnRenamed" ? [change.to.name] : [],
  );
  const absent = refused.flatMap((change) => (change.kind === "ColumnRenamed" ? [change.to.name] : []));
  const needing = changes.filter(
    (change) =>
      pending.some((name) => isBuiltOn(change, name)) || absent.some((name) => namesColumn(change, name)),
  );
  const kept = [...new Set([...refused, ...needing, ...changes.filter(isForNewEngine)])];
  const isTwinKept = (change: Change): boolean => kept.some((one) => isTwin(change, one));
  return changes.filter((change) => kept.includes(change) || isTwinKept(change));
}

/** What is removed only to be added in another form. */
function isTwin(removed: Change, added: Change): boolean {
  switch (removed.kind) {
    case "IndexRemoved":
      return added.kind === "IndexAdded" && added.index.name === removed.index.name;
    case "ProjectionRemoved":
      return added.kind === "ProjectionAdded" && added.projection.name === removed.projection.name;
    case "ConstraintRemoved":
      return added.kind === "ConstraintAdded" && added.constraint.name === removed.constraint.name;
    default:
      return false;
  }
}

/**
 * Engines that merge rows take a projection only with a setting of theirs, which the code has for the new engine; and
 * each family of engines has settings of its own.
 */
function isForNewEngine(change: Change): boolean {
  if (!("before" in change)) return false;
  const [before, after] = [change.before.engine, change.after.engine];
  if (change.kind === "SettingsChanged")
    return engineName(before) !== engineName(after) && !(isMergeTree(before) && isMergeTree(after));
  return change.kind === "ProjectionAdded" && before !== after;
}

function isRefusedForKeys(change: Change): boolean {
  switch (change.kind) {
    case "ColumnRemoved":
      return isKeyColumn(change.before, change.column);
    case "ColumnRenamed":
      return isKeyColumn(change.before, change.from);
    case "ColumnChanged":
      return isKeyColumn(change.before, change.from) && !isAllowedInKey(change);
    case "SampleByChanged":
      return true;
    default:
      return false;
  }
}

function isBuiltOn(change: Change, column: string): boolean {
  if (change.kind === "IndexAdded") return mentions(change.index.expression, column);
  if (change.kind === "ConstraintAdded") return mentions(change.constraint.expression, column);
  return change.kind === "ProjectionAdded" && mentions(change.projection.body, column);
}

/** Whether the change cannot be made while there is no such column. */
function namesColumn(change: Change, column: string): boolean {
  switch (change.kind) {
    case "ColumnAdded":
      return dependsOn(change.column, column);
    case "ColumnChanged":
      return change.to.name === column || dependsOn(change.to, column);
    case "TtlChanged":
      return mentions(change.after.ttl, column);
    default:
      return false;
  }
}

function isAllowedInKey({ from, to, aspects }: ChangeOf<"ColumnChanged">): boolean {
  return !aspects.includes("type") && to.ttl === "" && isStored(from) === isStored(to);
}
