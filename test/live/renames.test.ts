// Declared renames on the real engine: values and rows stay, whatever else changes in the same save.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, Table } from "../../src/infra/table.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const columns = [column("id", "UInt32"), column("n", "Int32"), column("name", "String")];
const base = (project: LiveProject, rest: Partial<Table> = {}, changed: readonly Column[] = columns): Table =>
  table(project.database, changed, rest);
/** The columns with one of them renamed. */
const renamed = (from: string, to: string, rest: Partial<Column> = {}) =>
  columns.map((one) => (one.name === from ? { ...one, name: to, renamedFrom: from, ...rest } : one));

async function withRows(
  rest: Partial<Table> = {},
  changed: readonly Column[] = columns,
): Promise<LiveProject> {
  const project = await engine.newProject();
  await project.round([base(project, rest, changed)]);
  await engine.clickhouse.command(
    `INSERT INTO ${project.database}.t (id, n, name) SELECT number, number % 100, toString(number) FROM numbers(1000)`,
  );
  return project;
}

async function applied(project: LiveProject, wanted: Table): Promise<readonly string[]> {
  const report = await project.round([wanted]);
  expect([report.diagnostics, report.unconverged, report.unmanaged]).toEqual([[], [], []]);
  expect(outcomes(await project.round([wanted]))).toEqual([]);
  expect(outcomes(await (await project.reopened()).round([wanted]))).toEqual([]);
  return outcomes(report);
}

const value = async (project: LiveProject, expression: string, from = "t") =>
  (
    await engine.clickhouse.rows<{ v: unknown }>(
      `SELECT toString(${expression}) AS v FROM ${project.database}.${from}`,
    )
  )[0]?.v;

