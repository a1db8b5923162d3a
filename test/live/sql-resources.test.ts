// SQL resources on the real engine: set up when they appear, changed, torn down, and gone on with where they were left off.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { readState } from "../../runtime/clickhouse/state.js";
import { planProject } from "../../runtime/reconcile/plan-project.js";
import type { Reconciler } from "../../runtime/reconcile/reconcile.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type SqlResource, setupHash } from "../../src/infra/sql-resource.js";
import type { Table } from "../../src/infra/table.js";
import type { View } from "../../src/infra/view.js";
import { type LiveEngine, type LiveProject, startLive, uniqueName } from "./live-engine.js";
import { column, table } from "./tables.js";

let engine: LiveEngine;
let project: LiveProject;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  project = await engine.newProject();
});

function resource(
  name: string,
  setup: readonly string[],
  teardown: readonly string[],
  more: Partial<SqlResource> = {},
): SqlResource {
  return {
    ...{ name, database: project.database, setup, setupHash: setupHash(setup), teardown },
    ...{ pullsDataFrom: [], pushesDataTo: [], ...more },
  };
}

interface Code {
  readonly tables?: readonly Table[];
  readonly views?: readonly View[];
}

function mapOf(resources: readonly SqlResource[], { tables = [], views = [] }: Code = {}) {
  return infraMapOf(tables, views, [], resources);
}

async function round(resources: readonly SqlResource[], code?: Code, on: Reconciler = project.reconciler) {
  const report = await on.reconcile(mapOf(resources, code));
  expect(report.diagnostics).toEqual([]);
  expect(report.unconverged).toEqual([]);
  return report.operations.map(({ operation, outcome }) => `${operation.kind} ${outcome.state}`);
}

async function value(sql: string): Promise<unknown> {
  const [row] = await engine.clickhouse.rows<Readonly<Record<string, unknown>>>(`SELECT ${sql}`);
  return Object.values(row ?? {})[0];
}

function functionOf(name: string, body: string, more?: Partial<SqlResource>): SqlResource {
  return resource(name, [`CREATE FUNCTION ${name} AS (x) -> ${body}`], [`DROP FUNCTION ${name}`], more);
}

const t = (more: Partial<Table> = {}) =>
  table(project.database, [column("id", "UInt32")], { name: "t", ...more });

test("it is set up when it appears, once, changed by its teardown and setup, and torn down when it is gone", async () => {
  const name = uniqueName("half");
  const half = functionOf(name, "intDiv(x, 2)");
  expect(await round([half])).toEqual(["SetUpSqlResource applied"]);
  expect(await value(`${name}(8)`)).toBe(4);
  expect(await round([half])).toEqual([]);
  const again = await project.reopened();
  expect(await round([half], {}, again.reconciler)).toEqual([]);
  const third = functionOf(name, "intDiv(x, 3)");
  expect(await round([third])).toEqual(["TearDownSqlResource applied", "SetUpSqlResource applied"]);
  expect(await value(`${name}(9)`)).toBe(3);
  expect(await round([third])).toEqual([]);
  expect(await round([])).toEqual(["TearDownSqlResource applied"]);
  await expect(value(`${name}(9)`)).rejects.toThrow(/[Uu]nknown function|Function with name/);
  expect(await round([])).toEqual([]);
});

test("another teardown alone runs nothing, and is the one that is run in the end", async () => {
  const name = uniqueName("half");
  const half = functionOf(name, "intDiv(x, 2)");
  await round([half]);
  const marked = { ...half, teardown: [`DROP FUNCTION ${name}`, "CREATE TABLE gone (a UInt8) ENGINE = Log"] };
  expect(await round([marked])).toEqual([]);
  expect(await round([])).toEqual(["TearDownSqlResource applied"]);
  expect(await value(`count() FROM ${project.database}.gone`)).toBe("0");
});

