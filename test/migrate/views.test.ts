// Views in migrations that are generated, reviewed and executed, on the real engine.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { planChain } from "../../runtime/reconcile/chain-plan.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { materialized, view } from "../live/views.js";
import { ChainProject } from "./chain-harness.js";
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

const hits = (database: string) =>
  table(database, [column("id", "UInt64"), column("page", "String")], { name: "hits" });
const sums = (database: string) =>
  table(database, [column("page", "String"), column("n", "UInt64")], { name: "sums" });

/** A project whose database has the tables and two views, by a migration. */
async function migrated(lifeCycle = LifeCycle.FULLY_MANAGED): Promise<FlowProject> {
  const p = await project();
  const { database } = p;
  p.code = [hits(database), sums(database)];
  p.views = [
    view(database, "pages", "select distinct page from hits", { lifeCycle }),
    materialized(database, "flow", "sums", "SELECT page, COUNT() AS n FROM hits GROUP BY page", {
      lifeCycle,
    }),
  ];
  await p.generate();
  expect(refusal(await p.migrate())).toBe("");
  return p;
}

test("views are part of a migration, and the plan after it is empty", async () => {
  const p = await migrated();
  expect(p.read("plan.yaml")).toContain("CreateMaterializedView");
  expect(p.read("plan.yaml")).not.toContain(`${p.database}.hits`);
  expect(JSON.parse(p.read("local_infra_map.json")).materialized_views).toMatchObject({
    [`${p.database}_flow`]: { name: "flow", target_table: "sums", source_tables: ["`hits`"] },
  });
  await engine.clickhouse.command(`INSERT INTO ${p.database}.hits VALUES (1, 'a'), (2, 'a')`);
  const rows = await engine.clickhouse.rows(`SELECT page, n FROM ${p.database}.sums`);
  expect(rows).toEqual([{ page: "a", n: "2" }]);
  expect((await p.plan()).report.operations).toEqual([]);
  expect((await p.migrate()).state).toBe("already-applied");
});

test("a changed query, a dropped view and a new one are migrated on top of it", async () => {
  const p = await migrated();
  const { database } = p;
  p.views = [
    materialized(database, "flow", "sums", "SELECT page, 5 * count() AS n FROM hits GROUP BY page"),
    view(database, "big", "SELECT page FROM sums WHERE n > 3"),
  ];
  const generated = await p.generate();
  expect(generated.operations.map(({ kind }) => kind)).toEqual(["DropView", "CreateView", "ModifyViewQuery"]);
  expect(refusal(await p.migrate())).toBe("");
  await engine.clickhouse.command(`INSERT INTO ${database}.hits VALUES (1, 'a')`);
  expect(await engine.clickhouse.rows(`SELECT page FROM ${database}.big`)).toEqual([{ page: "a" }]);
  expect((await p.plan()).report.operations).toEqual([]);
});

test("a view that somebody has changed, dropped or made is drift", async () => {
  const p = await migrated();
  const { database } = p;
  p.code = [...p.code, table(database, [column("id", "UInt64")], { name: "more" })];
  p.views = [...p.views, view(database, "later", "SELECT id FROM more")];
  await p.generate();
  await engine.clickhouse.command(`CREATE OR REPLACE VIEW ${database}.pages AS SELECT 1 AS one`);
  await engine.clickhouse.command(`CREATE VIEW ${database}.later AS SELECT 1 AS one`);
  const refused = refusal(await p.migrate());
  expect(refused).toContain(`reconcile/drift: ${database}.pages has changed`);
  expect(refused).toContain(`reconcile/drift: ${database}.later exists, and did not`);
  await engine.clickhouse.command(`DROP VIEW ${database}.pages`);
  expect(refusal(await p.migrate())).toContain("it is gone");
});

