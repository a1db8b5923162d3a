// A difference as one line for people, from what is expected to what is there.

import type { Change } from "../diff/change.js";
import type { Column } from "../infra/table.js";

/** `+ column extra UInt8`, `~ column n: type Float64 -> UInt64`, `- table` */
export function changeText(change: Change): string {
  switch (change.kind) {
    case "TableAdded":
      return "+ table";
    case "TableRemoved":
      return "- table";
    case "TableRenamed":
      return `~ name: ${change.renamed.name} -> ${change.after.name}`;
    case "ColumnAdded":
      return `+ column ${columnText(change.column)}`;
    case "ColumnRemoved":
      return `- column ${columnText(change.column)}`;
    case "ColumnRenamed":
      return `~ column ${change.from.name} -> ${change.to.name}`;
    case "ColumnChanged":
      return `~ column ${change.to.name}: ${change.aspects.map((aspect) => `${aspect} ${aspectText(change.from, aspect)} -> ${aspectText(change.to, aspect)}`).join(", ")}`;
    case "LayoutChanged":
      return change.aspects
        .map(({ aspect, before, after }) => `~ ${aspect}: ${before || "none"} -> ${after || "none"}`)
        .join("; ");
    case "IndexAdded":
      return `+ index ${change.index.name}`;
    case "IndexRemoved":
      return `- index ${change.index.name}`;
    case "ProjectionAdded":
      return `+ projection ${change.projection.name}`;
    case "ProjectionRemoved":
      return `- projection ${change.projection.name}`;
    case "ConstraintAdded":
      return `+ constraint ${change.constraint.name}`;
    case "ConstraintRemoved":
      return `- constraint ${change.constraint.name}`;
    case "TtlChanged":
      return `~ TTL: ${change.before.ttl || "none"} -> ${change.after.ttl || "none"}`;
    case "SampleByChanged":
      return `~ SAMPLE BY: ${change.before.sampleBy || "none"} -> ${change.after.sampleBy || "none"}`;
    case "SettingsChanged":
      return `~ settings: ${settingsText(change.before.settings)} -> ${settingsText(change.after.settings)}`;
    case "CommentChanged":
      return `~ comment: '${change.before.comment}' -> '${change.after.comment}'`;
  }
}

/** `n UInt8 DEFAULT 1` */
export function columnText({ name, type, default: value }: Column): string {
  return value === undefined ? `${name} ${type}` : `${name} ${type} ${value.kind} ${value.expression}`;
}

/** One property of a column; `none` where it has none. */
export function aspectText(column: Column, aspect: "type" | "default" | "comment" | "codec" | "ttl"): string {
  if (aspect !== "default") return column[aspect] || "none";
  return column.default === undefined ? "none" : `${column.default.kind} ${column.default.expression}`;
}

/** `a = 1, b = 2`, or `none` */
export function settingsText(settings: Readonly<Record<string, string>>): string {
  const list = Object.keys(settings)
    .sort()
    .map((name) => `${name} = ${settings[name]}`);
  return list.length === 0 ? "none" : list.join(", ");
}
