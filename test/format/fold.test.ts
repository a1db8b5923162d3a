// The tables after each operation, without a database; and what an operation is to the planner.

import { describe, expect, test } from "vitest";
import type { MigrationOperation } from "../../src/format/operation.js";
import { readPlan, writePlan } from "../../src/format/plan-document.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import { column, table } from "../live/tables.js";
import { changeOf, fold } from "./single-operation.js";

const index = { name: "by n", expression: "(n, lower(s))", type: "bloom_filter(0.01)", granularity: 2 };
const projection = { name: "p", body: "SELECT n, count() GROUP BY n" };
const events = table(
  "local",
  [
    column("id", "String"),
    column("n", "Int64", { ttl: "at + toIntervalDay(1)" }),
    column("s", "String", { default: { kind: "DEFAULT", expression: "concat('n', toString(n), n(n))" } }),
    column("at", "DateTime('UTC')"),
  ],
  { name: "events", comment: "old", settings: { merge_with_ttl_timeout: "60" }, sampleBy: "id" },
);
const map = infraMapOf([events]);
const name = { database: "local", name: "events" };
const view = { database: "local", name: "v" };

function foldedTable(operation: MigrationOperation, from: Table = events): Table | undefined {
  const folded = fold(infraMapOf([from]), operation);
  if ("problem" in folded) throw new Error(folded.problem);
  return folded.map.tables.values().next().value;
}

/** The SQL that an operation comes to, by the planner or by itself. */
function sql(operation: MigrationOperation, from: Table = events): readonly string[] {
  const effect = changeOf(operation, infraMapOf([from]));
  if ("problem" in effect) return [effect.problem];
  const steps =
    effect.kind === "statements"
      ? effect.steps
      : plan(effect.changes, noEvidence).operations.flatMap((planned) => planned.steps);
  return steps.map((step) => step.sql + (step.mutation ? " (mutation)" : ""));
}

const withParts = { ...events, indexes: [index], projections: [projection] };
const added = column("x`y", "UInt8");
const longer = column("s", "LowCardinality(String)");
const other = { ...events, name: "other" };
const anew = { ...events, orderBy: "id, n", primaryKey: "id" };

/** Every operation: what it makes of the table, and its statements. */
const operations: readonly (readonly [MigrationOperation, Partial<Table>, readonly string[], Table?])[] = [
  [
    { kind: "ModifyTableTtl", table: name, before: "", after: "at + toIntervalDay(9)" },
    { ttl: "at + toIntervalDay(9)" },
    ["ALTER TABLE `local`.`events` MODIFY TTL at + toIntervalDay(9) (mutation)"],
  ],
  [
    { kind: "ModifyTableComment", table: name, before: "old", after: "it's" },
    { comment: "it's" },
    ["ALTER TABLE `local`.`events` MODIFY COMMENT 'it\\'s'"],
  ],
  [
    { kind: "ModifyTableSettings", table: name, before: events.settings, after: {} },
    { settings: {} },
    ["ALTER TABLE `local`.`events` RESET SETTING merge_with_ttl_timeout"],
  ],
  [
    { kind: "AddTableColumn", table: name, column: added, afterColumn: "id" },
    { columns: events.columns.toSpliced(1, 0, added) },
    ["ALTER TABLE `local`.`events` ADD COLUMN `x\\`y` UInt8 AFTER `id`"],
  ],
  [
    { kind: "AddTableColumn", table: name, column: added, afterColumn: undefined },
    { columns: [added, ...events.columns] },
    ["ALTER TABLE `local`.`events` ADD COLUMN `x\\`y` UInt8 FIRST"],
  ],
  [
    { kind: "DropTableColumn", table: name, column: "s" },
    { columns: events.columns.toSpliced(2, 1) },
    ["ALTER TABLE `local`.`events` DROP COLUMN `s`"],
  ],
  [
    {
      kind: "ModifyTableColumn",
      table: name,
      before: events.columns[2] ?? added,
      after: longer,
      isKey: false,
    },
    { columns: events.columns.with(2, longer) },
    [
      "ALTER TABLE `local`.`events` MODIFY COLUMN `s` REMOVE DEFAULT",
      "ALTER TABLE `local`.`events` MODIFY COLUMN `s` LowCardinality(String) (mutation)",
    ],
  ],
  [
    { kind: "ModifySampleBy", table: name, expression: "lower(id)" },
    { sampleBy: "lower(id)" },
    ["ALTER TABLE `local`.`events` MODIFY SAMPLE BY lower(id)"],
  ],
  [
    { kind: "RemoveSampleBy", table: name },
    { sampleBy: "" },
    ["ALTER TABLE `local`.`events` REMOVE SAMPLE BY"],
  ],
  [
    { kind: "AddTableIndex", table: name, index },
    { indexes: [index] },
    [
      "ALTER TABLE `local`.`events` ADD INDEX `by n` (n, lower(s)) TYPE bloom_filter(0.01) GRANULARITY 2",
      "ALTER TABLE `local`.`events` MATERIALIZE INDEX `by n` (mutation)",
    ],
  ],
  [
    { kind: "DropTableIndex", table: name, index: "by n" },
    { indexes: [], projections: [projection] },
    ["ALTER TABLE `local`.`events` DROP INDEX `by n`"],
    withParts,
  ],
  [
    { kind: "AddTableProjection", table: name, projection },
    { projections: [projection] },
    [
      "ALTER TABLE `local`.`events` ADD PROJECTION `p` (SELECT n, count() GROUP BY n)",
      "ALTER TABLE `local`.`events` MATERIALIZE PROJECTION `p` (mutation)",
    ],
  ],
  [
    { kind: "DropTableProjection", table: name, projection: "p" },
    { indexes: [index], projections: [] },
    ["ALTER TABLE `local`.`events` DROP PROJECTION `p`"],
    withParts,
  ],
  [
    { kind: "RenameTable", table: name, to: "other" },
    { name: "other" },
    ["RENAME TABLE `local`.`events` TO `local`.`other`"],
  ],
  [
    { kind: "RecreateTable", before: events, after: anew, policy: undefined },
    { orderBy: "id, n", primaryKey: "id" },
    [expect.stringMatching(/^DROP TABLE IF EMPTY/), expect.stringMatching(/^CREATE TABLE/)],
  ],
];

