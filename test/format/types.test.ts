// Types between Moose's JSON and ClickHouse's text.

import { describe, expect, test } from "vitest";
import { readColumn, writeColumn } from "../../src/format/column-json.js";
import { readEngine } from "../../src/format/engine-json.js";
import { readOperation } from "../../src/format/read-operation.js";
import { ProblemList, Spot } from "../../src/format/value.js";
import { writeOperation } from "../../src/format/write-operation.js";
import { column, table } from "../live/tables.js";

function read(json: Record<string, unknown>) {
  const problems = new ProblemList();
  const base = { name: "c", required: true, annotations: [] };
  const result = readColumn(new Spot({ ...base, ...json }, ["columns", 0], problems));
  return { column: result, problems: problems.all };
}

function typeOf(json: Record<string, unknown>): string {
  const { column: found, problems } = read(json);
  expect(problems).toEqual([]);
  return found.type;
}

const nested = [
  { name: "a", data_type: "String", required: true },
  { name: "odd name", data_type: "Int64", required: false },
];

/** What the existing tool writes, and the type that it makes of it. */
const pairs: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ data_type: "String" }, "String"],
  [{ data_type: "String", required: false }, "Nullable(String)"],
  [{ data_type: "String", annotations: [["LowCardinality", true]] }, "LowCardinality(String)"],
  [
    { data_type: "String", required: false, annotations: [["LowCardinality", true]] },
    "LowCardinality(Nullable(String))",
  ],
  [{ data_type: "UUID" }, "UUID"],
  [{ data_type: "Boolean" }, "Bool"],
  [{ data_type: "Int256" }, "Int256"],
  [{ data_type: "UInt8" }, "UInt8"],
  [{ data_type: "Float32" }, "Float32"],
  [{ data_type: "Date" }, "Date32"],
  [{ data_type: "Date16" }, "Date"],
  [{ data_type: "DateTime" }, "DateTime('UTC')"],
  [{ data_type: "DateTime(9)" }, "DateTime64(9)"],
  [{ data_type: "Decimal(10, 2)" }, "Decimal(10, 2)"],
  [{ data_type: "FixedString(16)" }, "FixedString(16)"],
  [{ data_type: "IPv4" }, "IPv4"],
  [{ data_type: "Json" }, "JSON"],
  [{ data_type: "MultiPolygon" }, "MultiPolygon"],
  [{ data_type: { elementType: "String", elementNullable: false } }, "Array(String)"],
  [{ data_type: { elementType: "Int8", elementNullable: true } }, "Array(Nullable(Int8))"],
  [{ data_type: { keyType: "String", valueType: { nullable: "Int8" } } }, "Map(String, Nullable(Int8))"],
  [
    {
      data_type: {
        fields: [
          ["x", "Int8"],
          ["y z", "String"],
        ],
      },
    },
    "Tuple(x Int8, `y z` String)",
  ],
  [{ data_type: { name: "N", columns: nested, jwt: false } }, "Nested(a String, `odd name` Nullable(Int64))"],
  [
    {
      data_type: {
        name: "E",
        values: [
          { name: "A", value: { String: "a" } },
          { name: "B", value: { String: "it's" } },
        ],
      },
    },
    "Enum8('a' = 1, 'it\\'s' = 2)",
  ],
  [{ data_type: { name: "E", values: [{ name: "A", value: { Int: -300 } }] } }, "Enum16('A' = -300)"],
];

test.each(pairs)("%j is %s", (json, type) => {
  expect(typeOf(json)).toBe(type);
  const written = writeColumn(read(json).column, false);
  expect(written.clickhouse_type, "Moose's own words are enough").toBeUndefined();
  expect(typeOf(written)).toBe(type);
});

test("aggregate functions and options of JSON are read", () => {
  const aggregation = { functionName: "sum", argumentTypes: ["Int64", "DateTime"] };
  expect(typeOf({ data_type: "Int64", annotations: [["aggregationFunction", aggregation]] })).toBe(
    "AggregateFunction(sum, Int64, DateTime('UTC'))",
  );
  const simple = { functionName: "max", argumentType: "Float64" };
  expect(typeOf({ data_type: "Float64", annotations: [["simpleAggregationFunction", simple]] })).toBe(
    "SimpleAggregateFunction(max, Float64)",
  );
  const options = {
    max_dynamic_paths: 8,
    typed_paths: [["a.b", "Int8"]],
    skip_paths: ["c"],
    skip_regexps: ["^x'"],
  };
  expect(typeOf({ data_type: options })).toBe(
    "JSON(max_dynamic_paths=8, a.b Int8, SKIP c, SKIP REGEXP '^x\\'')",
  );
});

