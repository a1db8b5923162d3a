// Columns that are about to be added are moose's whatever happens on the way, with a file beside the data for the moment
// until ClickHouse knows.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClaimFile } from "../../runtime/clickhouse/claim-file.js";
import { connect } from "../../runtime/clickhouse/client.js";
import { readState, State } from "../../runtime/clickhouse/state.js";
import { Reconciler } from "../../runtime/reconcile/reconcile.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { FaultProxy } from "../faults/proxy.js";
import { type LiveEngine, startLive, uniqueName } from "./live-engine.js";
import { column, outcomes, tableRecord as record, table } from "./tables.js";

let engine: LiveEngine;
const folder = mkdtempSync(join(tmpdir(), "moose-claims-test-"));
beforeAll(async () => {
  engine = await startLive();
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

const claimed = { ...record, columns: ["a", "b"], indexes: ["i"] };

/** A project whose state has one record, and a path for its file. */
async function newState() {
  const project = uniqueName("p");
  const path = join(folder, `${project}.json`);
  const open = () => State.open(engine.clickhouse, project, { claimFile: new ClaimFile(path) });
  const state = await open();
  await state.put([record]);
  const stored = async () => (await readState(engine.clickhouse, project)).get("d.t");
  return { path, open, state, stored };
}

test("a claim is in the file until ClickHouse is told", async () => {
  const { path, state, stored } = await newState();
  await state.claim([claimed]);
  expect(state.get("d.t")).toEqual(claimed);
  expect(await stored()).toEqual(record);
  expect(existsSync(path)).toBe(true);
  await state.put([claimed]);
  expect(await stored()).toEqual(claimed);
  expect(existsSync(path)).toBe(false);
});

test("claims of several tables wait together", async () => {
  const { path, open, state } = await newState();
  const other = { ...record, address: "d.other", uuid: "u2" };
  await state.put([other]);
  await state.claim([claimed]);
  await state.claim([{ ...other, columns: ["a", "c"] }]);
  await state.put([claimed]);
  expect(existsSync(path)).toBe(true);
  const next = await open();
  expect([next.get("d.t"), next.get("d.other")?.columns]).toEqual([claimed, ["a", "c"]]);
});

test("a claim that is taken back leaves no trace", async () => {
  const { path, state, stored } = await newState();
  await state.claim([claimed]);
  await state.put([record]);
  expect(state.get("d.t")).toEqual(record);
  expect(await stored()).toEqual(record);
  expect(existsSync(path)).toBe(false);
});

test("what a killed run noted is taken up by the next, of tables that are still the same", async () => {
  const { path, open, state, stored } = await newState();
  await state.claim([claimed]);
  await engine.clickhouse.insert(`${state.database}.objects`, [
    { ...named(record), columns: ["a", "z"] },
    { ...named(record), address: "d.gone", uuid: "gone", owned: false },
    { ...named(record), address: "d.renamed-back", owned: false },
  ]);
  new ClaimFile(path).write([
    ...new ClaimFile(path).read(),
    { ...claimed, address: "d.gone", uuid: "gone" },
    { ...claimed, address: "d.renamed" },
    { ...claimed, address: "d.renamed-back" },
  ]);
  const next = await open();
  expect(next.get("d.t")).toEqual({ ...claimed, columns: ["a", "b", "z"] });
  expect(await stored()).toEqual({ ...claimed, columns: ["a", "b", "z"] });
  expect(next.get("d.gone")?.owned).toBe(false);
  expect(next.get("d.renamed")).toEqual({ ...claimed, address: "d.renamed" });
  expect(next.get("d.renamed-back")).toEqual({ ...claimed, address: "d.renamed-back" });
  expect(existsSync(path)).toBe(false);
});

test.each(["", "{", "[1, null, {}]", '{"address": "d.t"}', "[]"])(
  "a file that is not whole (%j) is none",
  async (text) => {
    const { path, open, stored } = await newState();
    writeFileSync(path, text);
    expect((await open()).get("d.t")).toEqual(record);
    expect(await stored()).toEqual(record);
  },
);

test("where no file can be written, ClickHouse is told at once", async () => {
  const { state, stored } = await newState();
  const nowhere = new ClaimFile(join(folder, "missing", "claims.json"));
  const project = state.database.replace(/^_moose_|_e1$/g, "");
  const other = await State.open(engine.clickhouse, project, { claimFile: nowhere });
  await other.claim([claimed]);
  expect(await stored()).toEqual(claimed);
  const without = await State.open(engine.clickhouse, project);
  await without.claim([{ ...claimed, columns: ["a", "b", "c"] }]);
  expect((await stored())?.columns).toEqual(["a", "b", "c"]);
});

test.each([
  ["with its file, drops it again when the code has it no more", true, "DropTableColumn applied"],
  ["without it, would not touch it", false, "DropTableColumn blocked not-made-by-moose"],
])("a run after one that was killed behind an added column, %s", async (_, hasFile, dropped) => {
  const project = uniqueName("p");
  const path = join(folder, `${project}.json`);
  const options = {
    project,
    database: `${project}_db`,
    adopt: [],
    state: { claimFile: new ClaimFile(path) },
  };
  const before = infraMapOf([table(options.database, [column("id", "UInt64")])]);
  const after = infraMapOf([table(options.database, [column("id", "UInt64"), column("added", "String")])]);
  const proxy = await FaultProxy.start(engine.url);
  const through = await connect({ url: proxy.url, user: "default", password: "" });
  const killed = await Reconciler.open(through, options);
  await killed.reconcile(before);
  await expect(
    // The report is made when the column is there, and before anything is recorded.
    killed.reconcile(after, { onReport: () => void proxy.stop() }),
  ).rejects.toThrow();
  await through.close();
  expect(existsSync(path)).toBe(true);
  if (!hasFile) rmSync(path);

  const next = await Reconciler.open(engine.clickhouse, options);
  expect(outcomes(await next.reconcile(before))).toEqual([dropped]);
});

function named({ lifeCycle, ...rest }: typeof record) {
  return { ...rest, lifecycle: lifeCycle };
}
