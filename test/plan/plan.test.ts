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
      "MODIFY COLUMN `a` REMOVE ALIAS",
      "MODIFY COLUMN `a` Int16 *",
      "COMMENT COLUMN `a` 'c'",
    ]);
    expect(planned(make([from]), make([to]))[0]).toMatchObject({ destructive: false, usedBy: [] });
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
