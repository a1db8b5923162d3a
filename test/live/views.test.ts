// Views and materialized views, brought into line with what is declared, on the real engine.

import { afterAll, beforeAll, expect, test } from "vitest";
import { inspectViews } from "../../runtime/clickhouse/inspect-views.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import type { View } from "../../src/infra/view.js";
import { isOnView } from "../../src/plan/operation.js";
import { viewOperationText } from "../../src/status/view-operation-text.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";
import { materialized, view } from "./views.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const hits = (database: string, more: readonly string[] = []): Table =>
  table(
    database,
    [
      column("id", "UInt32"),
      column("page", "String"),
      column("n", "UInt32"),
      ...more.map((name) => column(name, "String")),
    ],
    { name: "hits" },
  );
const daily = (database: string, more: readonly string[] = []): Table =>
  table(
    database,
    [column("page", "String"), column("total", "UInt64"), ...more.map((name) => column(name, "String"))],
    { name: "daily" },
  );

const round = (project: LiveProject, tables: readonly Table[], views: readonly View[]) =>
  project.reconciler.reconcile(infraMapOf(tables, views));

const rowsOf = (project: LiveProject, query: string) =>
  engine.clickhouse.rows<Record<string, unknown>>(query.replaceAll("DB", project.database));

const insert = (project: LiveProject, id: number, page = "a") =>
  engine.clickhouse.command(
    `INSERT INTO ${project.database}.hits (id, page, n) VALUES (${id}, '${page}', 2)`,
  );

const uuidOf = async ({ database }: LiveProject, name: string) =>
  (await inspectViews(engine.clickhouse, [database], [name])).get(`${database}.${name}`)?.uuid;

test("views are made after their tables and rows flow through a materialized view", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const views = [
    view(database, "a_top", "SELECT page FROM middle WHERE total <> 0"),
    view(database, "middle", "select page, SUM(n) as total from `hits` group by page"),
    materialized(database, "flow", "daily", "SELECT page, sum(n) AS total FROM hits GROUP BY page"),
  ];
  const tables = [hits(database), daily(database)];
  const report = await round(project, tables, views);
  expect(outcomes(report)).toEqual([
    "CreateTable applied",
    "CreateTable applied",
    "CreateMaterializedView applied",
    "CreateView applied",
    "CreateView applied",
  ]);
  expect(report.unconverged).toEqual([]);
  await insert(project, 1);
  expect(await rowsOf(project, "SELECT page, total FROM DB.daily")).toEqual([{ page: "a", total: "2" }]);
  expect(await rowsOf(project, "SELECT * FROM DB.a_top")).toEqual([{ page: "a" }]);
  expect((await round(project, tables, views)).operations).toEqual([]);
  const again = await project.reopened();
  expect((await round(again, tables, views)).operations).toEqual([]);
});

test("another query takes the place of the old one, and no row misses the view meanwhile", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const tables = [hits(database), daily(database)];
  const flow = (select: string) => [
    materialized(database, "flow", "daily", select),
    view(database, "seen", `SELECT page FROM daily WHERE ${select.length} > 0`),
  ];
  await round(project, tables, flow("SELECT page, sum(n) AS total FROM hits GROUP BY page"));
  const before = await uuidOf(project, "flow");
  const after = flow("SELECT page, 10 * sum(n) AS total FROM hits GROUP BY page");
  const report = await round(project, tables, after);
  expect(outcomes(report)).toEqual(["ModifyViewQuery applied", "ModifyViewQuery applied"]);
  expect(report.unconverged).toEqual([]);
  expect(await uuidOf(project, "flow")).toBe(before);
  await insert(project, 1);
  expect(await rowsOf(project, "SELECT page, total FROM DB.daily")).toEqual([{ page: "a", total: "20" }]);
  expect((await round(await project.reopened(), tables, after)).operations).toEqual([]);
});

