// Which schemas the database was brought to, and when. By it an older deployment knows that a newer one has been here.

import type { Deployment, OwnDeployment } from "../../src/policy/supersede.js";
import { quoteIdentifier } from "../../src/sql/quote.js";
import type { ClickHouse } from "./client.js";
import { shortLived } from "./state.js";
import { stateRows } from "./state-rows.js";

/** More than these are not looked at. */
const mostDeployments = 100;

/** The last ones, oldest first. Needs no lock; empty while there are none. */
export async function readDeployments(
  clickhouse: ClickHouse,
  project: string,
): Promise<readonly Deployment[]> {
  const rows = await stateRows<{ hash: string; builtAtMs: string; atMs: string }>(
    clickhouse,
    { project, table: "deployments" },
    (table) =>
      `SELECT hash, builtAtMs, toUnixTimestamp64Milli(at) AS atMs FROM ${table} ORDER BY at DESC LIMIT ${mostDeployments}`,
  );
  return rows
    .map(({ hash, builtAtMs, atMs }) => ({
      hash,
      builtAtMs: Number(builtAtMs) === 0 ? undefined : Number(builtAtMs),
      atMs: Number(atMs),
    }))
    .reverse();
}

/**
 * Writes that the database now matches a deployment.
 *
 * @param clickhouse - the lock's
 * @param database - of the project's state
 */
export async function writeDeployment(
  clickhouse: ClickHouse,
  database: string,
  { hash, builtAtMs }: OwnDeployment,
): Promise<void> {
  const table = `${quoteIdentifier(database)}.deployments`;
  await clickhouse.command(
    `CREATE TABLE IF NOT EXISTS ${table} (hash String, builtAtMs Int64, at DateTime64(6) DEFAULT now64(6))
     ENGINE = MergeTree ORDER BY at SETTINGS ${shortLived}`,
  );
  await clickhouse.insert(table, [{ hash, builtAtMs: builtAtMs ?? 0 }]);
}
