import { afterAll, beforeAll, expect, test } from "vitest";
import type { MigrationOperation } from "../../src/format/operation.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { table } from "../live/tables.js";
import { column, mapOf, runMigration, tableOf } from "./harness.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const id = column("id", "UInt64");

test("a migration makes tables, changes them, and is done once", async () => {
  const { clickhouse } = engine;
  const { database, name: project } = await engine.newProject();
  const t = table(database, [id, column("a", "String")], { orderBy: "id", primaryKey: "id" });
  const create: MigrationOperation[] = [{ kind: "CreateTable", table: t }];
  const made = await runMigration(clickhouse, project, create, emptyInfraMap);
  expect(made).toMatchObject({ state: "applied", operations: [{ index: 0, state: "applied" }] });
  expect((await runMigration(clickhouse, project, create, emptyInfraMap)).state).toBe("already-applied");

  await clickhouse.command(`INSERT INTO ${database}.t SELECT number, toString(number) FROM numbers(1000)`);
  const before = await mapOf(clickhouse, database);
  const on = { table: { database, name: "t" } };
  const change: MigrationOperation[] = [
    { kind: "AddTableColumn", ...on, column: column("b", "UInt8"), afterColumn: "a" },
    {
      kind: "ModifyTableColumn",
      ...on,
      before: column("a", "String"),
      after: column("a", "UInt32"),
      isKey: false,
    },
    { kind: "AddTableIndex", ...on, index: { name: "ix", expression: "b", type: "minmax", granularity: 1 } },
    { kind: "RenameTableColumn", ...on, from: "b", to: "c" },
    { kind: "ModifyTableComment", ...on, before: "", after: "rows" },
    { kind: "ModifyTableTtl", ...on, before: "", after: "toDate('2100-01-01') + toIntervalDay(id)" },
    { kind: "CreateView", view: { database, name: "v" }, select: `SELECT id FROM ${database}.t` },
    {
      kind: "RawSql",
      sql: [`INSERT INTO ${database}.t (id, a, c) VALUES (5000, 1, 1)`],
      description: "one more",
    },
    { kind: "DropView", view: { database, name: "v" } },
    { kind: "DropTableIndex", ...on, index: "ix" },
    { kind: "DropTableColumn", ...on, column: "c" },
  ];
  const changed = await runMigration(clickhouse, project, change, before, { id: "second" });
  expect(changed).not.toHaveProperty("diagnostics");
  expect(changed).toMatchObject({ state: "applied" });
  expect(await clickhouse.rows(`SELECT count() AS n, sum(a) AS s FROM ${database}.t`)).toEqual([
    { n: "1001", s: String((999 * 1000) / 2 + 1) },
  ]);
  const after = await tableOf(clickhouse, database, "t");
  expect(after?.columns.map(({ name, type }) => `${name} ${type}`)).toEqual(["id UInt64", "a UInt32"]);
});

test("a name without a database in statements of the user's own is in that of the project, and stays there", async () => {
  const { clickhouse } = engine;
  const { database, name: project } = await engine.newProject();
  const operations: MigrationOperation[] = [
    {
      kind: "RawSql",
      sql: ["CREATE TABLE plain (id UInt8) ENGINE = MergeTree ORDER BY id", "INSERT INTO plain VALUES (7)"],
      description: "a table",
    },
  ];
  const made = await runMigration(clickhouse, project, operations, emptyInfraMap, { database });
  expect(made).toMatchObject({ state: "applied" });
  expect(await clickhouse.rows(`SELECT id FROM ${database}.plain`)).toEqual([{ id: 7 }]);
});