test("what a table needs is set up before it, and what names tables and views after them; they go the other way round", async () => {
  const name = uniqueName("half");
  const half = functionOf(name, "intDiv(x, 2)");
  const { database } = project;
  const columns = [
    column("id", "UInt32"),
    column("h", "Int64", { default: { kind: "MATERIALIZED", expression: `${name}(id)` } }),
  ];
  const needs = table(database, columns, { name: "t" });
  const view: View = {
    ...{ kind: "View", database, name: "v", select: `SELECT id FROM ${database}.t`, target: undefined },
    ...{ refresh: "", columns: undefined, lifeCycle: LifeCycle.FULLY_MANAGED },
  };
  const filled = resource("filled", ["INSERT INTO t (id) SELECT 8"], []);
  const copied = resource(
    "copied",
    ["CREATE TABLE copied ENGINE = Log AS SELECT * FROM v"],
    ["DROP TABLE copied"],
  );
  const code = { tables: [needs], views: [view] };
  expect(await round([copied, filled, half], code)).toEqual([
    "SetUpSqlResource applied",
    "CreateTable applied",
    "SetUpSqlResource applied",
    "CreateView applied",
    "SetUpSqlResource applied",
  ]);
  expect(await value(`sum(h) FROM ${database}.t`)).toBe("4");
  expect(await value(`sum(id) FROM ${database}.copied`)).toBe("8");
  expect(await round([copied, filled, half], code)).toEqual([]);
  expect(await round([])).toEqual([
    "TearDownSqlResource applied",
    "DropView applied",
    "TearDownSqlResource applied",
    "DropTable applied",
    "TearDownSqlResource applied",
  ]);
});

test("lineage decides where no statement names the table", async () => {
  const made = resource("made", ["SELECT 1"], [], { pushesDataTo: ["`t`"] });
  expect(await round([made], { tables: [t()] })).toEqual(["CreateTable applied", "SetUpSqlResource applied"]);
});

test("a statement that fails is told, those before it are not run again, and the corrected one goes on from its teardown", async () => {
  const count = "CREATE TABLE counted (n UInt8) ENGINE = Log";
  const bad = resource(
    "bad",
    [count, "INSERT INTO counted VALUES (1)", "SELECT no_such"],
    ["DROP TABLE counted"],
  );
  expect(await round([bad])).toEqual(["SetUpSqlResource failed"]);
  expect(await round([bad])).toEqual(["SetUpSqlResource failed"]);
  expect(await value(`count() FROM ${project.database}.counted`)).toBe("1");
  const good = resource("bad", [count, "INSERT INTO counted VALUES (2)"], ["DROP TABLE counted"]);
  expect(await round([good])).toEqual(["TearDownSqlResource applied", "SetUpSqlResource applied"]);
  expect(await value(`sum(n) FROM ${project.database}.counted`)).toBe("2");
  expect(await round([good])).toEqual([]);
});

test("what somebody else has made is not taken for its own", async () => {
  const name = uniqueName("half");
  await engine.clickhouse.command(`CREATE FUNCTION ${name} AS (x) -> 0`);
  expect(await round([functionOf(name, "intDiv(x, 2)")])).toEqual(["SetUpSqlResource failed"]);
  expect(await round([])).toEqual([]);
  expect(await value(`${name}(8)`)).toBe(0);
});

/** A server that is lost with the statement that holds `text`, before or after it arrived. */
function losing(clickhouse: ClickHouse, text: string, arrives: boolean): ClickHouse {
  return {
    ...clickhouse,
    async command(sql, options) {
      if (!sql.includes(text)) return clickhouse.command(sql, options);
      if (arrives) await clickhouse.command(sql, options);
      throw new Error("socket hang up");
    },
  };
}

