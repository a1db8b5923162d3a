// Reads the tables that exist, in one query whatever their number.

import { type Address, tableAddress } from "../../src/infra/address.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, ColumnDefault, Table } from "../../src/infra/table.js";
import type { TableSize } from "../../src/plan/evidence.js";
import { readEngineFull, readPrintedParts } from "../../src/sql/printed-table.js";
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
  /** What it held at the last look at the stamps; undefined where it was read since, and for engines that cannot tell. */
  readonly size?: TableSize | undefined;
}

/** What is read of a table and of a column, in this order; one query brings both. */
const tableFields = [
  "toString(uuid)",
  "toString(toUnixTimestamp(metadata_modification_time))",
  "toString(now() - metadata_modification_time > 1)",
  "engine_full",
  "create_table_query",
  "sorting_key",
  "primary_key",
  "partition_key",
  "sampling_key",
  "comment",
] as const;
const columnFields = [
  "name",
  "type",
  "default_kind",
  "default_expression",
  "comment",
  "compression_codec",
] as const;

/** A table has position 0; its columns count from 1. */
interface Row {
  readonly database: string;
  readonly table: string;
  readonly position: number;
  readonly fields: readonly string[];
}

/** Which tables to read: whole databases, or single tables of them. */
export interface Selection {
  readonly databases: readonly string[];
  /** Names to read; all where it is left out. */
  readonly names?: readonly string[];
}

/** Views are another kind of resource, and a dot starts the names of inner tables. */
const isTable =
  "engine NOT IN ('View', 'MaterializedView', 'LiveView', 'WindowView', 'Dictionary') AND NOT startsWith(name, '.')";

/** Reads the selected tables in one query. Names that do not exist are left out. */
export async function inspect(
  clickhouse: ClickHouse,
  { databases, names }: Selection,
): Promise<readonly LiveTable[]> {
  const selected = (column: string): string =>
    `database IN ${stringArray(databases)}${names === undefined ? "" : ` AND ${column} IN ${stringArray(names)}`}`;
  const rows = await clickhouse.rows<Row>(
    `SELECT database, name AS table, toUInt32(0) AS position, [${tableFields.join(", ")}] AS fields
     FROM system.tables WHERE ${selected("name")} AND ${isTable}
     UNION ALL
     SELECT database, table, toUInt32(position), [${columnFields.join(", ")}]
     FROM system.columns WHERE ${selected("table")}`,
  );
  const byTable = new Map<Address, Row[]>();
  for (const row of rows) {
    const address = tableAddress(row.database, row.table);
    const list = byTable.get(address);
    if (list === undefined) byTable.set(address, [row]);
    else list.push(row);
  }
  return [...byTable.values()].flatMap((ofTable) => {
    const [table, ...columns] = ofTable.sort((a, b) => a.position - b.position);
    return table?.position === 0 ? [liveTable(table, columns)] : [];
  });
}

export interface TableStamp {
  readonly database: string;
  readonly name: string;
  readonly stamp: string;
  /** Undefined for engines that cannot tell. */
  readonly size: TableSize | undefined;
}

interface StampRow {
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  readonly changed: number;
  /** 64 bits, so that they come as text. */
  readonly rows: string | null;
  readonly bytes: string | null;
}

/** Name and stamp of every table of the databases: cheap, to see what changed since the last look. */
export async function readStamps(
  clickhouse: ClickHouse,
  databases: readonly string[],
): Promise<readonly TableStamp[]> {
  const rows = await clickhouse.rows<StampRow>(
    `SELECT database, name, uuid, toUnixTimestamp(metadata_modification_time) AS changed, total_rows AS rows, total_bytes AS bytes
     FROM system.tables WHERE database IN ${stringArray(databases)} AND ${isTable}`,
  );
  return rows.map(({ database, name, uuid, changed, rows: count, bytes }) => ({
    database,
    name,
    stamp: stampOf(uuid, String(changed)),
    size: count === null ? undefined : { rows: Number(count), bytes: Number(bytes ?? 0) },
  }));
}

/** Changes whenever the definition of a table does; one second is its resolution. */
function stampOf(uuid: string, changed: string): string {
  return `${uuid} ${changed}`;
}

function liveTable(row: Row, columnRows: readonly Row[]): LiveTable {
  const [uuid = "", changed = "", settled, engineFull = "", createQuery = "", ...rest] = row.fields;
  const [sortingKey = "", primaryKey = "", partitionKey = "", samplingKey = "", comment = ""] = rest;
  const printed = readEngineFull(engineFull);
  const { ttls, indexes, projections, constraints } = readPrintedParts(createQuery);
  const table: Table = {
    database: row.database,
    name: row.table,
    columns: columnRows.map(({ fields }) => readColumn(fields, ttls)),
    engine: printed.engine,
    orderBy: unwrapTuple(sortingKey),
    primaryKey: unwrapTuple(primaryKey),
    partitionBy: unwrapTuple(partitionKey),
    sampleBy: unwrapTuple(samplingKey),
    ttl: printed.ttl,
    indexes,
    projections,
    constraints,
    settings: printed.settings,
    comment,
    lifeCycle: LifeCycle.FULLY_MANAGED,
  };
  const address = tableAddress(row.database, row.table);
  return { address, table, uuid, stamp: stampOf(uuid, changed), settled: settled === "1" };
}

function readColumn(fields: readonly string[], ttls: ReadonlyMap<string, string>): Column {
  const [name = "", type = "", defaultKind = "", defaultExpression = "", comment = "", codec = ""] = fields;
  return {
    name,
    type,
    default: readDefault(defaultKind, defaultExpression),
    comment,
    codec: /^CODEC\((.*)\)$/s.exec(codec)?.[1] ?? "",
    ttl: ttls.get(name) ?? "",
  };
}

function readDefault(kind: string, expression: string): ColumnDefault | undefined {
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