test("what the server only prints otherwise is no change", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const tables = [hits(database), daily(database)];
  const texts = [
    "SELECT page, NOW() AS at FROM hits -- a comment",
    "WITH x AS (SELECT page FROM hits) SELECT * FROM x WHERE page IN (SELECT page FROM daily) AND page != ''",
    `SELECT h.page, d.total FROM ${database}.hits AS h LEFT JOIN daily d ON d.page = h.page ARRAY JOIN [1, 2] AS one`,
    "SELECT page FROM hits UNION ALL (SELECT page FROM daily)",
    "SELECT id, substring(page FROM 1) AS s, COUNT(*) AS c FROM hits WHERE id IN hits GROUP BY ALL",
    "SELECT page, LOWER(page) AS l FROM hits WHERE id = {id:UInt32}",
    "SELECT number FROM numbers(3)",
  ];
  const views = texts.map((text, index) => view(database, `v${index}`, text));
  const report = await round(project, tables, views);
  expect(report.operations.filter(({ outcome }) => outcome.state !== "applied")).toEqual([]);
  expect(report.unconverged).toEqual([]);
  expect((await round(await project.reopened(), tables, views)).operations).toEqual([]);
});

test("a view on a table that changes sees its columns, and those of a view on it too", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const views = [
    view(database, "all_hits", "SELECT * FROM hits"),
    view(database, "over", "SELECT * FROM all_hits"),
  ];
  await round(project, [hits(database, ["gone"])], views);
  const report = await round(project, [hits(database, ["come"])], views);
  expect(report.unconverged).toEqual([]);
  expect(outcomes(report)).toEqual([
    "AddTableColumn applied",
    "DropTableColumn applied",
    "ModifyViewQuery applied",
    "ModifyViewQuery applied",
  ]);
  await insert(project, 1);
  expect(await rowsOf(project, "SELECT * FROM DB.over")).toEqual([{ id: 1, page: "a", n: 2, come: "" }]);
  expect((await round(await project.reopened(), [hits(database, ["come"])], views)).operations).toEqual([]);
});

test("a view whose table somebody else has changed is made to see it", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const views = [view(database, "all_hits", "SELECT * FROM hits")];
  await round(project, [hits(database)], views);
  await engine.clickhouse.command(`ALTER TABLE ${database}.hits ADD COLUMN more String`);
  const report = await round(await project.reopened(), [hits(database, ["more"])], views);
  expect(outcomes(report)).toEqual(["ModifyViewQuery applied"]);
  expect(
    await rowsOf(project, "SELECT name FROM system.columns WHERE database = 'DB' AND table = 'all_hits'"),
  ).toContainEqual({ name: "more" });
});

test("a materialized view gives up a column before it is dropped and reads a new one after it is there", async () => {
  const project = await engine.newProject();
  const { database } = project;
  await round(
    project,
    [hits(database, ["old"]), daily(database, ["word"])],
    [materialized(database, "flow", "daily", "SELECT page, n AS total, old AS word FROM hits")],
  );
  const views = [
    materialized(database, "flow", "daily", "SELECT page, n AS total, fresh AS phrase FROM hits"),
  ];
  const tables = [hits(database, ["fresh"]), daily(database, ["phrase"])];
  const report = await round(project, tables, views);
  expect(report.unconverged).toEqual([]);
  expect(outcomes(report)).toEqual([
    "AddTableColumn applied",
    "AddTableColumn applied",
    "ModifyViewQuery applied",
    "DropTableColumn applied",
    "DropTableColumn applied",
  ]);
  await engine.clickhouse.command(`INSERT INTO ${database}.hits VALUES (1, 'a', 2, 'hello')`);
  expect(await rowsOf(project, "SELECT * FROM DB.daily")).toEqual([
    { page: "a", total: "2", phrase: "hello" },
  ]);
  expect((await round(project, tables, views)).operations).toEqual([]);
});

test("another target makes a materialized view anew, and the plan says which rows do not pass through it", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const other = { ...daily(database), name: "weekly" };
  const tables = [hits(database), daily(database), other];
  const select = "SELECT page, n AS total FROM hits";
  await round(project, tables, [materialized(database, "flow", "daily", select)]);
  const report = await round(project, tables, [materialized(database, "flow", "weekly", select)]);
  expect(outcomes(report)).toEqual(["DropMaterializedView applied", "CreateMaterializedView applied"]);
  expect(report.operations[0]?.operation.reason).toContain(
    "rows that are inserted until the new one is there",
  );
  await insert(project, 1);
  expect(await rowsOf(project, "SELECT * FROM DB.weekly")).toHaveLength(1);
  expect(
    (await round(await project.reopened(), tables, [materialized(database, "flow", "weekly", select)]))
      .operations,
  ).toEqual([]);
});

