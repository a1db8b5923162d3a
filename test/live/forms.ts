// Forms that ClickHouse prints otherwise than they are written.

import type { Column, Table } from "../../src/infra/table.js";
import { column, table } from "./tables.js";

export interface Form {
  /** As user code has it. */
  readonly form: string;
  readonly columns?: readonly Column[];
  readonly rest?: Partial<Table>;
}

/** A table of this form, called `t`. */
export function tableOfForm({ columns = [], rest = {} }: Form, database: string): Table {
  return table(database, [...base, ...columns], rest);
}

const base = [
  column("id", "UInt32"),
  column("a", "UInt8"),
  column("b", "String"),
  column("d", "DateTime('UTC')"),
];

export const ofDefault = (expression: string, type = "String"): Form => ({
  form: `DEFAULT ${expression}`,
  columns: [column("x", type, { default: { kind: "DEFAULT", expression } })],
});
export const ofType = (type: string): Form => ({ form: `type ${type}`, columns: [column("x", type)] });
export const ofCodec = (type: string, codec: string): Form => ({
  form: `CODEC(${codec}) on ${type}`,
  columns: [column("x", type, { codec })],
});
export const ofTtl = (ttl: string): Form => ({ form: `TTL ${ttl}`, rest: { ttl } });
const ofColumnTtl = (ttl: string): Form => ({
  form: `column TTL ${ttl}`,
  columns: [column("x", "String", { ttl })],
});
export const ofKey = (orderBy: string, rest: Partial<Table> = {}): Form => ({
  form: `ORDER BY ${orderBy}${rest.primaryKey === undefined ? "" : ` PRIMARY KEY ${rest.primaryKey}`}`,
  rest: { orderBy, primaryKey: rest.primaryKey ?? orderBy, ...rest },
});
const ofPartition = (partitionBy: string): Form => ({
  form: `PARTITION BY ${partitionBy}`,
  rest: { partitionBy },
});
export const ofEngine = (name: string, rest: Partial<Table> = {}): Form => ({
  form: `engine ${name}`,
  rest: { engine: name, ...rest },
});

