// Makes the last sign of life of a dead owner as old as it would be after a while, for waiting proves nothing more.

import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { findStateDatabase } from "../../runtime/clickhouse/state.js";
import { claimTablePattern } from "../../src/apply/lock-names.js";

export async function letTimePass(clickhouse: ClickHouse, project: string): Promise<void> {
  const database = await findStateDatabase(clickhouse, project);
  const claims = await clickhouse.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = {database:String} AND match(name, {pattern:String})
     ORDER BY toUInt64OrZero(extract(name, {pattern:String})) DESC LIMIT 1`,
    { database, pattern: claimTablePattern },
  );
  for (const { name } of claims)
    await clickhouse.command(
      `ALTER TABLE ${database}.${name} UPDATE at = at - INTERVAL 20 SECOND WHERE 1 SETTINGS mutations_sync = 2`,
    );
}
