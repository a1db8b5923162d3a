// Reads the tables that exist, in two queries whatever their number.

import { type Address, tableAddress } from "../../src/infra/address.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, ColumnDefault, Table } from "../../src/infra/table.js";
import { readColumnTtls, readEngineFull } from "../../src/sql/printed-table.js";
import { stringArray } from "../../src/sql/quote.js";
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
}

interface TableRow {
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  readonly stamp: string;
  readonly settled: number;
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

/** Changes whenever the definition of a table does; one second is its resolution. */
const stampOf = "concat(toString(uuid), ' ', toString(toUnixTimestamp(metadata_modification_time)))";
const isSettled = "toUInt8(now() - metadata_modification_time > 1)";
/** Tables that are no user's: views are another kind of resource, and a dot starts the names of inner tables. */
const isTable =
  "engine NOT IN ('View', 'MaterializedView', 'LiveView', 'WindowView', 'Dictionary') AND NOT startsWith(name, '.')";

/** Reads the selected tables. Names that do not exist are left out. */
export async function inspect(clickhouse: ClickHouse, selection: Selection): Promise<readonly LiveTable[]> {
  const { databases, names } = selection;
  const params = { databases };
  const named = (column: string): string =>
    names === undefined ? "" : `AND ${column} IN ${stringArray(names)}`;
  const [tables, columns] = await Promise.all([
    clickhouse.rows<TableRow>(
      `SELECT database, name, toString(uuid) AS uuid, ${stampOf} AS stamp, ${isSettled} AS settled, engine_full, create_table_query,
         sorting_key, primary_key, partition_key, sampling_key, comment
       FROM system.tables WHERE database IN {databases:Array(String)} ${named("name")} AND ${isTable}`,
      params,
    ),
    clickhouse.rows<ColumnRow>(
      `SELECT database, table, name, type, default_kind, default_expression, comment, compression_codec
       FROM system.columns WHERE database IN {databases:Array(String)} ${named("table")}
       ORDER BY database, table, position`,
      params,
    ),
  ]);
  const byTable = new Map<Address, ColumnRow[]>();
  for (const column of columns) {
    const address = tableAddress(column.database, column.table);
    const list = byTable.get(address);
    if (list === undefined) byTable.set(address, [column]);
    else list.push(column);
  }
  return tables.map((row) => liveTable(row, byTable.get(tableAddress(row.database, row.name)) ?? []));
}

export interface TableStamp {
  readonly database: string;
  readonly name: string;
  readonly stamp: string;
}

/** Name and stamp of every table of the databases: cheap, to see what changed since the last look. */
export function readStamps(
  clickhouse: ClickHouse,
  databases: readonly string[],
): Promise<readonly TableStamp[]> {
  return clickhouse.rows<TableStamp>(
    `SELECT database, name, ${stampOf} AS stamp FROM system.tables
     WHERE database IN {databases:Array(String)} AND ${isTable}`,
    { databases },
  );
}

function liveTable(row: TableRow, columns: readonly ColumnRow[]): LiveTable {
  const printed = readEngineFull(row.engine_full);
  const ttls = readColumnTtls(row.create_table_query);
  const table: Table = {
    database: row.database,
    name: row.name,
    columns: columns.map((column) => readColumn(column, ttls.get(column.name) ?? "")),
    engine: printed.engine,
    orderBy: unwrapTuple(row.sorting_key),
    primaryKey: unwrapTuple(row.primary_key),
    partitionBy: unwrapTuple(row.partition_key),
    sampleBy: unwrapTuple(row.sampling_key),
    ttl: printed.ttl,
    settings: printed.settings,
    comment: row.comment,
    lifeCycle: LifeCycle.FULLY_MANAGED,
  };
  return {
    address: tableAddress(row.database, row.name),
    table,
    uuid: row.uuid,
    stamp: row.stamp,
    settled: row.settled === 1,
  };
}

function readColumn(row: ColumnRow, ttl: string): Column {
  return {
    name: row.name,
    type: row.type,
    default: readDefault(row),
    comment: row.comment,
    codec: /^CODEC\((.*)\)$/s.exec(row.compression_codec)?.[1] ?? "",
    ttl,
  };
}

function readDefault(row: ColumnRow): ColumnDefault | undefined {
  switch (row.default_kind) {
    case "DEFAULT":
    case "MATERIALIZED":
    case "ALIAS":
    case "EPHEMERAL":
      return { kind: row.default_kind, expression: row.default_expression };
    default:
      return undefined;
  }
}
