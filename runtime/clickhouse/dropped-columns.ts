// Parts that still hold a column which was dropped: an INSERT that began before the DROP can end after it.
//
// Queries do not mind such a part. But the next rewrite of it fails, now and whenever the server tries again ("Unknown
// expression identifier", measured on 26.7), and with it every later one of the table. While the column is there again,
// the rewrite passes; then the column is dropped once more, this time from those parts too.

import { setTimeout as sleep } from "node:timers/promises";
import type { Table } from "../../src/infra/table.js";
import { alterTable, dropColumn } from "../../src/sql/alter-table.js";
import { quoteIdentifier, quoteString } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode, errorText } from "./client.js";

/** Each drop can leave its own column behind; more of them than this in one table is another fault. */
const mostColumns = 8;
/** The server's code of an ALTER whose rewrite failed. */
const unfinished = 341;
const looks = 600;
const pauseMs = 50;

/**
 * Lets the rewrites of a table pass that failed on a dropped column.
 *
 * @param reason - the server's words
 * @returns false where it is not that, or they still fail
 */
export async function passDroppedColumns(
  clickhouse: ClickHouse,
  table: Table,
  reason: string,
): Promise<boolean> {
  const added = new Set<string>();
  let text: string | undefined = reason;
  while (text !== undefined && added.size < mostColumns) {
    const name = /Unknown expression identifier `((?:[^`\\]|\\.)+)`/.exec(text)?.[1];
    const type = name === undefined ? undefined : await typeOfDropped(clickhouse, table, name);
    if (name === undefined || type === undefined) break;
    await clickhouse.command(alterTable(table, `ADD COLUMN ${quoteIdentifier(name)} ${type}`));
    added.add(name);
    text = await failureAfter(clickhouse, table, name);
    if (text === undefined) text = await dropAgain(clickhouse, table, added);
  }
  // What was not to be is not left behind, whatever else holds the rewrites up.
  for (const name of added)
    await clickhouse.command(dropColumn(table, name), { settings: { alter_sync: "0" } });
  return text === undefined;
}

/** Takes out of `added` what is dropped; gives the failure of a rewrite that met yet another column. */
async function dropAgain(
  clickhouse: ClickHouse,
  table: Table,
  added: Set<string>,
): Promise<string | undefined> {
  for (const name of added) {
    added.delete(name);
    try {
      await clickhouse.command(dropColumn(table, name));
    } catch (error) {
      if (errorCode(error) !== unfinished) throw error;
      return errorText(error);
    }
  }
  return undefined;
}

/** Undefined where parts have no such column, the table still has it, or nobody dropped it. */
async function typeOfDropped(
  clickhouse: ClickHouse,
  { database, name: table }: Table,
  column: string,
): Promise<string | undefined> {
  const ofTable = `database = ${quoteString(database)} AND table = ${quoteString(table)}`;
  const commands = [column, quoteIdentifier(column)].map((one) => quoteString(`(DROP COLUMN ${one})`));
  const [row] = await clickhouse.rows<{ type: string }>(
    `SELECT any(type) AS type FROM system.parts_columns WHERE ${ofTable} AND active AND column = ${quoteString(column)}
       AND column NOT IN (SELECT name FROM system.columns WHERE ${ofTable})
       AND (SELECT count() FROM system.mutations WHERE ${ofTable} AND command IN (${commands.join(", ")})) > 0
     HAVING count() > 0`,
  );
  return row?.type;
}

/** Waits for the rewrites that failed on the column; gives the failure that is left, of another cause. */
async function failureAfter(
  clickhouse: ClickHouse,
  { database, name: table }: Table,
  column: string,
): Promise<string | undefined> {
  let reasons: readonly string[] = [];
  for (let look = 0; look < looks; look++) {
    const rows = await clickhouse.rows<{ reason: string }>(
      `SELECT latest_fail_reason AS reason FROM system.mutations
       WHERE database = ${quoteString(database)} AND table = ${quoteString(table)} AND NOT is_done AND latest_fail_reason != ''`,
    );
    reasons = rows.map(({ reason }) => reason);
    if (!reasons.some((reason) => reason.includes(`\`${column}\``))) break;
    await sleep(pauseMs);
  }
  return reasons[0];
}
