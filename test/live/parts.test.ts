// Indexes and projections on the real engine: made, changed, dropped, and set aside for the columns under them.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column, Table, TableIndex, TableProjection } from "../../src/infra/table.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const columns = [column("id", "UInt32"), column("n", "Int32"), column("name", "String")];
const index = (name: string, expression: string, type = "minmax", granularity = 1): TableIndex => ({
  name,
  expression,
  type,
  granularity,
});
const projection = (name: string, body: string): TableProjection => ({ name, body });

function base(project: LiveProject, rest: Partial<Table> = {}, changed: readonly Column[] = columns): Table {
  return table(project.database, changed, rest);
}

/** A project with a table of 10,000 rows. */
async function withRows(rest: Partial<Table> = {}): Promise<LiveProject> {
  const project = await engine.newProject();
  await project.round([base(project, rest)]);
  await engine.clickhouse.command(
    `INSERT INTO ${project.database}.t SELECT number, number % 100, toString(number) FROM numbers(10000)`,
  );
  return project;
}

async function applied(project: LiveProject, wanted: Table): Promise<readonly string[]> {
  const report = await project.round([wanted]);
  expect([report.diagnostics, report.unconverged]).toEqual([[], []]);
  expect(outcomes(await project.round([wanted]))).toEqual([]);
  expect(outcomes(await (await project.reopened()).round([wanted]))).toEqual([]);
  return outcomes(report);
}

const one = async (sql: string) => (await engine.clickhouse.rows<{ v: string }>(sql))[0]?.v;
/** Bytes that the parts on disk hold of an index. */
const bytesOf = async ({ database }: LiveProject, name: string) =>
  Number(
    await one(
      `SELECT data_compressed_bytes AS v FROM system.data_skipping_indices WHERE database = '${database}' AND name = '${name}'`,
    ),
  );
const projectionRows = async ({ database }: LiveProject, name: string) =>
  Number(
    await one(
      `SELECT sum(rows) AS v FROM system.projection_parts WHERE database = '${database}' AND name = '${name}' AND active`,
    ),
  );