describe("what Moose's JSON cannot say", () => {
  test.each([
    "DateTime",
    "DateTime('Europe/Berlin')",
    "DateTime64(3, 'UTC')",
    "Array(LowCardinality(String))",
    "Tuple(Int8, String)",
    "Variant(Int8, String)",
    "Nullable(Enum8('b' = 2))",
    "Enum16('a' = 1)",
    "AggregateFunction(1, sum, Int8)",
    "SimpleAggregateFunction(anyLast, Nullable(String))",
    "Nested(a LowCardinality(String), b Array(Tuple(x Int8)))",
    "Map(LowCardinality(String), Array(Nullable(DateTime64(3))))",
    "JSON(max_dynamic_types=3, `a b` Int8)",
  ])("%s comes back from it", (type) => {
    const written = writeColumn(column("c", type), false);
    expect(typeOf(JSON.parse(JSON.stringify(written)))).toBe(type);
  });

  test("a type that contradicts the fields beside it is an error", () => {
    const written = writeColumn(column("c", "DateTime('Europe/Berlin')"), false);
    const { problems } = read({ ...written, data_type: "String" });
    expect(problems).toEqual([
      expect.objectContaining({
        code: "format/contradicting-type",
        path: ["columns", 0, "clickhouse_type"],
        summary:
          "clickhouse_type is DateTime('Europe/Berlin'), which is not what the column's other fields say",
      }),
    ]);
    expect(read({ ...written, required: false }).problems).toHaveLength(1);
  });
});

test.each([
  [{ data_type: "Text" }, "format/unknown-type", "data_type names a type that is not known: Text"],
  [{}, "format/missing-field", "data_type is missing; it is the name or the shape of a type"],
  [{ data_type: { name: "x" } }, "format/unknown-type", "data_type has none of the shapes of a type"],
  [
    { data_type: { values: [] } },
    "format/bad-enum",
    "an enum needs members, each with a name and a number of its own",
  ],
  [
    { data_type: "String", name: "" },
    "format/bad-name",
    "name must be a name: not empty, without NUL, at most 1000 characters",
  ],
  [{ data_type: "String", required: "yes" }, "format/wrong-type", "required must be true or false, not yes"],
  [
    { data_type: "String", default: "1", alias: "2" },
    "format/two-defaults",
    "the column has default and alias; keep one",
  ],
  [
    { data_type: "String", default: "1, `x` String" },
    "format/bad-expression",
    "default is not one expression: brackets and quotes must close, and it must hold no comment and no semicolon",
  ],
  [
    { data_type: "String", clickhouse_type: "String) ENGINE = Log --" },
    "format/bad-expression",
    "clickhouse_type is not one expression: brackets and quotes must close, and it must hold no comment and no semicolon",
  ],
])("%j is refused", (json, code, summary) => {
  expect(read(json).problems[0]).toMatchObject({ code, summary });
});

test("a type that is nested without end is refused, not followed", () => {
  let deep: unknown = "String";
  for (let level = 0; level < 100; level++) deep = { elementType: deep };
  expect(read({ data_type: deep }).problems[0]?.code).toBe("format/deep-type");
  const text = `${"Array(".repeat(20_000)}String${")".repeat(20_000)}`;
  expect(read({ data_type: "String", clickhouse_type: text }).problems.map(({ code }) => code)).toContain(
    "format/long-expression",
  );
  const shorter = `${"Array(".repeat(100)}String${")".repeat(100)}`;
  expect(read({ data_type: "String", clickhouse_type: shorter }).problems[0]?.code).toBe("format/deep-type");
});

test("an enum of a file of the existing tool has the names of its members in its comment, as in ClickHouse", () => {
  const json = {
    name: "c",
    data_type: { name: "Color", values: [{ name: "Red", value: { String: "red" } }] },
    required: true,
    comment: "its colour",
  };
  const problems = new ProblemList();
  const column = readColumn(new Spot(json, [], problems));
  expect(problems.count).toBe(0);
  expect(column).toMatchObject({
    type: "Enum8('red' = 1)",
    comment:
      'its colour [MOOSE_METADATA:DO_NOT_MODIFY] {"version":1,"enum":{"name":"Color","members":[{"name":"Red","value":"red"}]}}',
  });
  const bare = { ...column, comment: "" };
  expect(readColumn(new Spot(writeColumn(bare, false), [], problems))).toEqual(bare);
  expect(readColumn(new Spot(writeColumn(column, false), [], problems))).toEqual(column);
});

