// What moose remembers: as an earlier version of it left it, and what the server keeps of it in memory.

import { afterAll, beforeAll, expect, test } from "vitest";
import { State } from "../../runtime/clickhouse/state.js";
import { type LiveEngine, startLive, uniqueName } from "./live-engine.js";
import { tableRecord } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("a state from before indexes were remembered is read and written on", async () => {
  const project = uniqueName("p");
  const objects = `_moose_${project}_e1.objects`;
  await engine.clickhouse.command(`CREATE DATABASE _moose_${project}_e1 ENGINE = Atomic`);
  await engine.clickhouse.command(
    `CREATE TABLE ${objects} (address String, database String, uuid String, lifecycle LowCardinality(String), columns Array(String), owned Bool, at DateTime64(6) DEFAULT now64(6)) ENGINE = ReplacingMergeTree(at) ORDER BY address`,
  );
  await engine.clickhouse.insert(objects, [
    { address: "d.t", database: "d", uuid: "u", lifecycle: "FULLY_MANAGED", columns: ["a"], owned: true },
  ]);
  const state = await State.open(engine.clickhouse, project);
  expect(state.get("d.t")).toEqual(tableRecord);
  const more = { ...tableRecord, indexes: ["i"], projections: ["p"], constraints: ["c"], cluster: "k" };
  await state.put([more]);
  expect((await State.open(engine.clickhouse, project)).get("d.t")).toEqual(more);
});

test("what a day of saves writes is merged, and as saves go on, the server forgets the parts of before within seconds", async () => {
  const state = await State.open(engine.clickhouse, uniqueName("p"));
  const written = 40;
  let saves = 0;
  const save = () => state.put([{ ...tableRecord, columns: [`c${saves++}`] }]);
  while (saves < written) await save();
  // The server looks for what it may forget every ten seconds or so; saves go on meanwhile.
  const partsAfterAnotherSave = async () => {
    await save();
    const [parts] = await engine.clickhouse.rows<{ n: string }>(
      `SELECT count() AS n FROM system.parts WHERE database = '${state.database}' AND table = 'objects'`,
    );
    return Number(parts?.n);
  };
  await expect.poll(partsAfterAnotherSave, { timeout: 40_000, interval: 1_500 }).toBeLessThan(written / 4);
  // Else the embedded engine keeps them for a minute, and a server of one's own for eight.
  const [made] = await engine.clickhouse.rows<{ sql: string }>(
    `SELECT create_table_query AS sql FROM system.tables WHERE database = '${state.database}' AND name = 'objects'`,
  );
  expect(made?.sql).toMatch(/old_parts_lifetime = 1,.* min_rows_to_fsync_after_merge = 1/);
}, 60_000);

test.each([
  ["a table lists no more than its last rewrites", "finished_mutations_to_keep", "20"],
  ["a part that was merged stays until the new one is on the disk", "old_parts_lifetime", "60"],
])("%s", async (_, setting, value) => {
  const sql = `SELECT value FROM system.merge_tree_settings WHERE name = '${setting}'`;
  expect(await engine.clickhouse.rows(sql)).toEqual([{ value }]);
});
