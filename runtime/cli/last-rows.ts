// The last rows of a table by its sorting key: which they are, and the statement that deletes them.

import type { Diagnostic } from "../../src/diagnostic.js";
import { addressOf } from "../../src/infra/address.js";
import type { Table } from "../../src/infra/table.js";
import { isMergeTree } from "../../src/sql/engine.js";
import { qualifiedName, quoteString } from "../../src/sql/quote.js";
import { splitTopLevel } from "../../src/sql/scan.js";
import type { ClickHouse } from "../clickhouse/client.js";

export interface LastRows {
  readonly table: Table;
  /** At least as many as were asked for, where there are so many: rows of one key go together. */
  readonly count: number;
  /** Undefined where there is nothing to delete. */
  readonly statement: string | undefined;
}

/** Why a table has no last rows. */
export function withoutLastRows(table: Table): Diagnostic | undefined {
  if (isMergeTree(table.engine) && table.orderBy !== "") return undefined;
  return {
    code: "cli/no-order",
    severity: "error",
    summary: `${addressOf(table)} has no sorting key, so that none of its rows are the last`,
    hint: "leave out --rows to delete all of them",
  };
}

/**
 * Fixes the key from which on rows are deleted, so that rows which come in meanwhile with greater keys stay.
 *
 * @param rows - how many, from 1 up
 */
export async function lastRows(clickhouse: ClickHouse, table: Table, rows: number): Promise<LastRows> {
  const keys = splitTopLevel(table.orderBy);
  const tuple = keys.length === 1 ? (keys[0] ?? "") : `tuple(${keys.join(", ")})`;
  const name = qualifiedName(table);
  const [bounds] = await clickhouse.rows<{ first: string; last: string; type: string }>(
    `SELECT formatRowNoNewline('Values', ${tuple}) AS first, toTypeName(${tuple}) AS type,
       (SELECT formatRowNoNewline('Values', max(${tuple})) FROM ${name}) AS last
     FROM ${name} ORDER BY ${keys.map((key) => `${key} DESC`).join(", ")}
     LIMIT 1 OFFSET (SELECT greatest(least(toInt64(${rows}), toInt64(count())), 1) - 1 FROM ${name})`,
  );
  if (bounds === undefined) return { table, count: 0, statement: undefined };
  const value = (text: string) => `CAST(${text.slice(1, -1)}, ${quoteString(bounds.type)})`;
  const condition = `${tuple} >= ${value(bounds.first)} AND ${tuple} <= ${value(bounds.last)}`;
  const [found] = await clickhouse.rows<{ n: string }>(
    `SELECT toString(count()) AS n FROM ${name} WHERE ${condition}`,
  );
  return {
    table,
    count: Number(found?.n ?? 0),
    statement: `ALTER TABLE ${name} DELETE WHERE ${condition} SETTINGS mutations_sync = 1`,
  };
}
