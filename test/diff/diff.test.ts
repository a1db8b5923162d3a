// What differs between two maps.

import { describe, expect, test } from "vitest";
import { changeKey } from "../../src/diff/change.js";
import { diff } from "../../src/diff/diff.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { column, table } from "../live/tables.js";

const base = table("d", [column("id", "UInt8"), column("kind", "Enum8('a' = 1)"), column("n", "Int32")]);
const keys = (before: readonly Table[], after: readonly Table[]) =>
  diff(infraMapOf(before), infraMapOf(after)).map(changeKey);
const withColumns = (...columns: Table["columns"]): Table => ({ ...base, columns });

test("equal maps have no difference, whatever the order of columns, settings and tables", () => {
  const other = { ...base, name: "u", settings: { a: "1", b: "2" } };
  const turned = { ...other, settings: { b: "2", a: "1" }, columns: base.columns.toReversed() };
  expect(keys([base, other], [turned, base])).toEqual([]);
});

test("tables that are there on one side only", () => {
  expect(keys([], [base])).toEqual(["TableAdded d.t"]);
  expect(keys([base], [])).toEqual(["TableRemoved d.t"]);
});

test("every property of a column is compared by itself", () => {
  const from = base.columns;
  const to = [
    column("id", "UInt8"),
    column("kind", "Enum8('a' = 1)", { default: { kind: "DEFAULT", expression: "'a'" }, comment: "c" }),
    column("n", "Int64", { codec: "ZSTD(1)", ttl: "at" }),
    column("more", "String"),
  ];
  const changes = diff(infraMapOf([withColumns(...from)]), infraMapOf([withColumns(...to)]));
  expect(changes.map((change) => [changeKey(change), "aspects" in change ? change.aspects : []])).toEqual([
    ["ColumnChanged d.t kind", ["default", "comment"]],
    ["ColumnChanged d.t n", ["type", "codec", "ttl"]],
    ["ColumnAdded d.t more", []],
  ]);
  expect(changes.find((change) => change.kind === "ColumnAdded")).toMatchObject({ position: "n" });
  expect(keys([withColumns(...to)], [withColumns(...from)])).toContain("ColumnRemoved d.t more");
});

test("TTL, sampling, settings and comment of a table", () => {
  expect(keys([base], [{ ...base, ttl: "at", sampleBy: "id", settings: { x: "1" }, comment: "c" }])).toEqual([
    "TtlChanged d.t",
    "SampleByChanged d.t",
    "SettingsChanged d.t",
    "CommentChanged d.t",
  ]);
});

describe("the layout", () => {
  const aspects = (after: Partial<Table>, before: Partial<Table> = {}) =>
    diff(infraMapOf([{ ...base, ...before }]), infraMapOf([{ ...base, ...after }])).flatMap((change) =>
      change.kind === "LayoutChanged" ? change.aspects.map(({ aspect }) => aspect) : [],
    );

  test("engine, keys and partitioning", () => {
    expect(aspects({ engine: "ReplacingMergeTree" })).toEqual(["engine"]);
    expect(aspects({ partitionBy: "n" })).toEqual(["PARTITION BY"]);
    expect(aspects({ orderBy: "id, n" })).toEqual(["ORDER BY"]);
    expect(aspects({ orderBy: "id, n", primaryKey: "id, n" })).toEqual(["ORDER BY"]);
    expect(aspects({ orderBy: "id, n" }, { orderBy: "id, n", primaryKey: "id, n" })).toEqual(["PRIMARY KEY"]);
  });

  test("settings that can only be given at creation, against their defaults", () => {
    expect(aspects({ settings: { index_granularity: "8192" } })).toEqual([]);
    expect(aspects({ settings: { index_granularity: "1024" } })).toEqual(["fixed setting"]);
  });

  test("a column of a key that changes its type, or is no longer stored; an Enum may grow", () => {
    const change = (name: string, type: string, rest = {}) => ({
      columns: base.columns.map((one) => (one.name === name ? column(name, type, rest) : one)),
      orderBy: "id, kind",
      primaryKey: "id, kind",
    });
    const before = { orderBy: "id, kind", primaryKey: "id, kind" };
    expect(aspects(change("id", "UInt16"), before)).toEqual(["key column"]);
    expect(aspects(change("n", "Int64"), before)).toEqual([]);
    expect(aspects(change("kind", "Enum8('a' = 1, 'b' = 2)"), before)).toEqual([]);
    expect(aspects(change("kind", "Enum8('a' = 2)"), before)).toEqual(["key column"]);
    const alias = { default: { kind: "ALIAS", expression: "n" } };
    expect(aspects(change("id", "UInt8", alias), before)).toEqual(["key column"]);
  });
});

