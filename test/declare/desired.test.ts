// What user code declares becomes tables, or says what is wrong with it.

import { describe, expect, test } from "vitest";
import { desired } from "../../src/declare/desired.js";
import type { RowField, RowSchema } from "../../src/declare/row-schema.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";

const place = (line: number) => ({ file: "app/index.ts", line, column: 1 });
const field = (name: string, rest: Partial<RowField> = {}): RowField => ({
  name,
  type: { kind: "simple", name: "String" },
  key: false,
  default: undefined,
  comment: "",
  codec: "",
  ttl: "",
  place: place(2),
  ...rest,
});
const schemaOf = (...fields: RowField[]): RowSchema => ({ fields, place: place(9) });
const nullable = (name: string) =>
  field(name, { type: { kind: "nullable", inner: { kind: "simple", name: "String" } } });

function declare(name: string, config: Record<string, unknown>, schema: RowSchema | undefined) {
  return {
    registration: { kind: "OlapTable", name, config, sites: [], file: "app/index.ts" } as const,
    schema,
  };
}

function read(config: Record<string, unknown>, schema: RowSchema, name = "events") {
  return desired([declare(name, config, schema)], { database: "local" });
}

const problems = (config: Record<string, unknown>, schema: RowSchema, name?: string) =>
  read(config, schema, name).diagnostics.map(({ code, summary, hint }) => [code, summary, hint]);

test("a declaration with everything", () => {
  const { map, diagnostics } = read(
    {
      orderByFields: ["id", "select"],
      partitionBy: "toYYYYMM(at)",
      sampleByExpression: "id",
      primaryKeyExpression: "(id)",
      ttl: "at + INTERVAL 1 DAY",
      settings: { a: true, b: 5, c: "x" },
      comment: "c",
      database: "other",
      lifeCycle: "DELETION_PROTECTED",
    },
    schemaOf(field("id"), field("select"), field("at")),
  );
  expect(diagnostics).toEqual([]);
  expect(map.tables.get("other.events")).toMatchObject({
    orderBy: "id, `select`",
    primaryKey: "id",
    partitionBy: "toYYYYMM(at)",
    sampleBy: "id",
    ttl: "at + INTERVAL 1 DAY",
    settings: { a: "1", b: "5", c: "x" },
    comment: "c",
    lifeCycle: LifeCycle.DELETION_PROTECTED,
    engine: "MergeTree",
  });
});

test("without orderByFields the keys sort, with both the keys are the primary key", () => {
  const keyed = schemaOf(field("id", { key: true }), field("at"));
  expect(read({}, keyed).map.tables.get("local.events")).toMatchObject({ orderBy: "id", primaryKey: "id" });
  expect(read({ orderByFields: ["id", "at"] }, keyed).map.tables.get("local.events")).toMatchObject({
    orderBy: "id, at",
    primaryKey: "id",
  });
  expect(
    read({ orderByExpression: "tuple()" }, schemaOf(field("a"))).map.tables.get("local.events"),
  ).toMatchObject({
    orderBy: "",
    primaryKey: "",
  });
});

test("a declaration whose type could not be read is left out without another word", () => {
  expect(desired([declare("x", {}, undefined)], { database: "local" })).toEqual({
    map: { tables: new Map() },
    diagnostics: [],
  });
});

describe("what is wrong", () => {
  test("two tables of one name, with both places", () => {
    const schema = schemaOf(field("id", { key: true }));
    const { diagnostics } = desired(
      [declare("events", {}, schema), declare("events", {}, { ...schema, place: place(20) })],
      { database: "local" },
    );
    expect(diagnostics).toEqual([
      {
        code: "declare/duplicate-table",
        severity: "error",
        summary: "table events is declared twice",
        detail: "the first declaration is at app/index.ts:9:1",
        place: place(20),
        hint: "remove one of them, or give it another name",
      },
    ]);
    const apart = desired([declare("events", {}, schema), declare("events", { database: "b" }, schema)], {
      database: "local",
    });
    expect(apart.diagnostics).toEqual([]);
  });

  test("no sorting key", () => {
    expect(problems({}, schemaOf(field("name")))).toEqual([
      [
        "declare/no-sorting-key",
        "table events has no sorting key",
        'add orderByFields: ["name"], mark a field with Key<>, or write orderByExpression: "tuple()" for an unsorted table',
      ],
    ]);
  });

  test("two sorting keys", () => {
    expect(problems({ orderByFields: ["a"], orderByExpression: "a" }, schemaOf(field("a")))).toEqual([
      [
        "declare/two-sorting-keys",
        "table events has both orderByFields and orderByExpression",
        "keep one of the two",
      ],
    ]);
  });

  test("a field in the key that is not there, or that can be null", () => {
    expect(problems({ orderByFields: ["a", "no"] }, schemaOf(field("a")))).toEqual([
      [
        "declare/unknown-field",
        "table events is ordered by no, which its row type does not have",
        "its fields are a",
      ],
    ]);
    expect(problems({ orderByFields: ["a"] }, schemaOf(nullable("a")))).toEqual([
      [
        "declare/nullable-key",
        'field "a" is optional, so table events cannot be ordered by it',
        'write it without ? and null, or leave "a" out of the sorting key',
      ],
    ]);
  });

  test("keys that do not come first", () => {
    expect(problems({ orderByFields: ["b", "a"] }, schemaOf(field("a", { key: true }), field("b")))).toEqual([
      [
        "declare/key-not-first",
        "the Key<> fields of table events (a) must come first in orderByFields (b, a)",
        'write orderByFields: ["a", "b"]',
      ],
    ]);
  });

  test.each(["system", "INFORMATION_SCHEMA", "_moose_x_e1"])("the database %s", (database) => {
    expect(problems({ orderByFields: ["a"], database }, schemaOf(field("a")))).toEqual([
      [
        "declare/reserved-database",
        `table events names the database ${database}, which is not for tables of users`,
        'give another one: { database: "analytics" }',
      ],
    ]);
  });

  test("a row type without a stored field", () => {
    const alias = field("a", { default: { kind: "ALIAS", expression: "1" } });
    expect(problems({ orderByExpression: "tuple()" }, schemaOf(alias))).toEqual([
      [
        "declare/no-columns",
        "table events has no column that is stored: its row type has no fields",
        "give the row type at least one field",
      ],
    ]);
  });

  test("names that cannot be", () => {
    const schema = schemaOf(field("a"));
    expect(problems({ orderByFields: ["a"] }, schema, "a\0b")).toEqual([
      ["declare/bad-name", "a table's name must not hold a NUL character", undefined],
    ]);
    expect(problems({ orderByFields: ["a"] }, schema, "x".repeat(300))).toEqual([
      [
        "declare/name-too-long",
        `the name of table ${"x".repeat(40)}.. is too long for ClickHouse`,
        "give it a shorter name",
      ],
    ]);
  });

  test("a field that ClickHouse would take for something else in an expression, and only there", () => {
    const schema = schemaOf(field("a"), field("true"));
    expect(problems({ orderByFields: ["a", "true"] }, schema)).toEqual([
      [
        "declare/misread-name",
        'field "true" of table events is used in an expression, where ClickHouse takes its name for something else',
        "give the field another name",
      ],
    ]);
    expect(problems({ orderByFields: ["a"] }, schema)).toEqual([]);
  });
});
