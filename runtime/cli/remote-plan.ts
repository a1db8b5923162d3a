// moose plan --url: what a moose server would have to do for this code; it compares, with its own ClickHouse.

import { hasErrors } from "../../src/diagnostic.js";
import { writeInfraMap } from "../../src/format/inframap-json.js";
import { loadDesired } from "../reconcile/project.js";
import type { OneShot } from "./one-shot.js";
import { adminClient } from "./remote.js";

export async function showRemotePlan(shot: OneShot, url: string): Promise<number> {
  const { settings, colors } = shot;
  const client = adminClient(shot, url);
  const code = await loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  shot.problems(code.diagnostics);
  if (hasErrors(code.diagnostics)) return 1;
  const target = writeInfraMap(code.map, settings.clickhouse.database);
  const changes = await client.planAgainst(target);
  const lines = changeLines(changes);
  if (shot.isJson) shot.json({ target_infra_map: target, changes });
  else for (const line of lines.length === 0 ? [nothing] : lines) shot.say(line);
  return lines.length === 0 ? 0 : 2;
}

const nothing = "nothing to do: the database is as the code says";

/**
 * The changes of the existing tool's JSON as lines: `+ table events`, `~ table orders`, `  + column a String`.
 * What is not known is named as it is, for a newer server may know more.
 */
export function changeLines(changes: unknown): readonly string[] {
  const filtered = listAt(changes, "filtered_olap_changes").flatMap((one) => [
    ...olapLines(at(one, "change")),
    `    blocked: ${String(at(one, "reason"))}`,
  ]);
  const topics = listAt(changes, "streaming_engine_changes").flatMap((one) =>
    changedLines("topic", at(one, "Topic")),
  );
  return [...listAt(changes, "olap_changes").flatMap(olapLines), ...filtered, ...topics];
}

function olapLines(change: unknown): readonly string[] {
  const [kind, body] = onlyEntry(change);
  if (kind !== "Table") return changedLines(words(kind), body);
  const [how, table] = onlyEntry(body);
  if (how === "SettingsChanged") return [`~ table ${nameOf(table)}: settings`];
  if (how === "TtlChanged")
    return [`~ table ${nameOf(table)}: TTL ${text(table, "before")} -> ${text(table, "after")}`];
  if (how === "ValidationError") return [`! table ${text(table, "table_name")}: ${text(table, "message")}`];
  const columns = listAt(table, "column_changes").map(columnLine);
  return [...changedLines("table", body), ...columns, ...(how === "Updated" ? layoutLines(table) : [])];
}

function columnLine(change: unknown): string {
  const [how, body] = onlyEntry(change);
  switch (how) {
    case "Added":
      return `  + column ${nameOf(at(body, "column"))} ${typeOf(at(body, "column"))}`;
    case "Removed":
      return `  - column ${nameOf(body)}`;
    default:
      return `  ~ column ${nameOf(at(body, "after"))}: ${typeOf(at(body, "before"))} -> ${typeOf(at(body, "after"))}`;
  }
}

function layoutLines(table: unknown): readonly string[] {
  return (["order_by", "partition_by"] as const).flatMap((name) => {
    const change = at(table, `${name}_change`);
    const [before, after] = [text(change, "before"), text(change, "after")];
    return before === after ? [] : [`  ~ ${name.replace("_", " ").toUpperCase()}: ${before} -> ${after}`];
  });
}

function changedLines(what: string, change: unknown): readonly string[] {
  const [how, body] = onlyEntry(change);
  const sign = how === "Added" ? "+" : how === "Removed" ? "-" : "~";
  const name = nameOf(body) || nameOf(at(body, "after"));
  return [`${sign} ${what} ${name}`.trimEnd()];
}

function words(kind: string): string {
  return kind.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

function at(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const found = at(value, name);
  return Array.isArray(found) ? found : [];
}

function onlyEntry(value: unknown): readonly [name: string, value: unknown] {
  if (typeof value !== "object" || value === null) return [String(value), undefined];
  return Object.entries(value)[0] ?? ["", undefined];
}

function nameOf(value: unknown): string {
  return String(at(value, "name") ?? "");
}

function typeOf(value: unknown): string {
  const type = at(value, "data_type");
  return typeof type === "string" ? type : JSON.stringify(type ?? null);
}

function text(value: unknown, name: string): string {
  const found = at(value, name);
  const shown = Array.isArray(found) ? found.join(", ") : (found ?? "");
  return String(shown) || "none";
}
