// Tables of engines without ALTER, or with little of it: what can be changed is changed, the rest is said, and no row goes.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column, Table } from "../../src/infra/table.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";

let engine: LiveEngine;
let project: LiveProject;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const columns = [column("id", "UInt32"), column("n", "Int32"), column("name", "String")];
const rocksKey = { orderBy: "", primaryKey: "id" };
const keyless = { orderBy: "", primaryKey: "" };

function base(engineText: string, rest: Partial<Table> = {}, changed: readonly Column[] = columns): Table {
  const keys = engineText === "EmbeddedRocksDB" ? rocksKey : keyless;
  return table(project.database, changed, { ...keys, engine: engineText, ...rest });
}

async function made(engineText: string, rows = 1): Promise<void> {
  project = await engine.newProject();
  expect(outcomes(await project.round([base(engineText)]))).toEqual(["CreateTable applied"]);
  if (rows > 0) await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (1, 2, 'x')`);
}

const rows = () => engine.clickhouse.rows(`SELECT * FROM ${project.database}.t`);
const added = [...columns, column("more", "UInt8")];
const retyped = columns.map((one) => (one.name === "n" ? column("n", "Int64") : one));
const renamed = columns.map((one) =>
  one.name === "name" ? column("title", "String", { renamedFrom: "name" }) : one,
);
const commented = columns.map((one) => ({ ...one, comment: "it's" }));

/** Outcomes of a round; the one after it finds the same again, or nothing. */
async function change(wanted: Table): Promise<readonly string[]> {
  const report = await project.round([wanted]);
  expect([report.diagnostics, report.unconverged]).toEqual([[], []]);
  const blocked = outcomes(report).filter((outcome) => outcome.includes("blocked"));
  expect(outcomes(await (await project.reopened()).round([wanted]))).toEqual(blocked);
  return outcomes(report);
}

describe.each(["Log", "TinyLog", "StripeLog", "EmbeddedRocksDB"])("%s", (name) => {
  test("keeps its rows, and says that its columns cannot be altered", async () => {
    await made(name);
    const before = await rows();
    for (const wanted of [added, retyped, renamed, columns.slice(0, 2)]) {
      const report = await project.round([base(name, {}, wanted)]);
      expect(outcomes(report)).toEqual(["RecreateTable blocked needs-rebuild"]);
      const [judged] = report.operations;
      expect(judged?.verdict).toMatchObject({
        reason: expect.stringContaining(`the engine ${name} cannot change this in place`),
      });
    }
    expect(await rows()).toEqual(before);
  });

  test("takes comments, also beside what it cannot do", async () => {
    await made(name);
    expect(await change(base(name, { comment: "all" }, commented))).toEqual([
      ...columns.map(() => "ModifyTableColumn applied"),
      "ModifyTableComment applied",
    ]);
    expect(await change(base(name, { comment: "new" }, [...commented, column("more", "UInt8")]))).toEqual([
      "RecreateTable blocked needs-rebuild",
      "ModifyTableComment applied",
    ]);
    expect(await rows()).toHaveLength(1);
  });
});

test("an empty Log is made anew with its new columns", async () => {
  await made("Log", 0);
  expect(await change(base("Log", {}, added))).toEqual(["RecreateTable applied"]);
});

describe.each(["Set", "Join(ANY, LEFT, id)"])("%s", (name) => {
  test("is not made anew while it holds rows", async () => {
    await made(name);
    expect(await change(base(name, {}, added))).toEqual(["RecreateTable blocked needs-rebuild"]);
  });
});

describe("Memory", () => {
  test("changes its columns and settings in place", async () => {
    await made("Memory");
    expect(await change(base("Memory", {}, added))).toEqual(["AddTableColumn applied"]);
    expect(await change(base("Memory", {}, retyped))).toEqual([
      "ModifyTableColumn applied",
      "DropTableColumn applied",
    ]);
    const settings = { max_rows_to_keep: "100", min_rows_to_keep: "10" };
    expect(await change(base("Memory", { settings }, retyped))).toEqual(["ModifyTableSettings applied"]);
    expect(await rows()).toEqual([{ id: 1, n: "2", name: "x" }]);
  });

  test("renames no column that has values, which the server would lose", async () => {
    await made("Memory");
    expect(await change(base("Memory", {}, renamed))).toEqual(["RecreateTable blocked needs-rebuild"]);
    expect(await rows()).toEqual([{ id: 1, n: 2, name: "x" }]);
  });

  test("converts no values: it would read them as they were written", async () => {
    await made("Memory");
    const narrow = base("Memory", {}, [
      column("id", "UInt32"),
      column("n", "UInt8"),
      column("name", "String"),
    ]);
    expect(await change(narrow)).toEqual(["RecreateTable blocked needs-rebuild"]);
    expect(await rows()).toEqual([{ id: 1, n: 2, name: "x" }]);
  });

  test("gets no setting of the engine that it cannot become", async () => {
    await made("Memory");
    const wanted = table(project.database, columns, { settings: { ttl_only_drop_parts: "1" } });
    expect(await change(wanted)).toEqual(["RecreateTable blocked needs-rebuild"]);
  });

  test("gets no column with a TTL, which waits for the engine that it cannot become", async () => {
    await made("Memory");
    const timed = (ttl: string) => [
      ...columns,
      column("at", "DateTime('UTC')"),
      column("gone", "Int8", { ttl }),
    ];
    const wanted = table(project.database, timed("at + toIntervalYear(40)"));
    expect(await change(wanted)).toEqual(["RecreateTable blocked needs-rebuild", "AddTableColumn applied"]);
    expect(await change(base("Memory", {}, timed("")))).toEqual(["AddTableColumn applied"]);
    expect(await change(wanted)).toEqual(["RecreateTable blocked needs-rebuild"]);
  });

  test("gives no setting back while it holds rows", async () => {
    await made("Memory");
    await change(base("Memory", { settings: { max_rows_to_keep: "100", min_rows_to_keep: "10" } }));
    expect(await change(base("Memory"))).toEqual(["RecreateTable blocked needs-rebuild"]);
  });
});

describe("engines whose rows are elsewhere", () => {
  test("Null alters its columns, and is made anew for a rename", async () => {
    await made("Null");
    expect(await change(base("Null", {}, added))).toEqual(["AddTableColumn applied"]);
    expect(await change(base("Null", {}, retyped))).toEqual([
      "ModifyTableColumn applied",
      "DropTableColumn applied",
    ]);
    expect(await change(base("Null", {}, [retyped[0], retyped[1], renamed[2]] as readonly Column[]))).toEqual(
      ["RecreateTable applied"],
    );
  });

  test("a Buffer writes out what it holds before it is made anew", async () => {
    project = await engine.newProject();
    const target = { ...base("MergeTree", { orderBy: "id", primaryKey: "id" }), name: "target" };
    const buffer = (most: number) =>
      base(`Buffer('${project.database}', 'target', 1, 10, 100, 1000, ${most}, 10000, 100000)`);
    await project.round([target, buffer(10_000)]);
    await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (1, 2, 'x')`);
    const report = await project.round([target, buffer(20_000)]);
    expect(outcomes(report)).toEqual(["RecreateTable applied"]);
    expect(await engine.clickhouse.rows(`SELECT count() AS n FROM ${project.database}.target`)).toEqual([
      { n: "1" },
    ]);
  });

  test("Kafka is made anew for other columns and settings", async () => {
    project = await engine.newProject();
    const kafka = (rest: Partial<Table>, changed = columns) =>
      base("Kafka('127.0.0.1:9', 't', 'g', 'JSONEachRow')", rest, changed);
    await project.round([kafka({})]);
    expect(await change(kafka({}, added))).toEqual(["RecreateTable applied"]);
    expect(await change(kafka({ settings: { kafka_num_consumers: "1" } }, added))).toEqual([
      "RecreateTable applied",
    ]);
  });

  test("a secret that is hidden is no change, another bucket is", async () => {
    project = await engine.newProject();
    const s3 = (key: string, path = "a") =>
      base(`S3('http://127.0.0.1:9/bucket/${path}.json', 'k', '${key}', 'JSONEachRow')`);
    await project.round([s3("one")]);
    expect(outcomes(await project.round([s3("two")]))).toEqual([]);
    const said = await (await project.reopened()).round([s3("two")]);
    expect(said.diagnostics).toMatchObject([{ code: "reconcile/not-compared", severity: "notice" }]);
    expect(outcomes(await project.round([s3("two", "b")]))).toEqual(["RecreateTable applied"]);
  });
});