describe("an index", () => {
  test("is made with its table and read back whatever its form", async () => {
    const project = await engine.newProject();
    const indexes = [
      index("by`name", "lower(name) || 'x'", "bloom_filter(1e-2)", 4),
      index("pair", "(n,  id+1)", "set(0)"),
      index("TYPE", "n BETWEEN 1 AND 2"),
      index("words", "name", "text(tokenizer = 'splitByNonAlpha')"),
      index("nested", "(n + 1) * 2", "minmax"),
    ];
    expect(await applied(project, base(project, { indexes }))).toEqual(["CreateTable applied"]);
    expect((await project.table("t"))?.indexes).toEqual([
      index("by`name", "concat(lower(name), 'x')", "bloom_filter(0.01)", 4),
      index("pair", "(n, id + 1)", "set(0)"),
      index("TYPE", "(n >= 1) AND (n <= 2)"),
      index("words", "name", "text(tokenizer = 'splitByNonAlpha')", 100_000_000),
      index("nested", "(n + 1) * 2"),
    ]);
  });

  // The server itself loses it on the way: the column's part then has fewer files than before.
  test("on another column outlives a map that is made narrower, in wide parts", async () => {
    const project = await engine.newProject();
    const map = (values: string) =>
      base(project, { indexes: [index("i", "id")], settings: { min_bytes_for_wide_part: "0" } }, [
        ...columns,
        column("attributes", `Map(String, ${values})`),
      ]);
    await project.round([map("Int8")]);
    await engine.clickhouse.command(
      `INSERT INTO ${project.database}.t SELECT number, 1, 'a', map('k', 1) FROM numbers(1000)`,
    );
    const before = await bytesOf(project, "i");
    expect(before).toBeGreaterThan(0);
    for (const values of ["String", "Int8"]) {
      expect(await applied(project, map(values))).toEqual(["ModifyTableColumn applied"]);
      expect(await bytesOf(project, "i")).toBe(before);
    }
  });

  // The server takes the one for the other.
  test("outlives another one with the name of a JSON column that is built and dropped, in wide parts", async () => {
    const project = await engine.newProject();
    const withJson = [...columns, column("document", "JSON")];
    const wide = { settings: { min_bytes_for_wide_part: "0" } };
    const kept = index("kept", "id");
    const of = (...others: readonly TableIndex[]) =>
      base(project, { indexes: [...others, kept], ...wide }, withJson);
    await project.round([of()]);
    await engine.clickhouse.command(`INSERT INTO ${project.database}.t (id, n) VALUES (1, 2)`);
    const before = await bytesOf(project, "kept");
    expect(before).toBeGreaterThan(0);
    for (const others of [[index("document", "n")], [index("document", "n", "set(10)")], []]) {
      await applied(project, of(...others));
      expect(await bytesOf(project, "kept")).toBe(before);
    }
  });

  test("is built for the rows that are there, changed and dropped", async () => {
    const project = await withRows();
    const add = base(project, { indexes: [index("i", "n")] });
    expect(await applied(project, add)).toEqual(["AddTableIndex applied"]);
    expect(await bytesOf(project, "i")).toBeGreaterThan(0);
    const change = base(project, { indexes: [index("i", "n", "set(100)")] });
    expect(await applied(project, change)).toEqual(["DropTableIndex applied", "AddTableIndex applied"]);
    expect(await bytesOf(project, "i")).toBeGreaterThan(0);
    expect(await applied(project, base(project))).toEqual(["DropTableIndex applied"]);
    expect((await project.table("t"))?.indexes).toEqual([]);
  });

  test("follows a column that changes its type, and goes with one that is dropped", async () => {
    const project = await withRows({ indexes: [index("i", "n + 1"), index("j", "name")] });
    const wide = base(project, { indexes: [index("i", "n + 1"), index("j", "name")] }, [
      column("id", "UInt32"),
      column("n", "Int64"),
      column("name", "String"),
    ]);
    expect(await applied(project, wide)).toEqual(["ModifyTableColumn applied"]);
    expect(await bytesOf(project, "i")).toBeGreaterThan(0);
    const fewer = base(project, { indexes: [index("j", "name")] }, [
      column("id", "UInt32"),
      column("name", "String"),
    ]);
    expect(await applied(project, fewer)).toEqual(["DropTableIndex applied", "DropTableColumn applied"]);
  });

  test("over an alias is built anew when the alias computes something else", async () => {
    const alias = (expression: string) => [
      ...columns,
      column("a", "Int64", { default: { kind: "ALIAS", expression } }),
    ];
    const project = await engine.newProject();
    const indexes = [index("i", "a")];
    await project.round([base(project, { indexes }, alias("n + 1"))]);
    await engine.clickhouse.command(
      `INSERT INTO ${project.database}.t SELECT number, number % 100, 'x' FROM numbers(1000)`,
    );
    expect(await applied(project, base(project, { indexes }, alias("n + 1000")))).toEqual([
      "ModifyTableColumn applied",
    ]);
    expect(await one(`SELECT count() AS v FROM ${project.database}.t WHERE a = 1005`)).toBe("10");
  });

  test("that was made by hand is shown and kept, and so is the column under it", async () => {
    const project = await withRows();
    await engine.clickhouse.command(
      `ALTER TABLE ${project.database}.t ADD INDEX theirs name TYPE minmax, ADD PROJECTION theirs (SELECT name ORDER BY name)`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const blocked = [
      "DropTableProjection blocked not-made-by-moose",
      "DropTableIndex blocked not-made-by-moose",
    ];
    expect(outcomes(await project.round([base(project)]))).toEqual(blocked);
    const fewer = base(project, { indexes: [index("ours", "n")] }, columns.slice(0, 2));
    const next = await project.round([fewer]);
    expect(outcomes(next)).toEqual([
      ...blocked,
      "DropTableColumn blocked still-in-use",
      "AddTableIndex applied",
    ]);
    expect(outcomes(await project.round([base(project)]))).toEqual([...blocked, "DropTableIndex applied"]);
    const declared = { indexes: [index("theirs", "name", "set(7)")] };
    expect(outcomes(await project.round([base(project, declared)]))).toEqual([
      "DropTableProjection blocked not-made-by-moose",
      "DropTableIndex applied",
      "AddTableIndex applied",
    ]);
    expect((await project.table("t"))?.projections.map(({ name }) => name)).toEqual(["theirs"]);
  });

  test("that needs a type which cannot be had waits, and the one before it stays", async () => {
    const project = await withRows({ indexes: [index("i", "name")] });
    await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (1, 1, 'no number')`);
    const wanted = base(project, { indexes: [index("i", "name + 1")] }, [
      column("id", "UInt32"),
      column("n", "Int32"),
      column("name", "Int64"),
    ]);
    const expected = [
      "DropTableIndex blocked waits-for-column",
      "ModifyTableColumn blocked values-do-not-fit",
      "AddTableIndex blocked waits-for-column",
    ];
    expect(outcomes(await project.round([wanted]))).toEqual(expected);
    expect(outcomes(await project.round([wanted]))).toEqual(expected);
    expect((await project.table("t"))?.indexes).toEqual([index("i", "name")]);
  });
});

describe("a projection", () => {
  test("is filled with the rows that are there, changed and dropped", async () => {
    const project = await withRows();
    const sums = base(project, { projections: [projection("p", "SELECT n, COUNT(), Sum(id) GROUP BY n")] });
    expect(await applied(project, sums)).toEqual(["AddTableProjection applied"]);
    expect(await projectionRows(project, "p")).toBe(100);
    const all = base(project, { projections: [projection("p", "SELECT * ORDER BY name")] });
    expect(await applied(project, all)).toEqual([
      "DropTableProjection applied",
      "AddTableProjection applied",
    ]);
    expect(await projectionRows(project, "p")).toBe(10_000);
    expect(await applied(project, base(project))).toEqual(["DropTableProjection applied"]);
  });

  test("follows a column that changes its type, where the server alone would refuse", async () => {
    const projections = [
      projection("p", "SELECT n, sum(id) GROUP BY n"),
      projection("all", "SELECT * ORDER BY n"),
    ];
    const project = await withRows({ projections });
    const wide = [column("id", "UInt32"), column("n", "Int64"), column("name", "String")];
    expect(await applied(project, base(project, { projections }, wide))).toEqual([
      "ModifyTableColumn applied",
    ]);
    expect([await projectionRows(project, "p"), await projectionRows(project, "all")]).toEqual([100, 10_000]);
  });

  describe("of an engine that merges rows", () => {
    const summing = { engine: "SummingMergeTree", projections: [projection("p", "SELECT id, n ORDER BY n")] };
    const letsIn = { ...summing, settings: { deduplicate_merge_projection_mode: "rebuild" } };
    const wide = [column("id", "UInt32"), column("n", "Int64"), column("name", "String")];
    const resetByHand = ({ database }: LiveProject) =>
      engine.clickhouse.command(`ALTER TABLE ${database}.t RESET SETTING deduplicate_merge_projection_mode`);

    test("comes after the setting that lets it in", async () => {
      const project = await withRows(letsIn);
      await resetByHand(project);
      const again = await project.reopened();
      expect(await applied(again, base(project, letsIn, wide))).toEqual([
        "ModifyTableSettings applied",
        "ModifyTableColumn applied",
      ]);
      expect(await projectionRows(project, "p")).toBe(9900);
    });

    const justNow = { ...letsIn, comment: "changed just now" };

    /** Within the second that a stamp lasts nobody sees that the setting is gone; at a second's end it takes another try. */
    async function failsUnseen(tries = 20): Promise<LiveProject> {
      const project = await withRows(letsIn);
      await project.round([base(project, justNow)]);
      await resetByHand(project);
      const report = outcomes(await project.round([base(project, justNow, wide)]));
      if (report.includes("ModifyTableColumn failed")) return project;
      expect([tries > 0, report]).toEqual([true, expect.arrayContaining(["ModifyTableSettings applied"])]);
      return failsUnseen(tries - 1);
    }

    test("is back with the next round, where it got lost on the way", async () => {
      const project = await failsUnseen();
      expect(await applied(project, base(project, justNow, wide))).toEqual([
        "ModifyTableSettings applied",
        "AddTableProjection applied",
      ]);
    });
  });

  test("whose table is empty goes along when that is made anew", async () => {
    const project = await engine.newProject();
    const projections = [projection("p", "SELECT n, sum(id) GROUP BY n")];
    await project.round([base(project, { indexes: [index("i", "n")] })]);
    const next = base(project, { projections, orderBy: "n", primaryKey: "n" });
    expect(await applied(project, next)).toEqual(["RecreateTable applied"]);
  });

  test("that the server cannot read is said before anything is done", async () => {
    const project = await withRows();
    const bad = base(project, {
      indexes: [index("i", "n TYPE minmax, DROP COLUMN n")],
      projections: [projection("p", "SELECT n FROM t"), projection("q", "SELECT n), DROP COLUMN (n")],
    });
    const report = await project.round([bad]);
    expect(report.diagnostics.map(({ code, summary }) => [code, summary.split(":")[0]])).toEqual([
      ["clickhouse/unreadable-expression", expect.stringContaining("the index i in table t")],
      ["clickhouse/unreadable-expression", expect.stringContaining("the projection p in table t")],
      ["clickhouse/unreadable-expression", expect.stringContaining("the projection q in table t")],
    ]);
    expect(report.operations).toEqual([]);
  });
});