test("a materialized view follows its table when that is renamed", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const select = (from: string) => `SELECT page, n AS total FROM ${from}`;
  await round(
    project,
    [hits(database), daily(database)],
    [materialized(database, "flow", "daily", select("hits")), view(database, "v", "SELECT id FROM hits")],
  );
  await insert(project, 1);
  const tables = [{ ...hits(database), name: "clicks", renamedFrom: "hits" }, daily(database)];
  const views = [
    materialized(database, "flow", "daily", select("clicks")),
    view(database, "v", "SELECT id FROM clicks"),
  ];
  const report = await round(project, tables, views);
  expect(report.unconverged).toEqual([]);
  expect(outcomes(report)).toEqual([
    "RenameTable applied",
    "ModifyViewQuery applied",
    "ModifyViewQuery applied",
  ]);
  expect(report.operations[1]?.operation.reason).toContain("after the rename");
  await engine.clickhouse.command(`INSERT INTO ${database}.clicks VALUES (2, 'b', 3)`);
  expect(await rowsOf(project, "SELECT page FROM DB.daily ORDER BY page")).toEqual([
    { page: "a" },
    { page: "b" },
  ]);
  expect((await round(project, tables, views)).operations).toEqual([]);
});

test("a materialized view outlives the recreation of its empty table", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const views = [
    materialized(database, "flow", "daily", "SELECT page, n AS total FROM hits"),
    view(database, "v", "SELECT * FROM hits"),
  ];
  await round(project, [hits(database), daily(database)], views);
  const tables = [{ ...hits(database), orderBy: "page", primaryKey: "page" }, daily(database)];
  const report = await round(project, tables, views);
  expect(outcomes(report)).toEqual([
    "RecreateTable applied",
    "ModifyViewQuery applied",
    "ModifyViewQuery applied",
  ]);
  await insert(project, 1);
  expect(await rowsOf(project, "SELECT page FROM DB.daily")).toEqual([{ page: "a" }]);
  expect((await round(await project.reopened(), tables, views)).operations).toEqual([]);
});

test("a refreshable view changes its interval in place", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const tables = [hits(database), daily(database)];
  const select = "SELECT page, sum(n) AS total FROM hits GROUP BY page";
  const at = (refresh: string) => [materialized(database, "flow", "daily", select, { refresh })];
  expect(outcomes(await round(project, tables, at("every 60 minutes")))).toContain(
    "CreateMaterializedView applied",
  );
  expect((await round(project, tables, at("EVERY 1 HOUR"))).operations).toEqual([]);
  expect(outcomes(await round(project, tables, at("EVERY 2 HOUR")))).toEqual(["ModifyViewRefresh applied"]);
  expect(outcomes(await round(project, tables, at("EVERY 2 HOUR APPEND")))).toEqual([
    "DropMaterializedView applied",
    "CreateMaterializedView applied",
  ]);
  expect((await round(project, tables, at("EVERY 2 HOUR APPEND"))).operations).toEqual([]);
});

test("views that leave the code are dropped before their tables, those on others first", async () => {
  const project = await engine.newProject();
  const { database } = project;
  await round(
    project,
    [hits(database), daily(database)],
    [
      view(database, "b_base", "SELECT page FROM hits"),
      view(database, "a_over", "SELECT page FROM b_base"),
      materialized(database, "flow", "daily", "SELECT page, n AS total FROM hits"),
    ],
  );
  const report = await round(project, [], []);
  expect(
    report.operations.map(({ operation }) => `${operation.kind} ${operation.address.split(".")[1]}`),
  ).toEqual([
    "DropView a_over",
    "DropMaterializedView flow",
    "DropView b_base",
    "DropTable daily",
    "DropTable hits",
  ]);
  expect((await round(project, [], [])).operations).toEqual([]);
});