describe("constraints", () => {
  const check = (expression: string, name = "c") => ({ name, kind: "CHECK" as const, expression });
  const tree = (...constraints: Table["constraints"]) =>
    base("MergeTree", { orderBy: "id", primaryKey: "id", constraints });

  test("are added, changed and dropped, and rows that are there stay", async () => {
    project = await engine.newProject();
    await project.round([tree()]);
    await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (1, -5, 'x')`);
    expect(await change(tree(check("n>0")))).toEqual(["AddTableConstraint applied"]);
    await expect(
      engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (2, -5, 'x')`),
    ).rejects.toThrow(/[Cc]onstraint/);
    expect(await change(tree(check("n BETWEEN -9 AND 9"), check("n > 1", "odd `name")))).toEqual([
      "DropTableConstraint applied",
      "AddTableConstraint applied",
      "AddTableConstraint applied",
    ]);
    expect(await change(tree())).toEqual(["DropTableConstraint applied", "DropTableConstraint applied"]);
    expect(await rows()).toHaveLength(1);
  });

  test("that others have made stay", async () => {
    project = await engine.newProject();
    await project.round([tree()]);
    await engine.clickhouse.command(`ALTER TABLE ${project.database}.t ADD CONSTRAINT theirs CHECK n > 0`);
    const again = await project.reopened();
    expect(outcomes(await again.round([tree()]))).toEqual(["DropTableConstraint blocked not-made-by-moose"]);
  });

  test("on a column that is dropped or renamed go with it or follow", async () => {
    project = await engine.newProject();
    await project.round([tree(check("length(name) > 0"))]);
    const after = base(
      "MergeTree",
      { orderBy: "id", primaryKey: "id", constraints: [] },
      columns.slice(0, 2),
    );
    expect(await change(after)).toEqual(["DropTableConstraint applied", "DropTableColumn applied"]);
  });
});
