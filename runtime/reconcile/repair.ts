// Rewrites that failed: found, and after they were taken out of the queue, the columns put back as they were.

import { qualifiedName, quoteIdentifier, quoteString, stringArray } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode, errorText } from "../clickhouse/client.js";
import { inspect, type LiveTable } from "../clickhouse/inspect.js";
import { isLastingFailure, type TableName } from "../clickhouse/mutations.js";
import type { MigrationRun } from "./migration-run.js";

export interface FailedMutation {
  readonly database: string;
  readonly table: string;
  readonly command: string;
  readonly reason: string;
}

/** Unfinished rewrites of these tables that cannot come to their end. */
export async function failedMutations(
  clickhouse: ClickHouse,
  tables: readonly LiveTable[],
): Promise<readonly FailedMutation[]> {
  if (tables.length === 0) return [];
  const addresses = new Set(tables.map(({ address }) => address));
  const databases = [...new Set(tables.map(({ table }) => table.database))];
  const rows = await clickhouse.rows<FailedMutation>(
    `SELECT database, table, command, latest_fail_reason AS reason FROM system.mutations
     WHERE NOT is_done AND latest_fail_reason != '' AND database IN ${stringArray(databases)}
     ORDER BY database, table, create_time`,
  );
  const failed = rows.filter(
    ({ database, table, reason }) => addresses.has(`${database}.${table}`) && isLastingFailure(reason),
  );
  return firstOfEach(failed.map((row) => ({ ...row, reason: errorText(row.reason) })));
}

function firstOfEach(failed: readonly FailedMutation[]): readonly FailedMutation[] {
  return [
    ...new Map(failed.toReversed().map((one) => [`${one.database}.${one.table}`, one])).values(),
  ].reverse();
}

/**
 * Columns whose rewrite was taken out of the queue while their type is the new one: values of the old type that the new
 * one cannot hold make them unreadable. So it looks when a process is killed between the two statements of a repair.
 */
export async function unreadableColumns(
  clickhouse: ClickHouse,
  tables: readonly LiveTable[],
): Promise<readonly FailedMutation[]> {
  const found: FailedMutation[] = [];
  for (const { table } of tables) {
    for (const column of await retypedColumns(clickhouse, table)) {
      const quoted = quoteIdentifier(column);
      try {
        await clickhouse.rows(`SELECT count() FROM ${qualifiedName(table)} WHERE ignore(${quoted}) = 0`);
      } catch (error) {
        if (errorCode(error) === undefined) throw error;
        const command = `MODIFY COLUMN ${quoted}`;
        found.push({ database: table.database, table: table.name, command, reason: errorText(error) });
      }
    }
  }
  return firstOfEach(found);
}

/** Columns that some part still has under another type than the table. */
async function retypedColumns(
  clickhouse: ClickHouse,
  { database, name }: TableName,
): Promise<readonly string[]> {
  const ofTable = `database = ${quoteString(database)} AND table = ${quoteString(name)}`;
  const rows = await clickhouse.rows<{ column: string }>(
    `SELECT DISTINCT column FROM system.parts_columns
     WHERE active AND ${ofTable} AND (column, type) NOT IN (SELECT name, type FROM system.columns WHERE ${ofTable})
       AND column IN (SELECT name FROM system.columns WHERE ${ofTable})`,
  );
  return rows.map(({ column }) => column);
}

export interface BrokenTables {
  readonly live: readonly LiveTable[];
  /** Those of which a rewrite failed. */
  readonly broken: readonly LiveTable[];
  readonly databases: readonly string[];
}

/**
 * The type of a column whose rewrite failed is the new one already, and its values cannot be read. The old definition
 * makes them readable again.
 *
 * @returns the tables as they are then
 */
export async function putBackTypes(
  clickhouse: ClickHouse,
  run: MigrationRun,
  { live, broken, databases }: BrokenTables,
): Promise<readonly LiveTable[]> {
  const statements = run.repairsOf(broken);
  for (const sql of statements) await clickhouse.command(sql);
  return statements.length === 0 ? live : inspect(clickhouse, { databases });
}