describe("indexes and projections", () => {
  const [i, p] = [
    { name: "i", expression: "n", type: "minmax", granularity: 1 },
    { name: "p", body: "SELECT n ORDER BY n" },
  ];
  const having = (...parts: readonly (typeof i | typeof p)[]): Table => ({
    ...base,
    indexes: parts.filter((part) => "type" in part),
    projections: parts.filter((part) => "body" in part),
  });

  test("are added and removed, whatever their order", () => {
    const j = { ...i, name: "j" };
    expect(keys([base], [having(i, p)])).toEqual(["IndexAdded d.t i", "ProjectionAdded d.t p"]);
    expect(keys([having(i, p)], [base])).toEqual(["ProjectionRemoved d.t p", "IndexRemoved d.t i"]);
    expect(keys([having(i, j)], [having(j, i)])).toEqual([]);
  });

  test.each([[{ ...i, expression: "id" }], [{ ...i, type: "set(0)" }], [{ ...i, granularity: 2 }]])(
    "an index that changes is removed and added: %o",
    (changed) => {
      expect(keys([having(i)], [having(changed)])).toEqual(["IndexRemoved d.t i", "IndexAdded d.t i"]);
    },
  );

  test("so is a projection", () => {
    expect(keys([having(p)], [having({ ...p, body: "SELECT id ORDER BY id" })])).toEqual([
      "ProjectionRemoved d.t p",
      "ProjectionAdded d.t p",
    ]);
  });
});

describe("a declared rename", () => {
  const was = (name: string, renamedFrom: string, type = "Int32", rest = {}) =>
    column(name, type, { renamedFrom, ...rest });
  const [id, kind] = base.columns as [Table["columns"][number], Table["columns"][number]];

  test("of a column, beside what else changes in it", () => {
    expect(keys([base], [withColumns(id, kind, was("m", "n"))])).toEqual(["ColumnRenamed d.t n -> m"]);
    expect(keys([base], [withColumns(id, kind, was("m", "n", "Int64"))])).toEqual([
      "ColumnRenamed d.t n -> m",
      "ColumnChanged d.t m",
    ]);
  });

  test("that is done already, or was never to be done, is no difference", () => {
    const after = withColumns(id, kind, was("m", "n"));
    expect(keys([after], [after])).toEqual([]);
    expect(keys([withColumns(id, kind)], [after])).toEqual(["ColumnAdded d.t m"]);
    expect(keys([withColumns(id, kind, column("n", "Int32"), column("m", "Int32"))], [after])).toEqual([
      "ColumnRemoved d.t n",
    ]);
  });

  test("follows into defaults, TTLs and indexes, but not into projections and keys", () => {
    const more = (name: string): Partial<Table> => ({
      ttl: `toDateTime(${name})`,
      indexes: [{ name: "i", expression: `${name} + 1`, type: "minmax", granularity: 1 }],
      projections: [{ name: "p", body: `SELECT ${name} ORDER BY ${name}` }],
    });
    const twice = (name: string) =>
      column("twice", "Int32", { default: { kind: "DEFAULT", expression: `${name} * 2` }, ttl: name });
    const before = { ...withColumns(id, column("n", "Int32"), twice("n")), ...more("n") };
    const after = { ...withColumns(id, was("m", "n"), twice("m")), ...more("m") };
    const renamed = ["ColumnRenamed d.t n -> m"];
    const parts = ["ProjectionRemoved d.t p", "ProjectionAdded d.t p"];
    expect(keys([before], [after])).toEqual([...renamed, ...parts]);
    expect(keys([{ ...before, orderBy: "n" }], [{ ...after, orderBy: "m" }])).toEqual([
      ...renamed,
      "LayoutChanged d.t",
      ...parts,
    ]);
  });

  test("of a table, beside what else changes in it", () => {
    const renamed: Table = { ...base, name: "u", renamedFrom: "t" };
    expect(keys([base], [renamed])).toEqual(["TableRenamed d.u"]);
    expect(keys([base], [{ ...renamed, comment: "c" }])).toEqual(["TableRenamed d.u", "CommentChanged d.u"]);
    expect(keys([renamed], [renamed])).toEqual([]);
    expect(keys([], [renamed])).toEqual(["TableAdded d.u"]);
    expect(keys([base], [base, renamed])).toEqual(["TableAdded d.u"]);
    expect(keys([{ ...base, database: "other" }], [renamed])).toEqual([
      "TableAdded d.u",
      "TableRemoved other.t",
    ]);
    expect(diff(infraMapOf([base, { ...base, name: "u" }]), infraMapOf([renamed]))).toMatchObject([
      { kind: "TableRemoved", address: "d.t", successor: "d.u" },
    ]);
  });
});
