// What ClickHouse does not take is said before anything is altered.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Column, Table } from "../../src/infra/table.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, table } from "./tables.js";

let engine: LiveEngine;
let project: LiveProject;
const columns = [column("id", "UInt32"), column("name", "String"), column("at", "DateTime('UTC')")];
const base = (rest: Partial<Table> = {}, more: readonly Column[] = []) =>
  table(project.database, [...columns, ...more], rest);

beforeAll(async () => {
  engine = await startLive();
  project = await engine.newProject();
  await project.round([base()]);
  await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES (1, 'x', '2025-01-01 00:00:00')`);
});
afterAll(() => engine.stop());

const cases: readonly (readonly [string, () => Table, string])[] = [
  ["a TTL that names no column", () => base({ ttl: "gone + INTERVAL 1 DAY" }), "clickhouse/refused-table"],
  ["an unknown setting", () => base({ settings: { no_such_setting: "1" } }), "clickhouse/refused-table"],
  [
    "a sorting key that names no column",
    () => base({ orderBy: "gone", primaryKey: "gone" }),
    "clickhouse/refused-table",
  ],
  ["a type that is none", () => base({}, [column("x", "Strang")]), "clickhouse/unknown-type"],
  [
    "a default that is no expression",
    () => base({}, [column("x", "String", { default: { kind: "DEFAULT", expression: "concat('a'" } })]),
    "clickhouse/unreadable-expression",
  ],
  [
    "a default that is two statements",
    () => base({}, [column("x", "String", { default: { kind: "DEFAULT", expression: "1; DROP TABLE t" } })]),
    "clickhouse/unreadable-expression",
  ],
];

test.each(cases)("%s", async (_, next, code) => {
  const was = await project.table("t");
  const report = await project.round([next()]);
  expect(report.diagnostics.map((one) => [one.severity, one.code])).toEqual([["error", code]]);
  expect(report.operations).toEqual([]);
  expect(await project.table("t")).toEqual(was);
});

const failing: readonly (readonly [string, Column])[] = [
  ["a codec that does not suit the type", column("x", "String", { codec: "Delta, ZSTD" })],
  [
    "a default that names no column",
    column("x", "String", { default: { kind: "DEFAULT", expression: "gone" } }),
  ],
  ["a default of another type", column("x", "UInt8", { default: { kind: "DEFAULT", expression: "'abc'" } })],
];

test.each(failing)("a new column with %s fails by itself, and the table stays as it is", async (_, bad) => {
  const was = await project.table("t");
  const report = await project.round([base({}, [bad])]);
  expect(report.operations.map(({ outcome }) => outcome.state)).toEqual(["failed"]);
  expect(await project.table("t")).toEqual(was);
  expect((await project.round([base()])).operations).toEqual([]);
});