test("code whose views are others than those of the files is refused", async () => {
  const p = await migrated();
  p.views = p.views.map((one) => ({ ...one, select: `${one.select} LIMIT 3` }));
  await p.generate();
  p.views = p.views.map((one) => ({ ...one, select: one.select.replace("LIMIT 3", "LIMIT 4") }));
  expect(refusal(await p.migrate())).toContain(`code-changed: the code of ${p.database}.flow`);
});

test("a protected view is not dropped by a migration, and the plan says so", async () => {
  const p = await migrated(LifeCycle.DELETION_PROTECTED);
  p.views = [];
  const generated = await p.generate();
  expect(generated.operations).toEqual([]);
  expect(generated.blocked.map(({ verdict }) => verdict.decision === "blocked" && verdict.code)).toEqual([
    "deletion-protected",
    "deletion-protected",
  ]);
});

test("a chain carries views to databases of other names", async () => {
  const chain = new ChainProject();
  const code = infraMapOf(
    [hits("local"), sums("local")],
    [materialized("local", "flow", "sums", "SELECT page, count() AS n FROM hits GROUP BY page")],
  );
  const write = async (name: string, wanted: typeof code) => {
    const { map } = await chain.fold();
    const { operations, lifeCycles, diagnostics } = await planChain(map, wanted, undefined);
    expect(diagnostics).toEqual([]);
    await chain.write(name, operations, lifeCycles);
  };
  await write("first", code);
  const changed = infraMapOf(code.tables.values(), [
    ...[...code.views.values()].map((one) => ({ ...one, select: "SELECT page, 2 AS n FROM hits" })),
    view("local", "seen", "SELECT page FROM sums", { lifeCycle: LifeCycle.DELETION_PROTECTED }),
  ]);
  await write("second", changed);
  const environment = { name: uniqueName("c"), database: uniqueName("other") };
  expect(await chain.migrate(engine.clickhouse, environment)).toMatchObject({ state: "applied" });
  expect(await chain.migrate(engine.clickhouse, environment)).toMatchObject({ state: "already-applied" });
  await engine.clickhouse.command(`INSERT INTO ${environment.database}.hits VALUES (1, 'a')`);
  expect(await engine.clickhouse.rows(`SELECT * FROM ${environment.database}.sums`)).toEqual([
    { page: "a", n: "2" },
  ]);
  const { map } = await chain.fold();
  expect((await planChain(map, changed, undefined)).operations).toEqual([]);
});

test("a dictionary is part of a migration, and one that somebody has changed is drift", async () => {
  const p = await project();
  const { database } = p;
  const pages = (lifetime: number) =>
    view(
      database,
      "page_of",
      `(id UInt64, page String) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'hits' DB '${database}')) LAYOUT(HASHED()) LIFETIME(${lifetime})`,
      { kind: "Dictionary" },
    );
  p.code = [hits(database)];
  p.views = [pages(60)];
  await p.generate();
  expect(JSON.parse(p.read("local_infra_map.json")).olap_dictionaries).toMatchObject({
    [`${database}_page_of`]: {
      name: "page_of",
      definition: expect.stringContaining("LIFETIME(60)"),
    },
  });
  expect(refusal(await p.migrate())).toBe("");
  expect((await p.plan()).report.operations).toEqual([]);
  expect((await p.migrate()).state).toBe("already-applied");

  p.views = [pages(5)];
  const generated = await p.generate();
  expect(generated.operations.map(({ kind }) => kind)).toEqual(["ReplaceDictionary"]);
  await engine.clickhouse.command(`DROP DICTIONARY ${database}.page_of`);
  expect(refusal(await p.migrate())).toContain("it is gone");
  await engine.clickhouse.command(
    `CREATE DICTIONARY ${database}.page_of (id UInt64, page String) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'hits' DB '${database}')) LAYOUT(HASHED()) LIFETIME(60)`,
  );
  expect(refusal(await p.migrate())).toBe("");
  p.code = [];
  p.views = [];
  const gone = await p.generate();
  expect(gone.operations.map(({ kind }) => kind)).toEqual(["DropDictionary", "DropTable"]);
  expect(refusal(await p.migrate())).toBe("");
});
