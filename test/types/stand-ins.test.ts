// Engines that need a Keeper, a cluster or a store: printed exactly for a server, and what the embedded engine has instead.

import { afterAll, beforeAll, expect, test } from "vitest";
import { withStandIn } from "../../src/declare/stand-in.js";
import type { Table } from "../../src/infra/table.js";
import { modifyTtl } from "../../src/sql/alter-table.js";
import { createTable, dropTable } from "../../src/sql/create-table.js";
import { inWordsOfEngine } from "../../src/sql/engine.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { outcomes } from "../live/tables.js";
import { declare } from "./declared.js";
import { standInCases } from "./engine-cases.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

async function declared(database: string): Promise<readonly Table[]> {
  const all = standInCases.map(({ row, config }, index) => ({ name: `t${index}`, row, config }));
  const { map, diagnostics } = await declare(all, database);
  expect(diagnostics).toEqual([]);
  return standInCases.map((_, index) => map.tables.get(`${database}.t${index}`) as Table);
}

test("each is printed as a server is to have it", async () => {
  const tables = await declared("d");
  expect(
    tables.map((table) =>
      createTable(table)
        .replace(/^CREATE TABLE `d`.`t\d+`(.*?) \(.*?\) ENGINE/, "$1 ENGINE")
        .trim(),
    ),
  ).toEqual(standInCases.map(({ prints }) => prints));
});

test("the embedded engine has a stand-in for each and says so, and a second plan is empty", async () => {
  const project = await engine.newProject();
  const results = (await declared(project.database)).map((table) => withStandIn({ table, diagnostics: [] }));
  expect(
    results.map(({ diagnostics }) => diagnostics.map(({ code, severity }) => `${severity} ${code}`)),
  ).toEqual(standInCases.map(() => ["notice declare/stand-in"]));
  const tables = results.flatMap(({ table }) => (table === undefined ? [] : [table]));
  const report = await project.round(tables);
  expect([report.diagnostics, report.unconverged]).toEqual([[], []]);
  expect(outcomes(await (await project.reopened()).round(tables))).toEqual([]);
  const engines = await Promise.all(
    standInCases.map(async (_, index) => (await project.table(`t${index}`))?.engine),
  );
  expect(engines).toEqual(standInCases.map(({ standIn }) => standIn));
});

test("a notice says what stands in for what, and where", async () => {
  const tables = await declared("d");
  const on = standInCases.findIndex(({ name }) => name === "on a cluster");
  const [notice] = withStandIn({ table: tables[on], diagnostics: [] }).diagnostics;
  expect(notice?.summary).toBe(
    `table t${on} is another one in the embedded ClickHouse: ReplicatedMergeTree needs a Keeper, so MergeTree stands in for it; there is no cluster main, so it is made on this one server`,
  );
  expect(notice?.place).toMatchObject({ file: "app/index.ts" });
});

test("statements on a table of a cluster name it", () => {
  const table = { database: "d", name: "t", cluster: "main" };
  expect([dropTable(table), modifyTtl(table, "at")]).toEqual([
    "DROP TABLE `d`.`t` ON CLUSTER `main`",
    "ALTER TABLE `d`.`t` ON CLUSTER `main` MODIFY TTL at",
  ]);
});

test.each([
  ["hidden keys", "S3('p', 'k', '[HIDDEN]', 'CSV')", "S3('p', 'k', 's', 'CSV')", true],
  ["another key id", "S3('p', 'k', '[HIDDEN]', 'CSV')", "S3('p', 'other', 's', 'CSV')", false],
  ["no key any more", "S3('p', 'k', '[HIDDEN]', 'CSV')", "S3('p', NOSIGN, 'CSV')", false],
  ["a public bucket", "S3('p', 'NOSIGN', 'CSV')", "S3('p', NOSIGN, 'CSV')", true],
  [
    "a path that the server chose",
    "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')",
    "ReplicatedMergeTree",
    true,
  ],
  [
    "a path that was chosen",
    "ReplicatedReplacingMergeTree('/t/{uuid}', '{replica}', v)",
    "ReplicatedReplacingMergeTree(v)",
    true,
  ],
  ["another path", "ReplicatedMergeTree('/a', '{replica}')", "ReplicatedMergeTree('/b', '{replica}')", false],
  ["not yet replicated", "MergeTree", "ReplicatedMergeTree", false],
  ["no longer replicated", "ReplicatedMergeTree('/a', '{replica}')", "MergeTree", false],
  ["one column in brackets", "SummingMergeTree((n))", "SummingMergeTree(n)", true],
  ["another column in brackets", "SummingMergeTree((n))", "SummingMergeTree(m)", false],
  [
    "ClickHouse Cloud",
    "SharedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', v)",
    "ReplacingMergeTree(v)",
    true,
  ],
  [
    "ClickHouse Cloud, replicated",
    "SharedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')",
    "ReplicatedMergeTree('/a', '{replica}')",
    true,
  ],
  [
    "ClickHouse Cloud, another engine",
    "SharedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')",
    "ReplacingMergeTree",
    false,
  ],
])("an engine as the server prints it: %s", (_, found, wanted, isSame) => {
  expect(inWordsOfEngine(found, wanted) === wanted).toBe(isSame);
});