/** The forms that concern views, dictionaries and projections are no part of a table: MV SELECT, `count(*) c`, LIFETIME. */
export const forms: readonly Form[] = [
  ofDefault("a+1", "UInt16"),
  ofDefault("a::String"),
  ofDefault("CASE WHEN a=1 THEN 'x' ELSE 'y' END"),
  ofDefault("(a ? 1 : 2)", "UInt8"),
  ofDefault("a <> 1", "UInt8"),
  ofDefault("b || 'x'"),
  ofDefault("DATE '2024-01-01'", "Date"),
  ofDefault("d + INTERVAL 1 DAY", "DateTime('UTC')"),
  ofDefault("EXTRACT(YEAR FROM d)", "UInt16"),
  ofDefault("a BETWEEN 1 AND 2", "UInt8"),
  ofDefault("(((a)))", "UInt8"),
  ofDefault("1e3", "Float64"),
  ofDefault("'it''s'"),
  ofDefault("NOW()", "DateTime"),
  ofDefault("LOWER('A')"),
  ofDefault("substr(b, 1, 2)"),
  ofDefault("date_trunc('day', d)", "DateTime('UTC')"),
  ofDefault("CAST(a AS varchar(3))"),
  ofDefault("CURRENT_TIMESTAMP", "DateTime"),
  ofDefault("if(a>1,\n  'x',\n  'y')"),
  ofDefault("/* why */ 'x'"),
  ofDefault("a IN (1, 2)", "UInt8"),
  ofDefault("NOT a", "UInt8"),
  ofDefault("-1", "Int8"),
  ofDefault("NULL", "Nullable(Int8)"),
  ofDefault("[]", "Array(String)"),
  ofDefault("map('a', 1)", "Map(String, UInt8)"),
  ofDefault("1 = 2 OR TRUE", "Bool"),
  ofDefault("arrayMap(y->y+1, [1])", "Array(UInt8)"),
  ofDefault("'line\\nbreak'"),
  ofDefault("toDecimal64('1.5', 2)", "Decimal(18, 2)"),
  ofDefault("generateUUIDv4()", "UUID"),
  {
    form: "MATERIALIZED and ALIAS",
    columns: [
      column("x", "Date", { default: { kind: "MATERIALIZED", expression: "DATE(d)" } }),
      column("y", "UInt16", { default: { kind: "ALIAS", expression: "a*2" } }),
    ],
  },
  {
    form: "EPHEMERAL",
    columns: [column("x", "UInt8", { default: { kind: "EPHEMERAL", expression: "1+1" } })],
  },
  ...[
    "INT",
    "INTEGER",
    "BIGINT UNSIGNED",
    "VARCHAR(10)",
    "TEXT",
    "TIMESTAMP",
    "FLOAT",
    "DOUBLE",
    "DECIMAL(10,2)",
    "Decimal64(3)",
    "NUMERIC(5)",
    "BOOLEAN",
    "Enum('a', 'b')",
    "Enum8('b'=2,'a'=1)",
    "Enum('x' = 300)",
    "DateTime64",
    "DateTime64(6,'UTC')",
    "Nullable(INT)",
    "LowCardinality(VARCHAR(3))",
    "Array(INT)",
    "Map(VARCHAR(5),Array(INT))",
    "Tuple(a INT, `b c` TEXT)",
    "Nested(a INT, b TEXT)",
    "Variant(UInt64,String,Array(UInt8))",
    "JSON(a.b UInt32, max_dynamic_paths=8)",
    "Dynamic(max_types=4)",
    "FixedString(3)",
    "SimpleAggregateFunction(sum, UInt64)",
    "AggregateFunction(avg,Float64)",
    "IPv4",
    "Date32",
    "Enum8('it''s' = 1)",
    "Bool",
  ].map(ofType),
  ofCodec("Int32", "Delta, ZSTD"),
  ofCodec("Int64", "DoubleDelta, LZ4"),
  ofCodec("String", "ZSTD"),
  ofCodec("String", "LZ4HC"),
  ofCodec("Float64", "Gorilla, LZ4"),
  ofCodec("Int32", "T64"),
  ofCodec("Int32", "Default"),
  ofCodec("String", "NONE"),
  ofCodec("Float64", "FPC, ZSTD(2)"),
  ofTtl("d + INTERVAL 50 YEAR DELETE"),
  ofTtl("d + INTERVAL 2 WEEK"),
  ofTtl("d+toIntervalDay(3)"),
  ofTtl("d + INTERVAL 30 DAY WHERE a=1"),
  ofTtl("d + INTERVAL 30 DAY, d + INTERVAL 60 DAY DELETE WHERE b='x'"),
  ofTtl("toDate(d) + INTERVAL 1 MONTH"),
  ofTtl("d + INTERVAL 30 DAY GROUP BY id SET a = max(a)"),
  ofTtl("d + INTERVAL 30 DAY RECOMPRESS CODEC(ZSTD)"),
  ofColumnTtl("d + INTERVAL 3 HOUR"),
  ofColumnTtl("d + 60"),
  ofKey("(a)"),
  ofKey("((a, b))"),
  ofKey("tuple(a,b)"),
  ofKey("(a,b)"),
  ofKey("()"),
  ofKey("tuple()"),
  ofKey(""),
  ofKey("a,b", { primaryKey: "a" }),
  ofKey("a, toDate(d), b", { primaryKey: "(a, toDate(d))" }),
  ofKey("(a DESC)", { settings: { allow_experimental_reverse_key: "1" } }),
  ofKey("a, b DESC", { primaryKey: "a", settings: { allow_experimental_reverse_key: "1" } }),
  ofKey("CAST(a AS String)"),
  ofKey("a, cityHash64(b)", { sampleBy: "cityHash64( b )" }),
  ofPartition("toYYYYMM(d)"),
  ofPartition("(toYYYYMM(d), a%2)"),
  ofPartition("tuple()"),
  ofPartition("(a)"),
  ofPartition("tuple(a)"),
  ofPartition("DATE_TRUNC('month', d)"),
  ofEngine("MergeTree()"),
  ofEngine("ReplacingMergeTree( id )"),
  ofEngine("ReplacingMergeTree(id,a)"),
  ofEngine("SummingMergeTree((a))"),
  ofEngine("SummingMergeTree()"),
  ofEngine("AggregatingMergeTree"),
  { form: "CollapsingMergeTree", columns: [column("s", "Int8")], rest: { engine: "CollapsingMergeTree(s)" } },
  {
    form: "VersionedCollapsingMergeTree",
    columns: [column("s", "Int8")],
    rest: { engine: "VersionedCollapsingMergeTree(s,id)" },
  },
  ofEngine("CoalescingMergeTree"),
  { form: "index_granularity that is the default", rest: { settings: { index_granularity: "8192" } } },
  { form: "another index_granularity", rest: { settings: { index_granularity: "1024" } } },
  { form: "a boolean setting as a word", rest: { settings: { ttl_only_drop_parts: "true" } } },
  { form: "a setting that is text", rest: { settings: { storage_policy: "default" } } },
  { form: "a setting at its default", rest: { settings: { merge_with_ttl_timeout: "14400" } } },
  {
    form: "a setting with a size",
    rest: { settings: { min_bytes_for_wide_part: "10485760", max_part_loading_threads: "3" } },
  },
  {
    form: "comments",
    rest: { comment: "it's \\ \n 😀 `x`" },
    columns: [column("x", "String", { comment: "a\tb'\"\\n" })],
  },
];
