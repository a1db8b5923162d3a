// Reads the parts of a table that no system table lists (TTLs, settings, engine arguments)
// out of the statement that ClickHouse itself prints for it.

import { bracketed, indexOfTopLevel, splitTopLevel } from "./scan.js";
import { unescaped } from "./unescape.js";

const clauses = [
  " PARTITION BY ",
  " PRIMARY KEY ",
  " ORDER BY ",
  " SAMPLE BY ",
  " TTL ",
  " SETTINGS ",
] as const;

/** `engine_full` of system.tables, cut into its clauses. */
export interface PrintedEngine {
  /** Engine with its arguments. */
  readonly engine: string;
  readonly ttl: string;
  readonly settings: Readonly<Record<string, string>>;
}

export function readEngineFull(engineFull: string): PrintedEngine {
  const starts = clauses
    .map((clause) => ({ clause, at: indexOfTopLevel(engineFull, clause) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  const textOf = (clause: string): string => {
    const index = starts.findIndex((s) => s.clause === clause);
    const start = starts[index];
    if (start === undefined) return "";
    return engineFull.slice(start.at + clause.length, starts[index + 1]?.at ?? engineFull.length).trim();
  };
  return {
    engine: engineFull.slice(0, starts[0]?.at ?? engineFull.length).trim(),
    ttl: textOf(" TTL "),
    settings: readSettings(textOf(" SETTINGS ")),
  };
}

function readSettings(text: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const part of splitTopLevel(text)) {
    const equals = part.indexOf(" = ");
    if (equals > 0) settings[part.slice(0, equals)] = unquote(part.slice(equals + 3));
  }
  return settings;
}

function unquote(text: string): string {
  return text.startsWith("'") && text.endsWith("'") ? unescaped(text.slice(1, -1)) : text;
}

/**
 * Column TTLs by column name, from `create_table_query`.
 *
 * ClickHouse prints a column as `name` Type [DEFAULT e] [COMMENT 's'] [CODEC(..)] [TTL e] [SETTINGS (..)];
 * TTL stands behind everything that could hold the word, outside of quotes and brackets.
 */
export function readColumnTtls(createTableQuery: string): ReadonlyMap<string, string> {
  const ttls = new Map<string, string>();
  if (!createTableQuery.includes(" TTL ")) return ttls;
  // The column list is the first bracket after the table's name; brackets inside of the name are in backticks.
  const list = indexOfTopLevel(createTableQuery, " (");
  if (list < 0) return ttls;
  for (const part of splitTopLevel(bracketed(createTableQuery, list + 1).inside)) {
    if (!part.startsWith("`")) continue;
    const at = indexOfTopLevel(part, " TTL ");
    if (at < 0) continue;
    const rest = part.slice(at + 5);
    const settings = indexOfTopLevel(rest, " SETTINGS ");
    ttls.set(columnName(part), (settings < 0 ? rest : rest.slice(0, settings)).trim());
  }
  return ttls;
}

function columnName(part: string): string {
  let end = 1;
  while (end < part.length && part[end] !== "`") end += part[end] === "\\" ? 2 : 1;
  return unescaped(part.slice(1, end));
}