describe("a column", () => {
  test("keeps its values, and the marker may stay or go", async () => {
    const project = await withRows();
    const wanted = base(project, {}, renamed("n", "count of"));
    expect(await applied(project, wanted)).toEqual(["RenameTableColumn applied"]);
    expect(await value(project, "sum(`count of`)")).toBe("49500");
    const without = renamed("n", "count of", { renamedFrom: undefined });
    expect(await applied(project, base(project, {}, without))).toEqual([]);
  });

  test("keeps its values when its type changes in the same save", async () => {
    const project = await withRows();
    const wanted = base(project, {}, renamed("name", "number", { type: "UInt64", comment: "c" }));
    expect(await applied(project, wanted)).toEqual([
      "RenameTableColumn applied",
      "ModifyTableColumn applied",
    ]);
    expect(await value(project, "sum(number)")).toBe("499500");
  });

  test("whose values do not fit the new type is renamed, and the type waits", async () => {
    const project = await withRows();
    await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (1, 1, 'no number')`);
    const wanted = base(project, {}, renamed("name", "number", { type: "UInt64" }));
    const report = await project.round([wanted]);
    expect(outcomes(report)).toEqual([
      "RenameTableColumn applied",
      "ModifyTableColumn blocked values-do-not-fit",
    ]);
    expect(report.operations[1]?.verdict).toMatchObject({
      reason: "1 value of number cannot become UInt64: 'no number'",
    });
    expect(outcomes(await project.round([wanted]))).toEqual(["ModifyTableColumn blocked values-do-not-fit"]);
  });

  test("in defaults, TTLs and indexes takes these along, and projections are built anew", async () => {
    const more = (name: string): readonly Column[] => [
      column("twice", "Int64", { default: { kind: "DEFAULT", expression: `${name} * 2` } }),
      column("late", "String", { ttl: `toDateTime(${name}) + INTERVAL 100 YEAR` }),
    ];
    const parts = (name: string) => ({
      indexes: [{ name: "i", expression: `${name} + 1`, type: "minmax", granularity: 1 }],
      projections: [
        { name: "all", body: "SELECT * ORDER BY name" },
        { name: "p", body: `SELECT ${name}, count() GROUP BY ${name}` },
      ],
    });
    const project = await withRows(parts("n"), [...columns, ...more("n")]);
    const wanted = base(project, parts("m"), [...renamed("n", "m"), ...more("m")]);
    expect(await applied(project, wanted)).toEqual([
      "DropTableProjection applied",
      "RenameTableColumn applied",
      "AddTableProjection applied",
    ]);
    expect(await value(project, "sum(m)")).toBe("49500");
    const projections = await engine.clickhouse.rows<{ name: string; n: string }>(
      `SELECT name, sum(rows) AS n FROM system.projection_parts WHERE database = '${project.database}' AND active GROUP BY name ORDER BY name`,
    );
    expect(projections).toEqual([
      { name: "all", n: "1000" },
      { name: "p", n: "100" },
    ]);
  });

  test("under a projection that was made by hand stays, and so does what needs its new name", async () => {
    const project = await withRows();
    await engine.clickhouse.command(
      `ALTER TABLE ${project.database}.t ADD PROJECTION theirs (SELECT n ORDER BY n)`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const after = [
      ...renamed("n", "m"),
      column("more", "Int32", { default: { kind: "DEFAULT", expression: "m" } }),
    ];
    const report = await project.round([base(project, { comment: "c" }, after)]);
    expect(outcomes(report)).toEqual([
      "DropTableProjection blocked not-made-by-moose",
      "RenameTableColumn blocked still-in-use",
      "AddTableColumn blocked waits-for-column",
      "ModifyTableComment applied",
    ]);
    expect(report.operations[1]?.verdict).toMatchObject({
      reason: `projection theirs of ${project.database}.t is computed from n and stays for now`,
    });
  });

  test("whose new name is there already is not dropped", async () => {
    const project = await withRows({}, [...columns, column("m", "Int32")]);
    const wanted = base(project, {}, renamed("n", "m"));
    expect(outcomes(await project.round([wanted]))).toEqual(["DropTableColumn blocked new-name-taken"]);
    expect(await value(project, "sum(n)")).toBe("49500");
    const unmarked = base(project, {}, renamed("n", "m", { renamedFrom: undefined }));
    expect(outcomes(await project.round([unmarked]))).toEqual(["DropTableColumn applied"]);
  });

  test("of the sorting key waits for a rebuild; an empty table is made anew", async () => {
    const project = await withRows();
    const wanted = base(project, { orderBy: "key", primaryKey: "key", comment: "c" }, renamed("id", "key"));
    expect(outcomes(await project.round([wanted]))).toEqual([
      "RecreateTable blocked needs-rebuild",
      "ModifyTableComment applied",
    ]);
    expect(await value(project, "sum(id)")).toBe("499500");
    await engine.clickhouse.command(`TRUNCATE TABLE ${project.database}.t`);
    expect(await applied(project, wanted)).toEqual(["RecreateTable applied"]);
  });
});

describe("a table", () => {
  test("keeps its rows, stays ours, and leaves no trace under its old name", async () => {
    const project = await withRows();
    const wanted = { ...base(project), name: "u", renamedFrom: "t" };
    expect(await applied(project, wanted)).toEqual(["RenameTable applied"]);
    expect(await value(project, "count()", "u")).toBe("1000");
    expect(await project.table("t")).toBeUndefined();
    expect(outcomes(await project.round([base(project, { name: "u" })]))).toEqual([]);
    expect(outcomes(await (await project.reopened()).round([]))).toEqual(["DropTable applied"]);
  });

  test("changes otherwise in the same save", async () => {
    const project = await withRows();
    const after = renamed("name", "number", { type: "UInt64" });
    const wanted = { ...base(project, { comment: "c" }, after), name: "u", renamedFrom: "t" };
    expect(await applied(project, wanted)).toEqual([
      "RenameTable applied",
      "RenameTableColumn applied",
      "ModifyTableColumn applied",
      "ModifyTableComment applied",
    ]);
    expect(await value(project, "sum(number)", "u")).toBe("499500");
  });

  test("whose new name is taken, or whose old one is not ours, is not renamed", async () => {
    const project = await withRows();
    const both = [base(project), { ...base(project), name: "u" }];
    await project.round(both);
    const wanted = { ...base(project), name: "u", renamedFrom: "t" };
    const kept = "DropTable blocked new-name-taken";
    expect(outcomes(await project.round([wanted]))).toEqual([kept]);
    await engine.clickhouse.command(
      `CREATE TABLE ${project.database}.theirs (id UInt32) ENGINE = MergeTree ORDER BY id`,
    );
    const other = { ...base(project), name: "v", renamedFrom: "theirs" };
    expect(outcomes(await project.round([wanted, other]))).toEqual(["CreateTable applied", kept]);
    expect(await project.table("theirs")).toBeDefined();
  });

  test("that is EXTERNALLY_MANAGED is not renamed; one that is DELETION_PROTECTED is", async () => {
    const project = await withRows();
    const wanted = (lifeCycle: LifeCycle) => ({
      ...base(project, { lifeCycle }, renamed("n", "m")),
      name: "u",
      renamedFrom: "t",
    });
    expect(outcomes(await project.round([wanted(LifeCycle.EXTERNALLY_MANAGED)]))).toEqual([
      "RenameTable blocked externally-managed",
      "RenameTableColumn blocked externally-managed",
    ]);
    expect(await applied(project, wanted(LifeCycle.DELETION_PROTECTED))).toEqual([
      "RenameTable applied",
      "RenameTableColumn applied",
    ]);
  });
});
