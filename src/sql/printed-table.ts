// Reads the parts of a table that no system table lists (TTLs, settings, engine arguments)
// out of the statement that ClickHouse itself prints for it.

import type { TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import { isPresetSetting, withBareName } from "./engine.js";
import { bracketed, indexOfTopLevel, splitTopLevel } from "./scan.js";
import { readConstraintText, readIndexText, readProjectionText, splitName } from "./table-parts.js";
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
  const engine = withBareName(engineFull.slice(0, starts[0]?.at ?? engineFull.length).trim());
  return {
    engine,
    ttl: textOf(" TTL "),
    settings: readSettings(engine, textOf(" SETTINGS ")),
  };
}

function readSettings(engine: string, text: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const part of splitTopLevel(text)) {
    const equals = part.indexOf(" = ");
    const [name, value] = [part.slice(0, equals), unquote(part.slice(equals + 3))];
    if (equals > 0 && !isPresetSetting(engine, name, value)) settings[name] = value;
  }
  return settings;
}

function unquote(text: string): string {
  return text.startsWith("'") && text.endsWith("'") ? unescaped(text.slice(1, -1)) : text;
}

/** What only `create_table_query` tells of a table's columns, indexes, projections and constraints. */
export interface PrintedParts {
  /** By column name. */
  readonly ttls: ReadonlyMap<string, string>;
  /** Those that somebody asked for; the server lists others that it makes by itself only in system tables. */
  readonly indexes: readonly TableIndex[];
  readonly projections: readonly TableProjection[];
  readonly constraints: readonly TableConstraint[];
}

const hasParts = / TTL |, INDEX |, PROJECTION |, CONSTRAINT /;
const noParts: PrintedParts = { ttls: new Map(), indexes: [], projections: [], constraints: [] };

/**
 * Column TTLs, indexes and projections from `create_table_query`.
 *
 * ClickHouse prints a column as `name` Type [DEFAULT e] [COMMENT 's'] [CODEC(..)] [TTL e] [SETTINGS (..)];
 * TTL stands behind everything that could hold the word, outside of quotes and brackets.
 * Behind the columns come INDEX name e TYPE t GRANULARITY n, CONSTRAINT .., PROJECTION name (SELECT ..).
 */
export function readPrintedParts(createTableQuery: string): PrintedParts {
  if (!hasParts.test(createTableQuery)) return noParts;
  // The column list is the first bracket after the table's name; brackets inside of the name are in backticks.
  const list = indexOfTopLevel(createTableQuery, " (");
  if (list < 0) return noParts;
  const ttls = new Map<string, string>();
  const indexes: TableIndex[] = [];
  const projections: TableProjection[] = [];
  const constraints: TableConstraint[] = [];
  for (const part of splitTopLevel(bracketed(createTableQuery, list + 1).inside)) {
    if (part.startsWith("`")) readColumnTtl(part, ttls);
    else if (part.startsWith("INDEX ")) indexes.push(readIndex(part));
    else if (part.startsWith("PROJECTION ")) projections.push(readProjection(part));
    else if (part.startsWith("CONSTRAINT ")) constraints.push(readConstraint(part));
  }
  return { ttls, indexes, projections, constraints };
}

function readColumnTtl(part: string, ttls: Map<string, string>): void {
  const at = indexOfTopLevel(part, " TTL ");
  if (at < 0) return;
  const rest = part.slice(at + 5);
  const settings = indexOfTopLevel(rest, " SETTINGS ");
  ttls.set(splitName(part).name, (settings < 0 ? rest : rest.slice(0, settings)).trim());
}

function readIndex(part: string): TableIndex {
  const { name, rest } = splitName(part.slice("INDEX ".length));
  return { name, ...readIndexText(rest) };
}

function readConstraint(part: string): TableConstraint {
  const { name, rest } = splitName(part.slice("CONSTRAINT ".length));
  return { name, ...readConstraintText(rest) };
}

function readProjection(part: string): TableProjection {
  const { name, rest } = splitName(part.slice("PROJECTION ".length));
  return { name, body: readProjectionText(rest) };
}
