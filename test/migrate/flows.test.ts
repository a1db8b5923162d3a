// generate, review, migrate: as a team does it, on the real engine.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { FlowProject, refusal } from "./flow-project.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

async function project(): Promise<FlowProject> {
  const made = new FlowProject(engine.clickhouse);
  await engine.clickhouse.command(`CREATE DATABASE ${made.database}`);
  onTestFinished(() => made.remove());
  return made;
}

const id = column("id", "UInt64");

test("two runs over the same code and database write the same bytes but for the time", async () => {
  const p = await project();
  p.code = ["b", "a", "c"].map((name) =>
    table(p.database, [id, column("s", "LowCardinality(String)")], {
      name,
      ttl: "toDateTime(id) + INTERVAL 1 DAY",
    }),
  );
  const all = () =>
    (["plan.yaml", "remote_state.json", "local_infra_map.json"] as const).map((file) => p.read(file));
  const generated = [];
  for (let run = 0; run < 2; run++) {
    await p.generate();
    generated.push(all().map((text) => text.replace(/created_at: .*/, "created_at: T")));
  }
  expect(generated[0]).toEqual(generated[1]);
  expect((await p.migrate()).state).toBe("applied");
  p.code = p.code.map((one) => ({ ...one, columns: [...one.columns, column("z", "UInt8")] }));
  const later = [];
  for (let run = 0; run < 2; run++) {
    await p.generate();
    later.push(all().map((text) => text.replace(/created_at: .*/, "created_at: T")));
  }
  expect(later[0]).toEqual(later[1]);
});

test("a migration that was applied is applied already, and the plan after it is empty", async () => {
  const p = await project();
  const t = table(
    p.database,
    [id, column("s", "String", { default: { kind: "DEFAULT", expression: "concat('a','b')" } })],
    {
      orderBy: "id, s",
      primaryKey: "id",
      partitionBy: "id%7",
      ttl: "toDateTime(id) + INTERVAL 30 DAY",
      settings: { index_granularity: "4096" },
      indexes: [{ name: "ix", expression: "lower(s)", type: "bloom_filter(0.01)", granularity: 2 }],
      comment: "it's all here",
    },
  );
  expect(refusal(await p.bring([t]))).toBe("");
  expect((await p.migrate()).state).toBe("already-applied");
  expect((await p.migrate({ withCode: false })).state).toBe("already-applied");
  expect((await p.plan()).report.operations).toEqual([]);
});

test("a rename that is only guessed keeps the values, and its evidence stands above it", async () => {
  const p = await project();
  await p.bring([table(p.database, [id, column("name", "String")])]);
  await p.clickhouse.command(`INSERT INTO ${p.database}.t VALUES (1, 'ada')`);
  p.code = [table(p.database, [id, column("full_name", "String")])];
  expect((await p.plan()).report.renames).toMatchObject([{ from: "name", to: "full_name" }]);
  await p.generate();
  expect(p.read("plan.yaml")).toMatch(
    /# Nobody declared this rename.*same type String.*\n- RenameTableColumn/,
  );
  expect(refusal(await p.migrate())).toBe("");
  expect((await p.migrate()).state).toBe("already-applied");
  expect(await p.clickhouse.rows(`SELECT full_name FROM ${p.database}.t`)).toEqual([{ full_name: "ada" }]);
  expect((await p.plan()).report.operations).toEqual([]);
});

test("what a lifecycle forbids is left out, the rest is done, and both stay so", async () => {
  const p = await project();
  const lifeCycle = LifeCycle.DELETION_PROTECTED;
  const kept = table(p.database, [id, column("a", "String")], { name: "kept", lifeCycle });
  const gone = table(p.database, [id], { name: "gone", lifeCycle });
  const free = table(p.database, [id, column("a", "String")], { name: "free" });
  await p.bring([kept, gone, free]);
  p.code = [
    { ...kept, columns: [id, column("b", "UInt8")] },
    { ...free, columns: [id, column("b", "UInt8")] },
  ];
  const generated = await p.generate();
  expect(generated.blocked.map(({ operation }) => `${operation.kind} ${operation.address}`).sort()).toEqual([
    `DropTable ${p.database}.gone`,
    `DropTableColumn ${p.database}.kept`,
  ]);
  expect(generated.operations.map(({ kind }) => kind).sort()).toEqual([
    "AddTableColumn",
    "AddTableColumn",
    "DropTableColumn",
  ]);
  expect(refusal(await p.migrate())).toBe("");
  expect((await p.migrate()).state).toBe("already-applied");
  const { report } = await p.plan();
  expect(report.operations.map(({ verdict }) => verdict.decision)).toEqual(["blocked", "blocked"]);
});

