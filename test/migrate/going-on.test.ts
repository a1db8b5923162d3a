import { afterAll, beforeAll, expect, test } from "vitest";
import type { MigrationOperation } from "../../src/format/operation.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { table } from "../live/tables.js";
import { column, mapOf, runMigration } from "./harness.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

async function withTable() {
  const { name: project, database } = await engine.newProject();
  const { clickhouse } = engine;
  await clickhouse.command(`CREATE TABLE ${database}.t (id UInt64, a String) ENGINE = MergeTree ORDER BY id`);
  await clickhouse.command(`INSERT INTO ${database}.t SELECT number, toString(number) FROM numbers(10)`);
  const before = await mapOf(clickhouse, database);
  const on = { table: { database, name: "t" } };
  const run = (operations: readonly MigrationOperation[], more = {}) =>
    runMigration(clickhouse, project, operations, before, more);
  return { clickhouse, project, database, before, on, run };
}

test("statements between a change and its reverse are executed, though the tables end as they began", async () => {
  const { clickhouse, database, on, run } = await withTable();
  const operations: MigrationOperation[] = [
    { kind: "AddTableColumn", ...on, column: column("b", "UInt8"), afterColumn: "a" },
    {
      kind: "RawSql",
      sql: [`INSERT INTO ${database}.t (id, a, b) VALUES (100, 'x', 1)`],
      description: "one",
    },
    { kind: "DropTableColumn", ...on, column: "b" },
  ];
  expect(await run(operations)).toMatchObject({ state: "applied" });
  expect(await clickhouse.rows(`SELECT a FROM ${database}.t WHERE id = 100`)).toEqual([{ a: "x" }]);
  expect(await run(operations)).toMatchObject({ state: "already-applied" });
});

test("a view that somebody else has made is not taken for the one that the migration makes", async () => {
  const { clickhouse, database, run } = await withTable();
  await clickhouse.command(`CREATE VIEW ${database}.v AS SELECT 1 AS other`);
  const view = {
    kind: "CreateView",
    view: { database, name: "v" },
    select: `SELECT a FROM ${database}.t`,
  } as const;
  const refusal = {
    state: "refused",
    diagnostics: [{ code: "reconcile/drift", summary: expect.stringContaining(`${database}.v`) }],
  };
  expect(await run([view])).toMatchObject(refusal);
  // Not on the second try either.
  expect(await run([view])).toMatchObject(refusal);
  await clickhouse.command(`DROP VIEW ${database}.v`);
  expect(await run([view])).toMatchObject({ state: "applied" });
});

test("a name that two tables have in one migration is refused before anything is done", async () => {
  const { clickhouse, database, before, on, run } = await withTable();
  const made = table(database, [column("id", "UInt64")]);
  const rename: MigrationOperation = { kind: "RenameTable", ...on, to: "u" };
  for (const operations of [
    [rename, { kind: "CreateTable", table: made }],
    [
      { kind: "CreateTable", table: { ...made, name: "u" } },
      { kind: "DropTable", table: { database, name: "u" } },
      rename,
    ],
  ] satisfies MigrationOperation[][]) {
    expect(await run(operations)).toMatchObject({
      state: "refused",
      diagnostics: [{ code: "reconcile/unfitting-operation" }],
    });
    expect(await mapOf(clickhouse, database)).toEqual(before);
  }
});

test("the rewrite of a table that the migration is not about may have failed", async () => {
  const { clickhouse, database, on, run } = await withTable();
  await clickhouse.command(
    `CREATE TABLE ${database}.theirs (id UInt64, s String) ENGINE = MergeTree ORDER BY id`,
  );
  await clickhouse.command(`INSERT INTO ${database}.theirs VALUES (1, 'x')`);
  await clickhouse
    .command(
      `ALTER TABLE ${database}.theirs MODIFY COLUMN s UInt64 SETTINGS alter_sync = 0, mutations_sync = 0`,
    )
    .catch(() => undefined);
  const comment: MigrationOperation = { kind: "ModifyTableComment", ...on, before: "", after: "ours" };
  expect(await run([comment])).toMatchObject({ state: "applied" });
});

test("a table that somebody else has made under the name of a new one stays theirs", async () => {
  const { name: project, database } = await engine.newProject();
  const { clickhouse } = engine;
  const made = table(database, [column("id", "UInt64"), column("a", "String")]);
  const statement: MigrationOperation = {
    kind: "RawSql",
    sql: [`CREATE TABLE ${database}.t (x UInt8) ENGINE = MergeTree ORDER BY x`],
    description: "in between",
  };
  const result = await runMigration(
    clickhouse,
    project,
    [statement, { kind: "CreateTable", table: made }],
    emptyInfraMap,
  );
  expect(result).toMatchObject({ state: "unfinished" });
  const again = await runMigration(
    clickhouse,
    project,
    [statement, { kind: "CreateTable", table: made }],
    emptyInfraMap,
  );
  expect(again).toMatchObject({ state: "refused", diagnostics: [{ code: "reconcile/drift" }] });
  const owned = await clickhouse.rows<{ n: string }>(
    `SELECT count() AS n FROM _moose_${project}_e1.objects AS o INNER JOIN system.tables AS t
     ON toString(t.uuid) = o.uuid WHERE t.database = '${database}' AND o.owned`,
  );
  expect(owned).toEqual([{ n: "0" }]);
});

test("an empty table is made anew where a column could not be changed in place", async () => {
  const { clickhouse, database, before: _, run: __ } = await withTable();
  const { name: project } = await engine.newProject();
  await clickhouse.command(`TRUNCATE TABLE ${database}.t`);
  const before = await mapOf(clickhouse, database);
  const from = before.tables.get(`${database}.t`);
  if (from === undefined) throw new Error("no table");
  const after = { ...from, columns: [column("id", "UInt64"), column("a", "Map(String, Array(UInt8))")] };
  const operations: MigrationOperation[] = [
    { kind: "RecreateTable", before: from, after, policy: undefined },
  ];
  expect(await runMigration(clickhouse, project, operations, before)).toMatchObject({ state: "applied" });
  await clickhouse.command(`INSERT INTO ${database}.t VALUES (1, map('k', [1]))`);
  expect(await runMigration(clickhouse, project, operations, before)).toMatchObject({
    state: "already-applied",
  });
});