test("a table stays as long as a view of the code reads it", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const views = [view(database, "v", "SELECT page FROM hits")];
  await round(project, [hits(database)], views);
  expect(outcomes(await round(project, [], views))).toEqual(["DropTable blocked still-in-use"]);
});

test("a view that somebody else made is neither changed nor dropped", async () => {
  const project = await engine.newProject();
  const { database } = project;
  await round(project, [hits(database)], []);
  await engine.clickhouse.command(`CREATE VIEW ${database}.theirs AS SELECT id FROM ${database}.hits`);
  const declared = [view(database, "theirs", "SELECT page FROM hits")];
  expect(outcomes(await round(project, [hits(database)], declared))).toEqual([
    "ModifyViewQuery blocked not-made-by-moose",
  ]);
  const gone = await round(project, [hits(database)], []);
  expect(gone.operations).toEqual([]);
  const adopting = await project.reopened([`${database}.theirs`]);
  expect(outcomes(await round(adopting, [hits(database)], declared))).toEqual(["ModifyViewQuery applied"]);
  expect(outcomes(await round(adopting, [hits(database)], []))).toEqual(["DropView applied"]);
});

test("lifecycles hold for views", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const lifeCycle = LifeCycle.DELETION_PROTECTED;
  const guarded = (select: string) => [view(database, "v", select, { lifeCycle })];
  await round(project, [hits(database)], guarded("SELECT page FROM hits"));
  expect(outcomes(await round(project, [hits(database)], guarded("SELECT id FROM hits")))).toEqual([
    "ModifyViewQuery applied",
  ]);
  expect(outcomes(await round(project, [hits(database)], []))).toEqual([
    "DropView blocked deletion-protected",
  ]);
  const foreign = [view(database, "other", "SELECT 1 AS a", { lifeCycle: LifeCycle.EXTERNALLY_MANAGED })];
  expect(outcomes(await round(project, [hits(database)], foreign))).toContain(
    "CreateView blocked externally-managed",
  );
});

test("a view becomes a materialized one and back", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const tables = [hits(database), daily(database)];
  const select = "SELECT page, n AS total FROM hits";
  const plain = [view(database, "v", select)];
  const stored = [materialized(database, "v", "daily", select)];
  await round(project, tables, plain);
  expect(outcomes(await round(project, tables, stored))).toEqual([
    "DropView applied",
    "CreateMaterializedView applied",
  ]);
  expect((await round(await project.reopened(), tables, stored)).operations).toEqual([]);
  expect(outcomes(await round(project, tables, plain))).toEqual([
    "DropMaterializedView applied",
    "CreateView applied",
  ]);
});

test("a view whose query the server refuses fails by itself and says why", async () => {
  const project = await engine.newProject();
  const { database } = project;
  const views = [
    view(database, "bad", "SELECT nothing FROM hits"),
    view(database, "good", "SELECT id FROM hits"),
  ];
  const report = await round(project, [hits(database)], views);
  expect(outcomes(report)).toEqual(["CreateTable applied", "CreateView failed", "CreateView applied"]);
  expect(JSON.stringify(report.operations[1]?.outcome)).toContain("nothing");
  const unreadable = await round(project, [hits(database)], [view(database, "bad", "SELECT FROM WHERE")]);
  expect(unreadable.diagnostics.map(({ code }) => code)).toEqual(["clickhouse/unreadable-query"]);
});

test("a plan says which rows a new materialized view will not see", async () => {
  const project = await engine.newProject();
  const { database } = project;
  await round(project, [hits(database), daily(database)], []);
  await insert(project, 1);
  await insert(project, 2, "b");
  const flow = materialized(database, "flow", "daily", "SELECT page, n AS total FROM hits");
  const report = await round(project, [hits(database), daily(database)], [flow]);
  const [made] = report.operations;
  expect(made?.operation.reason).toBe(
    `declared in code; it sees the rows that are inserted from then on; the 2 rows that ${database}.hits holds will not be in ${database}.daily: insert them yourself if you want them there`,
  );
  expect(made && isOnView(made.operation) && viewOperationText(made.operation).at(-1)?.text).toContain(
    "the 2 rows that",
  );
});
