// What user code declares becomes tables, or says what is wrong with it.

import { describe, expect, test } from "vitest";
import { desired } from "../../src/declare/desired.js";
import type { RowField, RowSchema } from "../../src/declare/row-schema.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
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
  expect(desired([declare("x", {}, undefined)], { database: "local" })).toMatchObject({
    map: emptyInfraMap,
    diagnostics: [],
  });
});

test("indexes and projections, with what they leave out", () => {
  const { map, diagnostics } = read(
    {
      orderByFields: ["a"],
      indexes: [
        { name: "i", expression: " lower(a) ", type: "bloom_filter", arguments: ["0.01"], granularity: 4 },
        { name: "j", expression: "(a, b)", type: "minmax" },
        { name: "k", expression: "a", type: "ngrambf_v1", arguments: ["3", "256", "2", "0"] },
      ],
      projections: [{ name: "p", body: "SELECT a ORDER BY a" }],
    },
    schemaOf(field("a"), field("b")),
  );
  expect(diagnostics).toEqual([]);
  expect(map.tables.get("local.events")).toMatchObject({
    indexes: [
      { name: "i", expression: "lower(a)", type: "bloom_filter(0.01)", granularity: 4 },
      { name: "j", expression: "(a, b)", type: "minmax", granularity: 1 },
      { name: "k", expression: "a", type: "ngrambf_v1(3, 256, 2, 0)", granularity: 1 },
    ],
    projections: [{ name: "p", body: "SELECT a ORDER BY a" }],
  });
});

test("former names of a table and of its fields", () => {
  const { map } = read(
    { orderByFields: ["a"], renamedFrom: "old" },
    schemaOf(field("a"), field("b", { renamedFrom: "c" })),
  );
  const table = map.tables.get("local.events");
  expect([table?.renamedFrom, table?.columns.map((column) => column.renamedFrom)]).toEqual([
    "old",
    [undefined, "c"],
  ]);
});

describe("what is wrong", () => {
  const summaries = (config: Record<string, unknown>, schema = schemaOf(field("a"))) =>
    problems({ orderByFields: ["a"], ...config }, schema).map(([code, summary]) => `${code}: ${summary}`);

  test("with indexes", () => {
    const index = (rest: object) => ({ name: "i", expression: "a", type: "minmax", ...rest });
    expect(summaries({ indexes: { name: "i" } })).toEqual([
      "declare/bad-index: a wrong index of table events: what is given is no list",
    ]);
    const indexes = [
      index({ name: "" }),
      index({ name: "a\0b" }),
      index({ expression: undefined }),
      index({ type: " " }),
      index({ granularity: 0 }),
      index({ granularity: 1.5 }),
      index({ arguments: "0.01" }),
      "minmax",
    ];
    expect(summaries({ indexes })).toEqual(
      [
        "number 1 has no name",
        "number 2 has a NUL character in its name",
        '"i" has no expression',
        '"i" has no type',
        '"i" has the granularity 0, which is no whole number from 1 up',
        '"i" has the granularity 1.5, which is no whole number from 1 up',
        '"i" has arguments that are no list of texts',
        "number 8 has no name",
      ].map((says) => `declare/bad-index: a wrong index of table events: ${says}`),
    );
    expect(summaries({ indexes: [index({}), index({ type: "set(1)" }), index({})] })).toEqual([
      'declare/duplicate-index: table events has two indexes called "i"',
    ]);
  });

  test("with projections", () => {
    const [a, b] = [{ name: "p", body: "SELECT a ORDER BY a" }, { name: "q" }];
    expect(summaries({ projections: [a, b, a] })).toEqual([
      'declare/bad-projection: a wrong projection of table events: "q" has no body',
      'declare/duplicate-projection: table events has two projections called "p"',
    ]);
  });

  test("with renames: the former name is declared too, or is said to be that of two", () => {
    const two = schemaOf(field("a"), field("b", { renamedFrom: "a" }));
    expect(summaries({}, two)).toEqual([
      'declare/ambiguous-rename: field "b" of table events is Renamed from "a", which is still a field',
    ]);
    const both = schemaOf(field("a"), field("b", { renamedFrom: "x" }), field("c", { renamedFrom: "x" }));
    expect(summaries({}, both)).toEqual([
      'declare/ambiguous-rename: field "c" of table events and "b" are both Renamed from "x"',
    ]);
    const tables = (...entries: readonly (readonly [string, Record<string, unknown>])[]) =>
      desired(
        entries.map(([name, config]) =>
          declare(name, { orderByFields: ["a"], ...config }, schemaOf(field("a"))),
        ),
        { database: "local" },
      ).diagnostics.map(({ code, summary }) => `${code}: ${summary}`);
    expect(tables(["t", {}], ["u", { renamedFrom: "t" }])).toEqual([
      'declare/ambiguous-rename: table u has renamedFrom: "t", which is still declared',
    ]);
    expect(tables(["t", { renamedFrom: "x" }], ["u", { renamedFrom: "x" }])).toEqual([
      'declare/ambiguous-rename: table u and table t both have renamedFrom: "x"',
    ]);
    expect(tables(["t", {}], ["u", { renamedFrom: "t", database: "other" }])).toEqual([]);
  });

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

describe("a value from the environment", () => {
  const marker = "__MOOSE_RUNTIME_ENV__:SECRET";
  const s3 = { engine: "S3", path: "http://store/b/a.csv", format: "CSV", awsAccessKeyId: "id" };
  const codes = (config: Record<string, unknown>) =>
    read(config, schemaOf(field("id"))).diagnostics.map(({ code }) => code);

  test("is the whole value of an option or of a setting", () => {
    expect(codes({ ...s3, awsSecretAccessKey: marker })).toEqual([]);
    expect(codes({ orderByFields: ["id"], settings: { storage_policy: marker } })).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["part of an option", { ...s3, awsSecretAccessKey: "s", path: `http://${marker}/a.csv` }],
    ["part of a setting", { orderByFields: ["id"], settings: { storage_policy: `x${marker}` } }],
    ["a comment", { orderByFields: ["id"], comment: marker }],
    ["a TTL", { orderByFields: ["id"], ttl: `at + toIntervalDay('${marker}')` }],
  ])("is refused as %s, where nothing would fill it in", (_, config) => {
    expect(codes(config)).toEqual(["declare/misplaced-variable"]);
  });
});
