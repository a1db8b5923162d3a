// Reads a table out of the statement that ClickHouse itself prints for it. No system table lists TTLs, settings and the
// arguments of the engine; and to list the columns as well takes the server half as long again.

import type { Column, TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import { isPresetSetting, withBareName } from "./engine.js";
import { isClearlyPrinted, readPrintedColumn } from "./printed-columns.js";
import { bracketed, cutAtClauses, indexOfTopLevel, splitTopLevel } from "./scan.js";
import { readConstraintText, readIndexText, readProjectionText, splitName } from "./table-parts.js";
import { unescaped } from "./unescape.js";

const words = [
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
  const { head, clauses } = cutAtClauses(engineFull, words);
  const textOf = (word: (typeof words)[number]): string =>
    clauses.find((clause) => clause.word === word)?.text ?? "";
  const engine = withBareName(head);
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

/** What `create_table_query` tells of a table. */
export interface PrintedParts {
  /** In their order. */
  readonly columns: readonly Column[];
  /** False where more than names and TTLs of the columns has to be asked for, see {@link isClearlyPrinted}. */
  readonly isClear: boolean;
  /** Those that somebody asked for; the server lists others that it makes by itself only in system tables. */
  readonly indexes: readonly TableIndex[];
  readonly projections: readonly TableProjection[];
  readonly constraints: readonly TableConstraint[];
}

/**
 * Columns, indexes, projections and constraints from `create_table_query`. The server prints names in backticks, and
 * behind the columns INDEX name e TYPE t GRANULARITY n, CONSTRAINT .., PROJECTION name (SELECT ..).
 */
export function readPrintedParts(createTableQuery: string): PrintedParts {
  const columns: Column[] = [];
  const indexes: TableIndex[] = [];
  const projections: TableProjection[] = [];
  const constraints: TableConstraint[] = [];
  let isKnown = true;
  // The column list is the first bracket after the table's name; brackets inside of the name are in backticks.
  const list = indexOfTopLevel(createTableQuery, " (");
  const parts = list < 0 ? [] : splitTopLevel(bracketed(createTableQuery, list + 1).inside);
  for (const part of parts) {
    if (part.startsWith("`")) columns.push(readPrintedColumn(part));
    else if (part.startsWith("INDEX ")) indexes.push(readIndex(part));
    else if (part.startsWith("PROJECTION ")) projections.push(readProjection(part));
    else if (part.startsWith("CONSTRAINT ")) constraints.push(readConstraint(part));
    else isKnown = false;
  }
  const isClear = isKnown && columns.length > 0 && columns.every(isClearlyPrinted);
  return { columns, isClear, indexes, projections, constraints };
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