for (const [operation, change, statements, from = events] of operations) {
  test(`${operation.kind} ${Object.keys(change).join(", ")}`, () => {
    expect(foldedTable(operation, from)).toEqual({ ...from, ...change });
    expect(sql(operation, from)).toEqual(statements);
  });
}

test("tables come and go", () => {
  const [create, drop]: MigrationOperation[] = [
    { kind: "CreateTable", table: other },
    { kind: "DropTable", table: name },
  ];
  if (create === undefined || drop === undefined) throw new Error();
  expect(fold(map, create)).toEqual({ map: infraMapOf([events, other]) });
  expect(fold(map, drop)).toEqual({ map: infraMapOf([]) });
  expect(sql(drop)).toEqual(["DROP TABLE `local`.`events`"]);
});

test("a column is renamed wherever its table names it", () => {
  const rename: MigrationOperation = { kind: "RenameTableColumn", table: name, from: "n", to: "select" };
  const renamed = foldedTable(rename, { ...withParts, ttl: "at + toIntervalDay(n)" });
  expect(renamed?.columns.map((one) => one.name)).toEqual(["id", "select", "s", "at"]);
  expect(renamed?.columns[2]?.default?.expression).toBe("concat('n', toString(`select`), n(`select`))");
  expect(renamed?.ttl).toBe("at + toIntervalDay(`select`)");
  expect(renamed?.indexes[0]?.expression).toBe("(`select`, lower(s))");
  expect(sql(rename)).toEqual(["ALTER TABLE `local`.`events` RENAME COLUMN `n` TO `select`"]);
});

test("views and plain statements leave the tables as they are", () => {
  const others: readonly (readonly [MigrationOperation, string])[] = [
    [{ kind: "CreateView", view, select: "SELECT 1" }, "CREATE VIEW `local`.`v` AS SELECT 1"],
    [{ kind: "DropView", view }, "DROP VIEW `local`.`v`"],
    [
      { kind: "CreateMaterializedView", view, target: { ...name, database: "d`b" }, select: "SELECT 1" },
      "CREATE MATERIALIZED VIEW `local`.`v` TO `d\\`b`.`events` AS SELECT 1",
    ],
    [{ kind: "DropMaterializedView", view }, "DROP VIEW `local`.`v`"],
    [{ kind: "RawSql", sql: ["OPTIMIZE TABLE x"], description: "tidy" }, "OPTIMIZE TABLE x"],
  ];
  for (const [operation, statement] of others) {
    expect(fold(map, operation)).toMatchObject({ map: { tables: map.tables } });
    expect(sql(operation)).toEqual([statement]);
  }
});

