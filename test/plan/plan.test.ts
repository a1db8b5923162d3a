// Which operations come of changes, in which order, and by which statements.

import { describe, expect, test } from "vitest";
import { diff } from "../../src/diff/diff.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Column, ColumnDefault, Table } from "../../src/infra/table.js";
import { columnKey, type Evidence, noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import { column, table } from "../live/tables.js";

const of = (kind: ColumnDefault["kind"], expression: string): Partial<Column> => ({
  default: { kind, expression },
});
const id = column("id", "UInt32");
const make = (columns: readonly Column[], rest: Partial<Table> = {}) => table("d", [id, ...columns], rest);
const rows = (count: number): Evidence => ({
  ...noEvidence,
  sizes: new Map([["d.t", { rows: count, bytes: 1 }]]),
});
const planned = (before: Table | undefined, after: Table | undefined, evidence = rows(5)) =>
  plan(diff(infraMapOf(before ? [before] : []), infraMapOf(after ? [after] : [])), evidence).operations;
const sqlOf = (before: Table | undefined, after: Table | undefined, evidence?: Evidence) =>
  planned(before, after, evidence).flatMap(({ steps }) =>
    steps.map(({ sql, mutation }) => sql.replace("ALTER TABLE `d`.`t` ", "") + (mutation ? " *" : "")),
  );

describe("order", () => {
  test("what is added, changed and dropped goes in that order; tables are dropped last", () => {
    const before = make([column("gone", "String"), column("kept", "Int8")]);
    const after = make([column("kept", "Int16"), column("new", "String")], { comment: "c" });
    const other = { ...make([]), name: "a" };
    const { operations } = plan(diff(infraMapOf([before, other]), infraMapOf([after])), noEvidence);
    expect(operations.map(({ id: n, kind }) => `${n} ${kind}`)).toEqual([
      "1 AddTableColumn",
      "2 ModifyTableColumn",
      "3 ModifyTableComment",
      "4 DropTableColumn",
      "5 DropTable",
    ]);
  });

  test("a new column comes after those that its default names, behind the neighbour that is there by then", () => {
    const after = make([
      column("a", "String", of("DEFAULT", "concat(b, c)")),
      column("b", "String"),
      column("c", "String", of("DEFAULT", "b")),
    ]);
    expect(sqlOf(make([]), after)).toEqual([
      "ADD COLUMN `b` String AFTER `id`",
      "ADD COLUMN `c` String DEFAULT b AFTER `b`",
      "ADD COLUMN `a` String DEFAULT concat(b, c) AFTER `id`",
    ]);
  });

  test("a column is dropped after those that are computed from it", () => {
    const before = make([
      column("a", "String"),
      column("b", "String", of("DEFAULT", "a")),
      column("c", "String", of("ALIAS", "b")),
    ]);
    expect(sqlOf(before, make([]))).toEqual(["DROP COLUMN `c`", "DROP COLUMN `b`", "DROP COLUMN `a`"]);
  });

  test("a TTL is removed before and set after the columns that it may name", () => {
    const at = column("at", "DateTime");
    expect(sqlOf(make([at], { ttl: "at" }), make([]))).toEqual(["REMOVE TTL", "DROP COLUMN `at`"]);
    expect(sqlOf(make([]), make([at], { ttl: "at" }))).toEqual([
      "ADD COLUMN `at` DateTime AFTER `id`",
      "MODIFY TTL at *",
    ]);
  });
});

describe("a column's change", () => {
  const change = (from: Column, to: Column, evidence?: Evidence) => sqlOf(make([from]), make([to]), evidence);

  test("properties are removed before the type changes and set with it", () => {
    expect(
      change(
        column("a", "UInt8", { ...of("DEFAULT", "1"), codec: "T64", ttl: "at" }),
        column("a", "String", { comment: "c" }),
      ),
    ).toEqual([
      "MODIFY COLUMN `a` REMOVE DEFAULT",
      "MODIFY COLUMN `a` REMOVE CODEC",
      "MODIFY COLUMN `a` REMOVE TTL",
      "MODIFY COLUMN `a` String *",
      "COMMENT COLUMN `a` 'c'",
    ]);
  });

  test("nulls need a default that names no column, and the code's own is set after it", () => {
    expect(change(column("a", "Nullable(Int8)"), column("a", "Int8"))).toEqual([
      "MODIFY COLUMN `a` Int8 DEFAULT defaultValueOfTypeName('Int8') *",
      "MODIFY COLUMN `a` REMOVE DEFAULT",
    ]);
    expect(change(column("a", "Nullable(Int8)"), column("a", "Int8", of("DEFAULT", "id")))).toEqual([
      "MODIFY COLUMN `a` Int8 DEFAULT defaultValueOfTypeName('Int8') *",
      "MODIFY COLUMN `a` Int8 DEFAULT id",
    ]);
  });

  test("nulls go before the type changes", () => {
    expect(change(column("a", "LowCardinality(Nullable(String))"), column("a", "UInt8"))).toEqual([
      "MODIFY COLUMN `a` LowCardinality(String) DEFAULT defaultValueOfTypeName('LowCardinality(String)') *",
      "MODIFY COLUMN `a` UInt8 DEFAULT defaultValueOfTypeName('UInt8') *",
      "MODIFY COLUMN `a` REMOVE DEFAULT",
    ]);
  });

  test("an Enum with other numbers goes by way of its names", () => {
    expect(change(column("a", "Enum8('x' = 1)"), column("a", "Enum8('x' = 2)"))).toEqual([
      "MODIFY COLUMN `a` String *",
      "MODIFY COLUMN `a` Enum8('x' = 2) *",
    ]);
  });

  test("a column that is no longer stored is dropped and added", () => {
    const [from, to] = [column("a", "Int8", { codec: "T64" }), column("a", "Int8", of("ALIAS", "id"))];
    expect(change(from, to)).toEqual(["DROP COLUMN `a`", "ADD COLUMN `a` Int8 ALIAS id AFTER `id`"]);
    expect(planned(make([from]), make([to]))[0]).toMatchObject({ destructive: true, usedBy: [] });
    const user = column("b", "Int8", of("DEFAULT", "a"));
    expect(planned(make([from, user]), make([to, user]))[0]).toMatchObject({ usedBy: ["b"] });
    expect(planned(make([from, user]), make([to, user]), rows(0)).map(({ kind }) => kind)).toEqual([
      "RecreateTable",
    ]);
    expect(sqlOf(make([from]), make([to, user]))[0]).toBe("DROP COLUMN `a`");
  });

  test("a column that becomes stored changes in place where others need it", () => {
    const [from, to] = [column("a", "Int8", of("ALIAS", "id")), column("a", "Int16", { comment: "c" })];
    const user = column("b", "Int8", of("DEFAULT", "a"));
    expect(change(from, to)).toEqual(["DROP COLUMN `a`", "ADD COLUMN `a` Int16 COMMENT 'c' AFTER `id`"]);
    expect(sqlOf(make([from, user]), make([to, user]))).toEqual([
      "MODIFY COLUMN `a` Int16 ALIAS defaultValueOfTypeName('Int16')",
      "MODIFY COLUMN `a` Int16 DEFAULT defaultValueOfTypeName('Int16')",
      "MODIFY COLUMN `a` REMOVE DEFAULT",
      "MODIFY COLUMN `a` Int16 *",
      "COMMENT COLUMN `a` 'c'",
    ]);
    expect(planned(make([from]), make([to]))[0]).toMatchObject({ destructive: false, usedBy: [] });
  });

  test("a column that becomes stored with a default has its new type before it is stored", () => {
    const [from, to] = [
      column("a", "Int8", of("ALIAS", "id")),
      column("a", "Float32", of("DEFAULT", "-0.5")),
    ];
    const user = column("b", "Int8", of("DEFAULT", "a"));
    expect(sqlOf(make([from, user]), make([to, user]))).toEqual([
      "MODIFY COLUMN `a` Float32 ALIAS -0.5",
      "MODIFY COLUMN `a` Float32 DEFAULT -0.5",
      "MODIFY COLUMN `a` Float32 DEFAULT -0.5 *",
      "COMMENT COLUMN `a` ''",
    ]);
  });

  test("a TTL on a column that is computed from another is not brought to old rows, for that would never end", () => {
    const computed = column("a", "Int8", of("DEFAULT", "id"));
    expect(change(computed, { ...computed, ttl: "at" })).toEqual([
      "MODIFY COLUMN `a` Int8 TTL at SETTINGS materialize_ttl_after_modify = 0",
    ]);
    expect(change(column("a", "Int8"), column("a", "Int8", { ttl: "at" }))).toEqual([
      "MODIFY COLUMN `a` Int8 TTL at *",
    ]);
  });

  test("what a failed conversion is taken back by leaves no default behind", () => {
    const [operation] = planned(make([column("a", "String")]), make([column("a", "Int8")]));
    expect(operation?.kind === "ModifyTableColumn" && operation.repair).toEqual([
      "ALTER TABLE `d`.`t` MODIFY COLUMN `a` String DEFAULT defaultValueOfTypeName('String')",
      "ALTER TABLE `d`.`t` MODIFY COLUMN `a` REMOVE DEFAULT",
    ]);
  });

  test.each([
    ["Int8", "Int16", false],
    ["Int16", "Int8", true],
  ])("%s -> %s destroys: %s", (from, to, destructive) => {
    const [operation] = planned(make([column("a", from)]), make([column("a", to)]));
    expect(operation).toMatchObject({ destructive, cost: "mutation", stake: { rows: 5, bytes: 1 } });
  });
});

describe("a change of layout", () => {
  const after = make([column("a", "Int8")], { partitionBy: "a", sampleBy: "id", comment: "c" });

  test("an empty table is made anew in one operation", () => {
    expect(planned(make([]), after, rows(0)).map(({ kind }) => kind)).toEqual(["RecreateTable"]);
    expect(sqlOf(make([]), after, rows(0))[0]).toBe("DROP TABLE IF EMPTY `d`.`t`");
  });

  test("on a table with rows it stands beside the changes that can be made without it", () => {
    expect(planned(make([]), after).map(({ kind }) => kind)).toEqual([
      "RecreateTable",
      "AddTableColumn",
      "ModifyTableComment",
    ]);
  });

  test("types that cannot be converted make an empty table anew", () => {
    const evidence = { ...rows(0), inconvertible: new Set([columnKey("d.t", "a")]) };
    const [operation, ...others] = planned(
      make([column("a", "UUID")]),
      make([column("a", "IPv4")]),
      evidence,
    );
    expect(others).toEqual([]);
    expect(operation).toMatchObject({
      kind: "RecreateTable",
      differences: [{ aspect: "column type", before: "a UUID", after: "a IPv4" }],
    });
  });
});

test("settings are set and reset, fixed ones left alone", () => {
  const before = make([], { settings: { a: "1", gone: "1", index_granularity: "8192" } });
  expect(sqlOf(before, make([], { settings: { a: "2", b: "x" } }))).toEqual([
    "MODIFY SETTING a = 2, b = 'x'",
    "RESET SETTING gone",
  ]);
});

describe("indexes and projections", () => {
  const [a, b] = [column("a", "Int8"), column("b", "String")];
  const index = (name: string, expression: string, type = "minmax") => ({
    name,
    expression,
    type,
    granularity: 1,
  });
  const projection = (name: string, body: string) => ({ name, body });

  test("are built when all columns are there, and dropped before any goes", () => {
    const before = make([a, b], {
      indexes: [index("i", "a")],
      projections: [projection("p", "SELECT a ORDER BY a")],
    });
    const after = make([b, column("c", "Int8")], {
      indexes: [index("j", "c")],
      projections: [projection("q", "SELECT c ORDER BY c")],
    });
    expect(sqlOf(before, after)).toEqual([
      "DROP PROJECTION `p`",
      "DROP INDEX `i`",
      "ADD COLUMN `c` Int8 AFTER `b`",
      "DROP COLUMN `a`",
      "ADD INDEX `j` c TYPE minmax GRANULARITY 1",
      "MATERIALIZE INDEX `j` *",
      "ADD PROJECTION `q` (SELECT c ORDER BY c)",
      "MATERIALIZE PROJECTION `q` *",
    ]);
  });

  test("say what is at stake, what takes them back and what a failure is repaired by", () => {
    const [added] = planned(make([a]), make([a], { indexes: [index("i", "a")] }));
    const drop = "ALTER TABLE `d`.`t` DROP INDEX `i`";
    expect(added).toMatchObject({
      kind: "AddTableIndex",
      cost: "mutation",
      destructive: false,
      stake: { rows: 5, bytes: 1 },
      undo: drop,
      repair: [drop],
    });
    const [dropped] = planned(
      make([a], { projections: [projection("p", "SELECT a ORDER BY a")] }),
      make([a]),
    );
    expect(dropped).toMatchObject({
      kind: "DropTableProjection",
      cost: "metadata",
      destructive: false,
      undo: "ALTER TABLE `d`.`t` ADD PROJECTION `p` (SELECT a ORDER BY a)",
    });
  });

  test("over a column that changes its type are set aside, those over others are not", () => {
    const parts = {
      indexes: [index("i", "a + 1"), index("j", "b")],
      projections: [
        projection("all", "SELECT * ORDER BY b"),
        projection("p", "SELECT b, count() GROUP BY b"),
      ],
    };
    const wide = column("a", "Int16");
    expect(sqlOf(make([a, b], parts), make([wide, b], parts))).toEqual([
      "DROP PROJECTION `all`",
      "DROP INDEX `i`",
      "MODIFY COLUMN `a` Int16 *",
      "ADD INDEX `i` a + 1 TYPE minmax GRANULARITY 1",
      "MATERIALIZE INDEX `i` *",
      "ADD PROJECTION `all` (SELECT * ORDER BY b)",
      "MATERIALIZE PROJECTION `all` *",
    ]);
    const commented = column("a", "Int8", { comment: "c" });
    expect(sqlOf(make([a, b], parts), make([commented, b], parts))).toEqual(["COMMENT COLUMN `a` 'c'"]);
    const [operation] = planned(make([a, b], parts), make([wide, b], parts));
    expect(operation?.kind === "ModifyTableColumn" && operation.repair.slice(-4)).toEqual([
      "ALTER TABLE `d`.`t` ADD INDEX IF NOT EXISTS `i` a + 1 TYPE minmax GRANULARITY 1",
      "ALTER TABLE `d`.`t` MATERIALIZE INDEX `i`",
      "ALTER TABLE `d`.`t` ADD PROJECTION IF NOT EXISTS `all` (SELECT * ORDER BY b)",
      "ALTER TABLE `d`.`t` MATERIALIZE PROJECTION `all`",
    ]);
  });

  test("over an alias are set aside when what it computes changes, or what that is computed from", () => {
    const alias = (expression: string) => column("x", "Int8", of("ALIAS", expression));
    const parts = { indexes: [index("i", "x")] };
    const around = ["DROP INDEX `i`", "ADD INDEX `i` x TYPE minmax GRANULARITY 1", "MATERIALIZE INDEX `i` *"];
    expect(sqlOf(make([a, alias("a")], parts), make([a, alias("a + 1")], parts))).toEqual(
      around.toSpliced(1, 0, "MODIFY COLUMN `x` Int8 ALIAS a + 1"),
    );
    const wide = column("a", "Int16");
    expect(sqlOf(make([a, alias("a")], parts), make([wide, alias("a")], parts))).toEqual(
      around.toSpliced(1, 0, "MODIFY COLUMN `a` Int16 *"),
    );
  });

  test("a projection waits for another engine, which may ask for a setting that the present one has not", () => {
    const before = make([a], {
      engine: "ReplacingMergeTree",
      projections: [projection("p", "SELECT a ORDER BY a")],
    });
    const after = make([a], {
      projections: [projection("p", "SELECT id ORDER BY id")],
      indexes: [index("i", "a")],
    });
    expect(planned(before, after).map(({ kind }) => kind)).toEqual(["RecreateTable", "AddTableIndex"]);
  });

  test("that need the new form of a key column wait for the rebuild with it", () => {
    const keyed = { orderBy: "a", primaryKey: "a", indexes: [index("i", "a")] };
    const after = make([column("a", "String")], {
      ...keyed,
      indexes: [index("i", "lower(a)")],
      comment: "c",
    });
    expect(planned(make([a], keyed), after).map(({ kind }) => kind)).toEqual([
      "RecreateTable",
      "ModifyTableComment",
    ]);
  });
});

describe("declared renames", () => {
  const renamed = (type = "Int8") => column("b", type, { renamedFrom: "a" });

  test("come before whatever uses the new name", () => {
    const after = make([renamed("Int16"), column("c", "Int16", of("DEFAULT", "b"))], {
      indexes: [{ name: "i", expression: "b", type: "minmax", granularity: 1 }],
    });
    expect(sqlOf(make([column("a", "Int8")]), after)).toEqual([
      "RENAME COLUMN `a` TO `b`",
      "ADD COLUMN `c` Int16 DEFAULT b AFTER `b`",
      "MODIFY COLUMN `b` Int16 *",
      "ADD INDEX `i` b TYPE minmax GRANULARITY 1",
      "MATERIALIZE INDEX `i` *",
    ]);
  });

  test("go around projections, for there the server refuses them", () => {
    const all = { name: "all", body: "SELECT * ORDER BY id" };
    const own = (name: string) => ({ name: "p", body: `SELECT ${name} ORDER BY ${name}` });
    const before = make([column("a", "Int8")], { projections: [all, own("a")] });
    const after = make([renamed()], { projections: [all, own("b")] });
    expect(sqlOf(before, after)).toEqual([
      "DROP PROJECTION `p`",
      "DROP PROJECTION `all`",
      "RENAME COLUMN `a` TO `b`",
      "ADD PROJECTION `all` (SELECT * ORDER BY id)",
      "MATERIALIZE PROJECTION `all` *",
      "ADD PROJECTION `p` (SELECT b ORDER BY b)",
      "MATERIALIZE PROJECTION `p` *",
    ]);
  });

  test("of a key column wait for the rebuild, with all that needs the new name", () => {
    const before = make([column("a", "Int8")], { orderBy: "a", primaryKey: "a", ttl: "toDateTime(a)" });
    const after = make([renamed(), column("c", "Int8", of("DEFAULT", "b")), column("d", "Int8")], {
      orderBy: "b",
      primaryKey: "b",
      ttl: "toDateTime(b) + 1",
    });
    expect(planned(before, after).map(({ kind }) => kind)).toEqual(["RecreateTable", "AddTableColumn"]);
    expect(planned(before, after, rows(0)).map(({ kind }) => kind)).toEqual(["RecreateTable"]);
  });

  test("of a table come before all else, also before it is made anew", () => {
    const after = { ...make([column("b", "Int8")], { comment: "c" }), name: "u", renamedFrom: "t" };
    const sizes = (count: number) => ({
      ...noEvidence,
      sizes: new Map([["d.u", { rows: count, bytes: 1 }]]),
    });
    const statements = planned(make([]), after, sizes(5)).map(({ steps }) => steps[0]?.sql);
    expect(statements).toEqual([
      "RENAME TABLE `d`.`t` TO `d`.`u`",
      "ALTER TABLE `d`.`u` ADD COLUMN `b` Int8 AFTER `id`",
      "ALTER TABLE `d`.`u` MODIFY COMMENT 'c'",
    ]);
    const layout = { ...after, partitionBy: "b" };
    expect(planned(make([]), layout, sizes(0)).map(({ kind }) => kind)).toEqual([
      "RenameTable",
      "RecreateTable",
    ]);
    expect(planned(make([]), after, sizes(5))[0]).toMatchObject({
      from: "d.t",
      stake: { rows: 5, bytes: 1 },
      undo: "RENAME TABLE `d`.`u` TO `d`.`t`",
    });
  });
});
