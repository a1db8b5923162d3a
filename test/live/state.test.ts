// What moose remembers, as an earlier version of it left it.

import { afterAll, beforeAll, expect, test } from "vitest";
import { State } from "../../runtime/clickhouse/state.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, startLive, uniqueName } from "./live-engine.js";

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
  const record = {
    address: "d.t",
    database: "d",
    uuid: "u",
    lifeCycle: LifeCycle.FULLY_MANAGED,
    columns: ["a"],
    indexes: [],
    projections: [],
    constraints: [],
    cluster: "",
    owned: true,
  };
  const state = await State.open(engine.clickhouse, project);
  expect(state.get("d.t")).toEqual(record);
  const more = { ...record, indexes: ["i"], projections: ["p"], constraints: ["c"], cluster: "k" };
  await state.put([more]);
  expect((await State.open(engine.clickhouse, project)).get("d.t")).toEqual(more);
});
