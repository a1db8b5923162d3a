// A column that was dropped while rows were inserted: the server is left with parts that it cannot rewrite by itself.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive } from "./live-engine.js";
import { column, table } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const mostTries = 500;

/** By hand, as fast as it goes, until a rewrite fails on a column that an earlier statement dropped; gives the rows. */
async function leaveColumnBehind(name: string): Promise<number> {
  const { clickhouse } = engine;
  const rows = <T>(sql: string) => clickhouse.rows<T>(sql);
  let [inserted, isOver] = [0, false];
  const inserting = (async () => {
    while (!isOver) {
      await clickhouse.command(`INSERT INTO ${name} (id) VALUES (${inserted})`);
      inserted++;
    }
  })();
  const ofTable = `concat(database, '.', table) = '${name}' AND NOT is_done`;
  await clickhouse.command(`ALTER TABLE ${name} ADD COLUMN at0 Float64`);
  for (let n = 0; !isOver && n < mostTries; n++) {
    await clickhouse.command(`ALTER TABLE ${name} ADD COLUMN at${n + 1} Float64`);
    await clickhouse.command(`ALTER TABLE ${name} DROP COLUMN at${n} SETTINGS alter_sync = 0`);
    for (;;) {
      const open = await rows<{ reason: string }>(
        `SELECT latest_fail_reason AS reason FROM system.mutations WHERE ${ofTable}`,
      );
      isOver = open.some(({ reason }) => reason.includes("Unknown expression identifier"));
      if (open.length === 0 || isOver) break;
    }
  }
  expect(isOver, "no part was left with a dropped column").toBe(true);
  await inserting;
  return inserted;
}

test("a rewrite that fails on it passes, also behind another one that hangs, and every row stays", async () => {
  const project = await engine.newProject();
  const name = `${project.database}.t`;
  const wanted = (type: string) =>
    table(project.database, [column("id", "UInt64"), column("num", type, { comment: "n" })]);
  await project.round([wanted("UInt16")]);
  const inserted = await leaveColumnBehind(name);
  const report = await project.round([wanted("UInt32")]);
  const retyped = report.operations.filter(({ operation }) => operation.kind === "ModifyTableColumn");
  expect(retyped.map(({ outcome }) => outcome)).toMatchObject([{ state: "applied" }]);
  const [found] = await engine.clickhouse.rows<{ n: string; open: string }>(
    `SELECT count() AS n,
       (SELECT count() FROM system.mutations WHERE database = '${project.database}' AND NOT is_done) AS open
     FROM ${name}`,
  );
  expect([Number(found?.n), Number(found?.open)]).toEqual([inserted, 0]);
}, 120_000);
