// Rewrites that failed: found, and after they were taken out of the queue, the columns put back as they were.

import { stringArray } from "../../src/sql/quote.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { errorText } from "../clickhouse/client.js";
import { inspect, type LiveTable } from "../clickhouse/inspect.js";
import type { MigrationRun } from "./migration-run.js";

export interface FailedMutation {
  readonly database: string;
  readonly table: string;
  readonly command: string;
  readonly reason: string;
}

/** Unfinished rewrites with an error, of all tables at hand. */
export async function failedMutations(
  clickhouse: ClickHouse,
  live: readonly LiveTable[],
): Promise<readonly FailedMutation[]> {
  if (live.length === 0) return [];
  const databases = [...new Set(live.map(({ table }) => table.database))];
  const rows = await clickhouse.rows<FailedMutation>(
    `SELECT database, table, any(command) AS command, any(latest_fail_reason) AS reason FROM system.mutations
     WHERE NOT is_done AND latest_fail_reason != '' AND database IN ${stringArray(databases)}
     GROUP BY database, table ORDER BY database, table`,
  );
  return rows.map((row) => ({ ...row, reason: errorText(row.reason) }));
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
