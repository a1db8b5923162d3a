// What holds a background rewrite up, and clearing one that failed.

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  awaitMutations,
  type MutationProgress,
  repairMutations,
  type TableName,
} from "../../runtime/clickhouse/mutations.js";
import { send } from "../../runtime/clickhouse/send.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";

let live: LiveEngine;
const database = uniqueName("mutations");

beforeAll(async () => {
  live = await startLive();
  await live.clickhouse.command(`CREATE DATABASE ${database}`);
});

afterAll(() => live?.stop());

/** Ten rows; `s` holds a number in each but the sixth. */
async function newTable(): Promise<TableName & { readonly sql: string }> {
  const name = uniqueName("t");
  const sql = `${database}.${name}`;
  await live.clickhouse.command(`CREATE TABLE ${sql} (id UInt64, s String) ENGINE = MergeTree ORDER BY id`);
  await live.clickhouse.command(
    `INSERT INTO ${sql} SELECT number, if(number = 5, 'x', toString(number)) FROM numbers(10)`,
  );
  return { database, name, sql };
}

async function start(sql: string): Promise<void> {
  const outcome = await send(
    live.clickhouse,
    { sql, queryId: uniqueName("q"), mutation: true },
    { deadlineMs: 10_000 },
  );
  expect(outcome).toEqual({ state: "done" });
}

test("a rewrite that is waited for tells its progress, and is done", async () => {
  const table = await newTable();
  await start(`ALTER TABLE ${table.sql} UPDATE s = 'y' WHERE 1`);
  const seen: MutationProgress[] = [];
  const outcome = await awaitMutations(live.clickhouse, table, new Set(), (progress) => seen.push(progress));
  expect(outcome).toEqual({ state: "done" });
  for (const { partsToDo, partsAtFirst } of seen) expect(partsToDo).toBeLessThanOrEqual(partsAtFirst);
  expect(await live.clickhouse.rows(`SELECT DISTINCT s FROM ${table.sql}`)).toEqual([{ s: "y" }]);
});

test("stopped merges are named, whether the deadline passes or nothing moves", async () => {
  const table = await newTable();
  await live.clickhouse.command(`SYSTEM STOP MERGES ${table.sql}`);
  await start(`ALTER TABLE ${table.sql} DELETE WHERE id = 1`);
  const wait = (limits: object) => awaitMutations(live.clickhouse, table, new Set(), () => undefined, limits);
  const why = `1 parts left; the server has begun none of them: merges may be stopped (SYSTEM START MERGES ${table.sql} starts them), or all of its background threads are busy`;
  expect(await wait({ deadlineMs: 300 })).toEqual({
    state: "stalled",
    reason: `not finished within 0.3 s, ${why}`,
  });
  expect(await wait({ stallMs: 200 })).toEqual({ state: "stalled", reason: `no progress for 0.2 s, ${why}` });
  const stop = AbortSignal.abort();
  expect(await wait({ signal: stop })).toEqual({ state: "stalled", reason: `not waited for, ${why}` });
  expect(await repairMutations(live.clickhouse, [table])).toEqual([]);
  await live.clickhouse.command(`SYSTEM START MERGES ${table.sql}`);
  expect(await wait({ deadlineMs: 20_000 })).toEqual({ state: "done" });
});

test("a failed rewrite is cleared, and with the old type put back all rows are there again", async () => {
  const [table, other] = [await newTable(), await newTable()];
  await start(`ALTER TABLE ${table.sql} MODIFY COLUMN s UInt64`);
  const outcome = await awaitMutations(live.clickhouse, table, new Set());
  expect(outcome).toMatchObject({ state: "failed", reason: expect.stringContaining("Cannot parse") });
  await expect(live.clickhouse.rows(`SELECT s FROM ${table.sql}`)).rejects.toThrow();
  const repaired = await repairMutations(live.clickhouse, [table, other]);
  expect(repaired).toEqual([
    {
      table,
      mutationId: expect.stringMatching(/^mutation_/),
      command: expect.stringContaining("MODIFY COLUMN `s` UInt64"),
      reason: expect.stringContaining("Cannot parse"),
      gone: true,
    },
  ]);
  await start(`ALTER TABLE ${table.sql} MODIFY COLUMN s String`);
  expect(await awaitMutations(live.clickhouse, table, new Set())).toEqual({ state: "done" });
  const [row] = await live.clickhouse.rows(`SELECT count() AS n, countIf(s = 'x') AS x FROM ${table.sql}`);
  expect(row).toEqual({ n: "10", x: "1" });
});