test("a table that is externally managed is never part of a migration", async () => {
  const p = await project();
  const lifeCycle = LifeCycle.EXTERNALLY_MANAGED;
  await p.clickhouse.command(`CREATE TABLE ${p.database}.ext (id UInt64) ENGINE = MergeTree ORDER BY id`);
  p.code = [
    table(p.database, [id, column("more", "String")], { name: "ext", lifeCycle }),
    table(p.database, [id], { name: "absent", lifeCycle }),
    table(p.database, [id], { name: "own" }),
  ];
  const generated = await p.generate();
  expect(generated.operations).toMatchObject([{ kind: "CreateTable", table: { name: "own" } }]);
  expect(generated.blocked.map(({ verdict }) => verdict)).toMatchObject([
    { code: "externally-managed" },
    { code: "externally-managed" },
  ]);
  expect(refusal(await p.migrate())).toBe("");
  expect((await p.migrate()).state).toBe("already-applied");
});

test("of a table that was there before moose, foreign columns stay unless it is adopted", async () => {
  const p = await project();
  await p.clickhouse.command(
    `CREATE TABLE ${p.database}.t (id UInt64, theirs String) ENGINE = MergeTree ORDER BY id`,
  );
  const wanted = table(p.database, [id, column("ours", "UInt8")]);
  expect(refusal(await p.bring([wanted]))).toBe("");
  expect((await p.migrate()).state).toBe("already-applied");
  const again = await p.generate();
  expect(again.operations).toEqual([]);
  expect(again.blocked).toMatchObject([{ verdict: { code: "not-made-by-moose" } }]);
});

test("a table that was there before moose is brought into line when it is adopted", async () => {
  const p = await project();
  await p.clickhouse.command(
    `CREATE TABLE ${p.database}.t (id UInt64, theirs String) ENGINE = MergeTree ORDER BY id`,
  );
  p.code = [table(p.database, [id, column("ours", "UInt8")])];
  const generated = await p.generate([`${p.database}.t`]);
  expect(generated.destructive).toHaveLength(1);
  expect(refusal(await p.migrate())).toBe("");
  expect((await p.plan()).report.operations).toEqual([]);
});

test("a plan that is older than the code is refused, and the code's place is named", async () => {
  const p = await project();
  p.code = [table(p.database, [id])];
  await p.generate();
  p.code = [table(p.database, [id, column("late", "String")])];
  const result = await p.migrate();
  expect(result.state).toBe("refused");
  expect(refusal(result)).toContain(`the code of ${p.database}.t is no longer`);
  expect(refusal(result)).toContain("+ column late String");
});

test("another spelling of the same code is no change", async () => {
  const p = await project();
  const spelled = (ttl: string, type: string) => table(p.database, [id, column("n", type)], { ttl });
  p.code = [spelled("toDateTime(id) + INTERVAL 1 DAY", "Decimal(9,2)")];
  await p.generate();
  p.code = [spelled("toDateTime(id)  +  toIntervalDay(1)", "Decimal( 9, 2 )")];
  expect(refusal(await p.migrate())).toBe("");
});

test("operations that were edited away, or into others, are refused by name", async () => {
  const p = await project();
  await p.bring([table(p.database, [id, column("a", "String")])]);
  p.code = [table(p.database, [id, column("a", "String"), column("b", "UInt8")], { comment: "new" })];
  await p.generate();
  const picture = await p.picture();
  const text = p.read("plan.yaml");
  p.write("plan.yaml", text.replace(/operations:[\s\S]*/, "operations: []\n"));
  expect(refusal(await p.migrate())).toMatch(/plan-disagrees[\s\S]*\+ column b UInt8/);
  p.write("plan.yaml", text.replace("name: b", "name: c"));
  expect(refusal(await p.migrate())).toMatch(/plan-disagrees[\s\S]*column c/);
  expect(await p.picture()).toBe(picture);
});

test("an edit that leads to the same tables is done", async () => {
  const p = await project();
  await p.bring([table(p.database, [id, column("a", "String")])]);
  await p.clickhouse.command(`INSERT INTO ${p.database}.t VALUES (1, 'x')`);
  p.code = [table(p.database, [id, column("zzz", "String")])];
  await p.generate();
  p.write(
    "plan.yaml",
    "created_at: 2026-01-01T00:00:00Z\noperations:\n- RenameTableColumn:\n    table: t\n    before_column_name: a\n    after_column_name: zzz\n",
  );
  expect(refusal(await p.migrate())).toBe("");
  expect(await p.clickhouse.rows(`SELECT zzz FROM ${p.database}.t`)).toEqual([{ zzz: "x" }]);
});
