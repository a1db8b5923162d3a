// SQL resources in migrations: written as the existing tool writes them, remembered when they were applied.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readState } from "../../runtime/clickhouse/state.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { type SqlResource, setupHash } from "../../src/infra/sql-resource.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { ChainProject } from "./chain-harness.js";
import { FlowProject } from "./flow-project.js";
import { runMigration } from "./harness.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

function resource(database: string, name: string, setup: string[], teardown: string[]): SqlResource {
  const lineage = { pullsDataFrom: [], pushesDataTo: [] };
  return { name, database, setup, setupHash: setupHash(setup), teardown, ...lineage };
}

function flow(): FlowProject {
  const project = new FlowProject(engine.clickhouse);
  onTestFinished(() => project.remove());
  return project;
}

async function value(sql: string): Promise<unknown> {
  const [row] = await engine.clickhouse.rows<Readonly<Record<string, unknown>>>(`SELECT ${sql}`);
  return Object.values(row ?? {})[0];
}

test("a plan file sets up, changes and tears down, and the plan after each is empty", async () => {
  const project = flow();
  const name = uniqueName("half");
  const { database } = project;
  const half = (by: number) =>
    resource(
      database,
      name,
      [`CREATE FUNCTION ${name} AS (x) -> intDiv(x, ${by})`],
      [`DROP FUNCTION ${name}`],
    );
  const filled = resource(database, "filled", ["INSERT INTO t (id) VALUES (8)"], []);
  project.code = [table(database, [column("id", "UInt32")], { name: "t" })];
  project.sqlResources = [filled, half(2)];
  await project.generate();
  expect(project.read("plan.yaml")).toContain(`description: Running setup SQL for resource ${name}`);
  expect(await project.migrate()).toMatchObject({ state: "applied" });
  expect(await value(`${name}(sum(id)) FROM ${database}.t`)).toBe("4");
  expect(await project.migrate()).toEqual({ state: "already-applied" });
  expect((await project.plan()).report.operations).toEqual([]);

  project.sqlResources = [filled, half(4)];
  await project.generate();
  expect(await project.migrate()).toMatchObject({ state: "applied" });
  expect(await value(`${name}(sum(id)) FROM ${database}.t`)).toBe("2");
  expect((await project.plan()).report.operations).toEqual([]);

  project.sqlResources = [filled];
  await project.generate();
  expect(project.read("plan.yaml")).toContain(`description: Running teardown SQL for resource ${name}`);
  expect(await project.migrate()).toMatchObject({ state: "applied" });
  await expect(value(`${name}(1)`)).rejects.toThrow();
  expect((await project.plan()).report.operations).toEqual([]);
  expect(await value(`count() FROM ${database}.t`)).toBe("1");
});

test("files that are older than the code, or than what was run since, are refused", async () => {
  const project = flow();
  const { database } = project;
  const made = (sql: string) => resource(database, "made", [sql], []);
  project.sqlResources = [made("SELECT 1")];
  await project.generate();
  project.sqlResources = [made("SELECT 2")];
  expect(await project.migrate()).toMatchObject({
    state: "refused",
    diagnostics: [{ code: "reconcile/code-changed", detail: "~ setup" }],
  });
  const old = ["plan.yaml", "remote_state.json", "local_infra_map.json"] as const;
  const texts = old.map((file) => project.read(file));
  await project.generate();
  await project.migrate();
  for (const [index, file] of old.entries()) project.write(file, texts[index] ?? "");
  project.sqlResources = [made("SELECT 1")];
  expect(await project.migrate()).toMatchObject({
    state: "refused",
    diagnostics: [{ code: "reconcile/drift", summary: expect.stringContaining("SQL resource made") }],
  });
});

test("a plan of the existing tool sets up what its files say, although nothing is remembered of it", async () => {
  const { database, name: project } = await engine.newProject();
  const before = infraMapOf([], [], [], [resource(database, "old", ["SELECT 1"], ["SELECT 2"])]);
  const made = await runMigration(
    engine.clickhouse,
    project,
    [
      {
        kind: "RawSql",
        sql: ["SELECT 2"],
        description: "Running teardown SQL for resource old",
        resource: { does: "teardown", name: "old" },
      },
    ],
    before,
    { database },
  );
  expect(made).toMatchObject({ state: "applied", operations: [{ state: "applied" }] });
});

test("a destructive teardown is marked for the reviewer", async () => {
  const project = flow();
  const kept = resource(
    project.database,
    "kept",
    ["CREATE TABLE kept (a UInt8) ENGINE = Log"],
    ["DROP TABLE kept"],
  );
  project.sqlResources = [kept];
  await project.generate();
  expect(await project.migrate()).toMatchObject({ state: "applied" });
  expect(await value(`count() FROM ${project.database}.kept`)).toBe("0");
  project.sqlResources = [];
  const { destructive } = await project.generate();
  expect(destructive).toHaveLength(1);
  expect(project.read("plan.yaml")).toContain("# This destroys data, or can.");
});

test("a chain sets up in each of its databases, changes and tears down; a second file has nothing to do", async () => {
  const chain = new ChainProject();
  const name = uniqueName("half");
  const half = (by: number) =>
    resource(
      "local",
      "half",
      [`CREATE FUNCTION ${name} AS (x) -> intDiv(x, ${by})`],
      [`DROP FUNCTION ${name}`],
    );
  const places = resource(
    "local",
    "places",
    ["CREATE TABLE places (a UInt8) ENGINE = Log"],
    ["DROP TABLE places"],
  );
  const environment = { name: uniqueName("p"), database: uniqueName("d") };
  await chain.generateFor("first", infraMapOf([], [], [], [half(2), places]));
  expect(await chain.migrate(engine.clickhouse, environment)).toMatchObject({ state: "applied" });
  expect(await value(`${name}(8)`)).toBe(4);
  expect(await value(`count() FROM ${environment.database}.places`)).toBe("0");
  expect((await chain.fold()).map.sqlResources.size).toBe(2);
  await chain.generateFor("second", infraMapOf([], [], [], [half(4), places]));
  expect(await chain.migrate(engine.clickhouse, environment)).toMatchObject({ state: "applied" });
  expect(await value(`${name}(8)`)).toBe(2);
  await chain.generateFor("third", infraMapOf([]));
  expect(await chain.migrate(engine.clickhouse, environment)).toMatchObject({ state: "applied" });
  await expect(value(`${name}(8)`)).rejects.toThrow();
  expect((await readState(engine.clickhouse, environment.name)).sqlResources).toEqual([]);
  expect(await chain.migrate(engine.clickhouse, environment)).toEqual({ state: "already-applied" });
});

test("the statements of a file without a word on resources are known by its two states", async () => {
  const project = flow();
  const name = uniqueName("half");
  const create = `CREATE FUNCTION ${name} AS (x) -> intDiv(x, 2)`;
  project.sqlResources = [resource(project.database, name, [create], [`DROP FUNCTION ${name}`])];
  await project.generate();
  const text = project.read("plan.yaml");
  const [start, rest = ""] = text.split(/^ {4}sql_resource:\n/m);
  project.write("plan.yaml", `${start}${rest.replace(/^( {6}.*\n)+/, "")}`);
  expect(project.read("plan.yaml")).not.toContain("teardown");
  expect(await project.migrate()).toMatchObject({ state: "applied" });
  expect((await project.plan()).report.operations).toEqual([]);
  project.sqlResources = [];
  await project.generate();
  expect(await project.migrate()).toMatchObject({ state: "applied" });
  await expect(value(`${name}(1)`)).rejects.toThrow();
});