test("views come, change and go", () => {
  const create: MigrationOperation = { kind: "CreateView", view, select: "SELECT id FROM events" };
  const made = fold(map, create);
  if ("problem" in made) throw new Error(made.problem);
  expect(sql(create)).toEqual(["CREATE VIEW `local`.`v` AS SELECT id FROM `local`.events"]);
  expect(made.map.views.get("local.v")).toMatchObject({ kind: "View", select: "SELECT id FROM events" });
  expect(fold(made.map, create)).toEqual({ problem: "CreateView of local.v: the view is there already" });
  const change: MigrationOperation = {
    kind: "ModifyViewQuery",
    view,
    isMaterialized: false,
    select: "SELECT 2",
  };
  expect(fold(map, change)).toEqual({ problem: "ModifyViewQuery of local.v: there is no such view" });
  const changed = fold(made.map, change);
  if ("problem" in changed) throw new Error(changed.problem);
  expect(changed.map.views.get("local.v")?.select).toBe("SELECT 2");
  expect(fold(changed.map, { kind: "DropView", view })).toEqual({ map });
});

describe("an operation that does not apply says why", () => {
  const missing = { database: "local", name: "gone" };
  const cases: readonly (readonly [MigrationOperation, string])[] = [
    [{ kind: "CreateTable", table: events }, "CreateTable of local.events: the table is there already"],
    [{ kind: "DropTable", table: missing }, "DropTable of local.gone: there is no such table"],
    [
      { kind: "AddTableColumn", table: name, column: column("n", "Int8"), afterColumn: undefined },
      "AddTableColumn of local.events: the column n is there already",
    ],
    [
      { kind: "AddTableColumn", table: name, column: added, afterColumn: "z" },
      "AddTableColumn of local.events: there is no column z to stand behind",
    ],
    [
      { kind: "DropTableColumn", table: name, column: "z" },
      "DropTableColumn of local.events: there is no column z",
    ],
    [
      { kind: "DropTableColumn", table: name, column: "id" },
      "DropTableColumn of local.events: the column id is part of a key",
    ],
    [
      { kind: "ModifyTableColumn", table: name, before: longer, after: longer, isKey: false },
      "ModifyTableColumn of local.events: the column s is not what `before_column` says",
    ],
    [
      { kind: "RenameTableColumn", table: name, from: "n", to: "s" },
      "RenameTableColumn of local.events: the column s is there already",
    ],
    [
      { kind: "RenameTableColumn", table: name, from: "id", to: "key" },
      "RenameTableColumn of local.events: the column id is part of a key, so it cannot be renamed",
    ],
    [
      { kind: "RenameTable", table: name, to: "events" },
      "RenameTable of local.events: there is a table events already",
    ],
    [
      { kind: "RecreateTable", before: anew, after: events, policy: undefined },
      "RecreateTable of local.events: the table is not what `before` says",
    ],
    [
      { kind: "ModifyTableSettings", table: name, before: {}, after: {} },
      "ModifyTableSettings of local.events: the settings are not what `before_settings` says",
    ],
    [
      { kind: "ModifyTableTtl", table: name, before: "x", after: "" },
      "ModifyTableTtl of local.events: the ttl is not what `before` says",
    ],
    [{ kind: "DropTableIndex", table: name, index: "i" }, "DropTableIndex of local.events: there is no i"],
  ];
  test.each(cases)("%j", (operation, problem) => {
    expect(fold(map, operation)).toEqual({ problem });
    expect(changeOf(operation, map)).toEqual({ problem });
  });
});

test("every operation comes back from the plain values of a file", () => {
  const all: readonly MigrationOperation[] = [
    ...operations.map(([operation]) => operation),
    { kind: "CreateTable", table: { ...withParts, database: "other" } },
    { kind: "DropTable", table: { ...name, database: "other" } },
    { kind: "RenameTableColumn", table: name, from: "a", to: "b" },
    { kind: "CreateView", view, select: "SELECT 1\nFROM x" },
    { kind: "DropView", view },
    {
      kind: "CreateMaterializedView",
      view,
      target: { ...name, database: "other" },
      select: "WITH 1 AS x SELECT x",
    },
    { kind: "DropMaterializedView", view },
    { kind: "RawSql", sql: ["A", "B; C"], description: "" },
    {
      kind: "RecreateTable",
      before: events,
      after: anew,
      policy: { description: "yes", approvedAt: "then" },
    },
  ];
  const written = writePlan({ createdAt: "now", operations: all }, "local");
  expect(readPlan(JSON.parse(JSON.stringify(written)), "local")).toEqual({
    plan: { createdAt: "now", operations: all },
    problems: [],
  });
});
