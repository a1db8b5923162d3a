// Reads the tables that exist, in one query whatever their number. Their columns are read from what the server prints:
// to ask system.columns as well takes half as long again.

import { type Address, addressOf, tableAddress } from "../../src/infra/address.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, ColumnDefault, Table } from "../../src/infra/table.js";
import type { TableSize } from "../../src/plan/evidence.js";
import { type PrintedParts, readEngineFull, readPrintedParts } from "../../src/sql/printed-table.js";
import { quoteString, stringArray } from "../../src/sql/quote.js";
import { unwrapTuple } from "../../src/sql/scan.js";
import type { ClickHouse } from "./client.js";

/** A table as it is, with what tells whether it has changed since. */
export interface LiveTable {
  readonly address: Address;
  readonly table: Table;
  readonly uuid: string;
  readonly stamp: string;
  /** False when it changed within the last seconds, so that a further change could hide under the same stamp. */
  readonly settled: boolean;
  /** What it held at the last look at the stamps; undefined where it was read since, and for engines that cannot tell. */
  readonly size?: TableSize | undefined;
}

/** What is read of a table in any case. */
interface StampedRow {
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  /** Unix time. */
  readonly changed: number;
  readonly engine: string;
}

interface TableRow extends StampedRow {
  readonly now: number;
  readonly engine_full: string;
  readonly create_table_query: string;
  readonly sorting_key: string;
  readonly primary_key: string;
  readonly partition_key: string;
  readonly sampling_key: string;
  readonly comment: string;
}

interface ColumnRow {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly default_kind: string;
  readonly default_expression: string;
  readonly comment: string;
  readonly compression_codec: string;
}

/** Which tables to read: whole databases, or single tables of them. */
export interface Selection {
  readonly databases: readonly string[];
  /** Names to read; all where it is left out. */
  readonly names?: readonly string[];
}

const otherEngines: ReadonlySet<string> = new Set([
  "View",
  "MaterializedView",
  "LiveView",
  "WindowView",
  "Dictionary",
]);

/** Views are another kind of resource, and a dot starts the names of inner tables. Asked here, it costs the server nothing. */
function isTable({ engine, name }: StampedRow): boolean {
  return !otherEngines.has(engine) && !name.startsWith(".");
}

/** Reads the selected tables. Names that do not exist are left out. */
export async function inspect(
  clickhouse: ClickHouse,
  { databases, names }: Selection,
): Promise<readonly LiveTable[]> {
  const named = names === undefined ? "" : ` AND name IN ${stringArray(names)}`;
  const rows = await clickhouse.rows<TableRow>(
    `SELECT database, name, uuid, toUnixTimestamp(metadata_modification_time) AS changed, toUnixTimestamp(now()) AS now,
       engine, engine_full, create_table_query, sorting_key, primary_key, partition_key, sampling_key, comment
     FROM system.tables WHERE database IN ${stringArray(databases)}${named}`,
  );
  const printed = rows.filter(isTable).map((row) => [row, readPrintedParts(row.create_table_query)] as const);
  const unclear = printed.flatMap(([row, { isClear }]) => (isClear ? [] : row));
  const listed = await listColumns(clickhouse, unclear);
  return printed.map(([row, parts]) => {
    const columns = listed.get(addressOf(row)) ?? [];
    return liveTable(row, parts.isClear ? parts : { ...parts, columns: withTtls(columns, parts.columns) });
  });
}

/** The columns of tables whose printed form leaves them open. */
async function listColumns(
  clickhouse: ClickHouse,
  tables: readonly TableRow[],
): Promise<ReadonlyMap<Address, readonly ColumnRow[]>> {
  const listed = new Map<Address, ColumnRow[]>();
  if (tables.length === 0) return listed;
  const names = tables.map(({ database, name }) => `(${quoteString(database)}, ${quoteString(name)})`);
  const rows = await clickhouse.rows<ColumnRow>(
    `SELECT database, table, name, type, default_kind, default_expression, comment, compression_codec
     FROM system.columns WHERE (database, table) IN (${names.join(", ")}) ORDER BY database, table, position`,
  );
  for (const row of rows) {
    const address = tableAddress(row.database, row.table);
    const list = listed.get(address);
    if (list === undefined) listed.set(address, [row]);
    else list.push(row);
  }
  return listed;
}

export interface TableStamp {
  readonly database: string;
  readonly name: string;
  readonly stamp: string;
  /** Undefined for engines that cannot tell. */
  readonly size: TableSize | undefined;
}

interface SizedRow extends StampedRow {
  /** 64 bits, so that they come as text. */
  readonly rows: string | null;
  readonly bytes: string | null;
}

/** Name and stamp of every table of the databases: cheap, to see what changed since the last look. */
export async function readStamps(
  clickhouse: ClickHouse,
  databases: readonly string[],
): Promise<readonly TableStamp[]> {
  const rows = await clickhouse.rows<SizedRow>(
    `SELECT database, name, uuid, toUnixTimestamp(metadata_modification_time) AS changed, engine, total_rows AS rows, total_bytes AS bytes
     FROM system.tables WHERE database IN ${stringArray(databases)}`,
  );
  return rows.filter(isTable).map((row) => ({
    database: row.database,
    name: row.name,
    stamp: stampOf(row),
    size: row.rows === null ? undefined : { rows: Number(row.rows), bytes: Number(row.bytes ?? 0) },
  }));
}

/** Changes whenever the definition of a table does; one second is its resolution. */
function stampOf({ uuid, changed }: StampedRow): string {
  return `${uuid} ${changed}`;
}

function liveTable(row: TableRow, parts: PrintedParts): LiveTable {
  const { columns, indexes, projections, constraints } = parts;
  const printed = readEngineFull(row.engine_full);
  const table: Table = {
    database: row.database,
    name: row.name,
    columns,
    engine: printed.engine,
    orderBy: unwrapTuple(row.sorting_key),
    primaryKey: unwrapTuple(row.primary_key),
    partitionBy: unwrapTuple(row.partition_key),
    sampleBy: unwrapTuple(row.sampling_key),
    ttl: printed.ttl,
    indexes,
    projections,
    constraints,
    settings: printed.settings,
    comment: row.comment,
    lifeCycle: LifeCycle.FULLY_MANAGED,
  };
  const { uuid, changed, now } = row;
  return { address: addressOf(row), table, uuid, stamp: stampOf(row), settled: now - changed > 1 };
}

/** No system table lists the TTLs of columns. */
function withTtls(listed: readonly ColumnRow[], printed: readonly Column[]): readonly Column[] {
  const ttls = new Map(printed.map(({ name, ttl }) => [name, ttl]));
  return listed.map((row) => ({
    name: row.name,
    type: row.type,
    default: listedDefault(row.default_kind, row.default_expression),
    comment: row.comment,
    codec: /^CODEC\((.*)\)$/s.exec(row.compression_codec)?.[1] ?? "",
    ttl: ttls.get(row.name) ?? "",
  }));
}

function listedDefault(kind: string, expression: string): ColumnDefault | undefined {
  switch (kind) {
    case "DEFAULT":
    case "MATERIALIZED":
    case "ALIAS":
    case "EPHEMERAL":
      return { kind, expression };
    default:
      return undefined;
  }
}