for (const arrives of [true, false])
  test(`a run that ends with a statement that ${arrives ? "arrived" : "never arrived"} is gone on with`, async () => {
    const name = uniqueName("half");
    const first = "CREATE TABLE one (n UInt8) ENGINE = Log";
    const both = resource(
      "both",
      [first, `CREATE FUNCTION ${name} AS (x) -> intDiv(x, 2)`],
      [`DROP FUNCTION ${name}`, "DROP TABLE one"],
    );
    const cut = await project.reopened([], losing(engine.clickhouse, "CREATE FUNCTION", arrives));
    await expect(round([both], {}, cut.reconciler)).rejects.toThrow("socket hang up");
    const next = await project.reopened();
    expect(await round([both], {}, next.reconciler)).toEqual(["SetUpSqlResource applied"]);
    expect(await value(`${name}(8)`)).toBe(4);
    expect(await round([both], {}, next.reconciler)).toEqual([]);
    const cutAgain = await project.reopened([], losing(engine.clickhouse, "DROP TABLE", arrives));
    await expect(round([], {}, cutAgain.reconciler)).rejects.toThrow("socket hang up");
    const last = await project.reopened();
    expect(await round([], {}, last.reconciler)).toEqual(["TearDownSqlResource applied"]);
    expect(await round([], {}, last.reconciler)).toEqual([]);
    expect(await value(`count() FROM system.tables WHERE database = '${project.database}'`)).toBe("0");
  });

test("a statement of which nobody knows the end, and that may not be repeated, is not sent again", async () => {
  await round([], { tables: [t()] });
  const fill = resource("fill", ["INSERT INTO t VALUES (1)"], ["TRUNCATE TABLE t"]);
  const cut = await project.reopened([], losing(engine.clickhouse, "INSERT INTO t", true));
  await expect(round([fill], { tables: [t()] }, cut.reconciler)).rejects.toThrow("socket hang up");
  const next = await project.reopened();
  const report = await next.reconciler.reconcile(mapOf([fill], { tables: [t()] }));
  expect(report.operations).toMatchObject([
    { verdict: { decision: "blocked", code: "unknown-outcome" }, outcome: { state: "blocked" } },
  ]);
  expect(await value(`count() FROM ${project.database}.t`)).toBe("1");
});

test("a teardown that drops something is destructive, and waits for an approval where a person has to agree", async () => {
  const kept = resource("kept", ["CREATE TABLE kept (a UInt8) ENGINE = Log"], ["DROP TABLE kept"]);
  const half = functionOf(uniqueName("half"), "intDiv(x, 2)");
  await round([kept, half]);
  const approvals = { decisions: new Map(), allowDestructive: false };
  const report = await project.reconciler.reconcile(mapOf([]), { approvals });
  const verdicts = report.operations.map(({ operation, verdict }) => [
    operation.address,
    operation.destructive,
    verdict.decision === "blocked" ? verdict.code : "apply",
  ]);
  expect(verdicts).toEqual([
    [`sql:${half.name}`, false, "apply"],
    ["sql:kept", true, "needs-approval"],
  ]);
  expect(await value(`count() FROM ${project.database}.kept`)).toBe("0");
});

test("a lifecycle holds for the statements of a resource too", async () => {
  const code = { tables: [t({ lifeCycle: LifeCycle.DELETION_PROTECTED })] };
  const wipe = resource("wipe", ["SELECT 1"], ["TRUNCATE TABLE t"]);
  await round([wipe], code);
  await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (1)`);
  const report = await project.reconciler.reconcile(mapOf([], code));
  expect(report.operations).toMatchObject([{ verdict: { code: "deletion-protected" } }]);
  expect(await value(`count() FROM ${project.database}.t`)).toBe("1");
});

test("secrets of a setup are not remembered, and no second plan sees a difference", async () => {
  const name = uniqueName("stored");
  const setup = [`CREATE NAMED COLLECTION ${name} AS url = 'http://h', password = 'hunter22222'`];
  const stored = resource("stored", setup, [`DROP NAMED COLLECTION ${name}`]);
  expect(await round([stored])).toEqual(["SetUpSqlResource applied"]);
  const { sqlResources } = await readState(engine.clickhouse, project.name);
  expect(JSON.stringify(sqlResources)).toContain(name);
  expect(JSON.stringify(sqlResources)).not.toContain("hunter22222");
  const plan = await planProject(
    engine.clickhouse,
    { map: mapOf([stored]), diagnostics: [] },
    { project: project.name, database: project.database, adopt: [], renames: [] },
  );
  expect(plan.report.operations).toEqual([]);
  expect(await round([])).toEqual(["TearDownSqlResource applied"]);
});