test("no file holds the secrets of a table, and none is made without them", () => {
  const s3 = table("d", [column("id", "UInt8")], {
    engine: "S3('p', 'id', 'key', 'CSV')",
    orderBy: "",
    settings: { kafka_sasl_password: "pass", a: "1" },
  });
  const json = writeOperation({ kind: "CreateTable", table: s3 }, "d");
  expect(JSON.stringify(json)).not.toMatch(/'key'|pass"/);
  expect(json.table).toMatchObject({
    engine: "S3('p', 'id', '[HIDDEN]', 'CSV')",
    table_settings: { kafka_sasl_password: "[HIDDEN]", a: "1" },
  });
  const problems = new ProblemList();
  readOperation("CreateTable", new Spot(json, [], problems), "d");
  expect(problems.all.map(({ code }) => code)).toEqual(["format/hidden-secret"]);
});

test.each([
  [{ ReplacingMergeTree: { ver: "at", is_deleted: "gone" } }, "ReplacingMergeTree(at, gone)"],
  [{ SummingMergeTree: { columns: ["a", "b"] } }, "SummingMergeTree((a, b))"],
  [{ VersionedCollapsingMergeTree: { sign: "s", version: "v" } }, "VersionedCollapsingMergeTree(s, v)"],
  [
    { engine: "ReplicatedMergeTree", keeper_path: "/p", replica_name: "{replica}" },
    "ReplicatedMergeTree('/p', '{replica}')",
  ],
  [
    { ReplicatedReplacingMergeTree: { keeper_path: null, replica_name: null, ver: "at" } },
    "ReplicatedReplacingMergeTree(at)",
  ],
  [
    { S3Queue: { s3_path: "s3://b/*", format: "CSV", aws_access_key_id: null } },
    "S3Queue('s3://b/*', NOSIGN, 'CSV')",
  ],
  [{ S3: { path: "s3://b/a", format: "CSV", compression: "gzip" } }, "S3('s3://b/a', NOSIGN, 'CSV', 'gzip')"],
  [{ IcebergS3: { path: "s3://b/t/", format: "Parquet" } }, "IcebergS3('s3://b/t/', NOSIGN, 'Parquet')"],
  [
    {
      Buffer: {
        target_database: "d",
        target_table: "t",
        num_layers: 1,
        min_time: 1,
        max_time: 2,
        min_rows: 3,
        max_rows: 4,
        min_bytes: 5,
        max_bytes: 6,
        flush_time: null,
      },
    },
    "Buffer('d', 't', 1, 1, 2, 3, 4, 5, 6)",
  ],
  [
    { Distributed: { cluster: "c", target_database: "d", target_table: "t", sharding_key: "rand()" } },
    "Distributed('c', 'd', 't', rand())",
  ],
  [
    { Kafka: { broker_list: "b:9", topic_list: "t", group_name: "g", format: "JSONEachRow" } },
    "Kafka('b:9', 't', 'g', 'JSONEachRow')",
  ],
  [{ Merge: { source_database: "currentDatabase()", tables_regexp: "^a$" } }, "Merge('d', '^a$')"],
  [{ Memory: {} }, "Memory"],
])("an engine that is an object is read: %j", (engine, text) => {
  const problems = new ProblemList();
  expect(readEngine(new Spot(engine, [], problems), "d")).toBe(text);
  expect(problems.all).toEqual([]);
});

test.each([
  [{ Buffer: { target_database: "d" } }, "format/bad-engine"],
  [{ CollapsingMergeTree: {} }, "format/bad-engine"],
  [
    { Distributed: { cluster: "c", target_database: "d", target_table: "t", sharding_key: "a) x" } },
    "format/bad-expression",
  ],
  [{ Nothing: {} }, "format/unknown-engine"],
])("an engine that lacks something is no engine: %j", (engine, code) => {
  const problems = new ProblemList();
  readEngine(new Spot(engine, [], problems), "d");
  expect(problems.all.map((one) => one.code)).toContain(code);
});
