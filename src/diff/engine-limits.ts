// Changes that the engine of a table has no ALTER for.

import type { Column } from "../infra/table.js";
import { isWidening } from "../sql/conversion.js";
import { alterableOf } from "../sql/engine.js";
import type { Change, LayoutDifference } from "./change.js";

/** Whether ALTER cannot bring the change about under the engine that the table has. */
export function isBeyondEngine(change: Change): boolean {
  if (!("before" in change)) return false;
  const can = alterableOf(change.before.engine);
  switch (change.kind) {
    case "TableRenamed":
    case "LayoutChanged":
    case "CommentChanged":
      return false;
    case "ColumnAdded":
      return !can.columns || (!can.parts && change.column.ttl !== "");
    case "ColumnRemoved":
      return !can.columns;
    case "ColumnChanged":
      return (
        (!can.columns && change.aspects.some((aspect) => aspect !== "comment")) ||
        (!can.conversions &&
          change.aspects.includes("type") &&
          !isWidening(change.from.type, change.to.type)) ||
        (!can.parts && change.aspects.includes("ttl") && change.to.ttl !== "")
      );
    case "ColumnRenamed":
      return !can.renames;
    case "SettingsChanged":
      return !can.settings || (!can.parts && isReset(change));
    case "IndexAdded":
    case "IndexRemoved":
    case "ProjectionAdded":
    case "ProjectionRemoved":
    case "ConstraintAdded":
    case "ConstraintRemoved":
    case "TtlChanged":
    case "SampleByChanged":
      return !can.parts;
  }
}

/** Engines that take settings cannot give them back, but those with parts. */
function isReset({ before, after }: Extract<Change, { kind: "SettingsChanged" }>): boolean {
  return Object.keys(before.settings).some((name) => after.settings[name] === undefined);
}

/** The change as a reason for which the table would have to be made anew. */
export function limitOf(change: Change): LayoutDifference {
  const [before, after] = sides(change);
  return { aspect: "engine's limit", before, after };
}

function sides(change: Change): readonly [string, string] {
  switch (change.kind) {
    case "ColumnAdded":
      return ["", describe(change.column)];
    case "ColumnRemoved":
      return [describe(change.column), ""];
    case "ColumnChanged":
    case "ColumnRenamed":
      return [describe(change.from), describe(change.to)];
    case "ConstraintAdded":
      return ["", `constraint ${change.constraint.name}`];
    case "ConstraintRemoved":
      return [`constraint ${change.constraint.name}`, ""];
    case "SettingsChanged":
      return [settings(change.before.settings), settings(change.after.settings)];
    default:
      return ["", ""];
  }
}

function describe({ name, type, default: value }: Column): string {
  const computed = value === undefined ? [] : [value.kind, value.expression];
  return ["column", name, type, ...computed].join(" ");
}

function settings(values: Readonly<Record<string, string>>): string {
  const names = Object.keys(values).sort();
  return names.map((name) => `${name} = ${values[name]}`).join(", ");
}
