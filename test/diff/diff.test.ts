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
