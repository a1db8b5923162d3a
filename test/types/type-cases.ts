// Every column type and modifier: what is written, what ClickHouse prints for it, and a value that is stored and read.

export interface TypeCase {
  readonly name: string;
  /** The field's type, as it stands behind `v: `; a question mark in front makes the field optional. */
  readonly type: string;
  /** As in `system.columns`, with default, codec, comment and TTL where there are any. */
  readonly prints: string;
  /** Inserted as JSON; undefined where the column is computed. */
  readonly value: unknown;
  /** As it is read in JSON; the value itself where nothing is said. */
  readonly reads?: unknown;
  /** Expression that is read in the column's place. */
  readonly read?: string;
  /** SQL of the value, where JSON has none. */
  readonly sql?: string;
  /** Declarations before the row type. */
  readonly before?: string;
}

const enums = "enum Color { Red = 'red', Green = 'green' } enum Level { Low = -1, High = 1000 }";
const colours = `[MOOSE_METADATA:DO_NOT_MODIFY] {"version":1,"enum":{"name":"Color","members":[{"name":"Red","value":"red"},{"name":"Green","value":"green"}]}}`;
const levels = `[MOOSE_METADATA:DO_NOT_MODIFY] {"version":1,"enum":{"name":"Level","members":[{"name":"Low","value":-1},{"name":"High","value":1000}]}}`;
const uuid = "6f1e9d2c-0000-4000-8000-000000000001";
const big = "123456789012345678901234567890";

export const typeCases: readonly TypeCase[] = [
  { name: "string", type: "string", prints: "String", value: "it's" },
  { name: "number", type: "number", prints: "Float64", value: 1.5 },
  { name: "boolean", type: "boolean", prints: "Bool", value: true },
  { name: "bigint", type: "bigint", prints: "Int64", value: "-9007199254740993" },
  { name: "Date", type: "Date", prints: "DateTime('UTC')", value: "2024-05-06 07:08:09" },
  { name: "DateTime", type: "DateTime", prints: "DateTime('UTC')", value: "2024-05-06 07:08:09" },
  { name: "DateTime64", type: "DateTime64<3>", prints: "DateTime64(3)", value: "2024-05-06 07:08:09.123" },
  {
    name: "precision",
    type: "Date & ClickHousePrecision<6>",
    prints: "DateTime64(6)",
    value: "2024-05-06 07:08:09.123456",
  },
  {
    name: "DateTimeString",
    type: "DateTimeString",
    prints: "DateTime64(9)",
    value: "2024-05-06 07:08:09.123456789",
  },
  {
    name: "DateTime64String",
    type: "DateTime64String<3>",
    prints: "DateTime64(3)",
    value: "2024-05-06 07:08:09.123",
  },
  {
    name: "format date-time",
    type: "string & tags.Format<'date-time'>",
    prints: "DateTime64(9)",
    value: "2024-05-06 07:08:09.123456789",
  },
  { name: "format date", type: "string & tags.Format<'date'>", prints: "Date32", value: "1924-05-06" },
  {
    name: "short date",
    type: "string & tags.Format<'date'> & ClickHouseByteSize<2>",
    prints: "Date",
    value: "2024-05-06",
  },
  { name: "Date32", type: "Date32", prints: "Date32", value: "1924-05-06" },
  { name: "Time", type: "Time", prints: "Time", value: "12:30:01" },
  { name: "Time64", type: "Time64<3>", prints: "Time64(3)", value: "12:30:01.123" },
  { name: "format uuid", type: "string & tags.Format<'uuid'>", prints: "UUID", value: uuid },
  { name: "UUID", type: "UUID", prints: "UUID", value: uuid },
  { name: "format ipv4", type: "string & tags.Format<'ipv4'>", prints: "IPv4", value: "10.0.0.1" },
  { name: "format ipv6", type: "string & tags.Format<'ipv6'>", prints: "IPv6", value: "fe80::1" },
  { name: "IPv4", type: "IPv4", prints: "IPv4", value: "10.0.0.1" },
  { name: "IPv6", type: "IPv6", prints: "IPv6", value: "fe80::1" },
  { name: "other format", type: "string & tags.Format<'email'>", prints: "String", value: "a@b.c" },
  { name: "Decimal", type: "Decimal<10, 2>", prints: "Decimal(10, 2)", value: "12.25", reads: 12.25 },
  {
    name: "Decimal of a number",
    type: "number & ClickHouseDecimal<18, 4>",
    prints: "Decimal(18, 4)",
    value: 1.5,
  },
  { name: "FixedString", type: "FixedString<4>", prints: "FixedString(4)", value: "abcd" },
  {
    name: "FixedStringSize",
    type: "string & ClickHouseFixedStringSize<3>",
    prints: "FixedString(3)",
    value: "abc",
  },
  ...["Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32"].map((type) => ({
    name: type,
    type,
    prints: type,
    value: 7,
  })),
  ...["Int64", "UInt64"].map((type) => ({ name: type, type, prints: type, value: "9007199254740993" })),
  ...["Int128", "Int256", "UInt128", "UInt256"].map((type) => ({
    name: type,
    type,
    prints: type,
    value: big,
  })),
  { name: "Float32", type: "Float32", prints: "Float32", value: 0.5 },
  { name: "Float64", type: "Float64", prints: "Float64", value: 0.1 },
  { name: "BFloat16", type: "BFloat16", prints: "BFloat16", value: 0.5 },
  ...(
    [
      ["int32", "Int32"],
      ["uint32", "UInt32"],
      ["float", "Float32"],
      ["double", "Float64"],
      ["int8", "Int8"],
    ] as const
  ).map(([tag, prints]) => ({
    name: `tags.Type ${tag}`,
    type: `number & tags.Type<'${tag}'>`,
    prints,
    value: 7,
  })),
  { name: "tags.Type int64", type: "number & tags.Type<'int64'>", prints: "Int64", value: "7" },
  { name: "tags.Type uint64", type: "number & tags.Type<'uint64'>", prints: "UInt64", value: "7" },
  { name: "ClickHouseInt", type: "number & ClickHouseInt<'uint16'>", prints: "UInt16", value: 7 },
  { name: "ClickHouseFloat", type: "number & ClickHouseFloat<'float32'>", prints: "Float32", value: 0.5 },
  { name: "literals", type: "'a' | 'b'", prints: "LowCardinality(String)", value: "b" },
  { name: "LowCardinality", type: "string & LowCardinality", prints: "LowCardinality(String)", value: "x" },
  {
    name: "LowCardinality number",
    type: "Int64 & LowCardinality",
    prints: "LowCardinality(Int64)",
    value: "5",
  },
  {
    name: "LowCardinality FixedString",
    type: "FixedString<2> & LowCardinality",
    prints: "LowCardinality(FixedString(2))",
    value: "ab",
  },
  {
    name: "string enum",
    type: "Color",
    before: enums,
    prints: `Enum8('red' = 1, 'green' = 2) COMMENT ${colours}`,
    value: "green",
  },
  {
    name: "number enum",
    type: "Level",
    before: enums,
    prints: `Enum16('Low' = -1, 'High' = 1000) COMMENT ${levels}`,
    value: "High",
  },
  {
    name: "optional enum",
    type: "?Color",
    before: enums,
    prints: `Nullable(Enum8('red' = 1, 'green' = 2)) COMMENT ${colours}`,
    value: null,
  },
  { name: "optional", type: "?string", prints: "Nullable(String)", value: null },
  { name: "null", type: "number | null", prints: "Nullable(Float64)", value: null },
  { name: "undefined", type: "boolean | undefined", prints: "Nullable(Bool)", value: null },
  { name: "array", type: "string[]", prints: "Array(String)", value: ["a", "b"] },
  {
    name: "array of nullable",
    type: "(number | null)[]",
    prints: "Array(Nullable(Float64))",
    value: [1, null],
  },
  { name: "optional array", type: "?Int8[][]", prints: "Array(Array(Int8))", value: [[1], []] },
  {
    name: "nested object",
    type: "{ a: string; b?: Int8 }",
    prints: "Nested(a String, b Nullable(Int8))",
    value: [{ a: "x", b: null }],
  },
  {
    name: "object in object",
    type: "{ a: Int8; b: { c: string } }",
    prints: "Nested(a Int8, b Nested(c String))",
    value: [{ a: 1, b: [{ c: "x" }] }],
  },
  { name: "array of objects", type: "{ a: Int8 }[]", prints: "Array(Nested(a Int8))", value: [[{ a: 1 }]] },
  {
    name: "named tuple",
    type: "{ a: Int8; b: string } & ClickHouseNamedTuple",
    prints: "Tuple(a Int8, b String)",
    value: { a: 1, b: "x" },
  },
  { name: "tuple", type: "[string, number]", prints: "Tuple(String, Float64)", value: ["x", 1] },
  { name: "map", type: "Record<string, number>", prints: "Map(String, Float64)", value: { a: 1 } },
  {
    name: "map of arrays",
    type: "Record<string, string[]>",
    prints: "Map(String, Array(String))",
    value: { a: ["x"] },
  },
  { name: "JSON", type: "Record<string, any>", prints: "JSON", value: { a: { b: "x" } } },
  {
    name: "JSON with limits",
    type: "Record<string, any> & ClickHouseJson<16, 4, ['skip.me'], ['^tmp']>",
    prints: "JSON(max_dynamic_types=4, max_dynamic_paths=16, SKIP `skip.me`, SKIP REGEXP '^tmp')",
    value: { a: "x", skip: { me: 1 } },
    reads: { a: "x" },
  },
  {
    name: "JSON with paths",
    type: "{ id: Int8; user: { name?: string }; list: { x: Int8 }[] } & ClickHouseJson<16>",
    prints: "JSON(max_dynamic_paths=16, id Int8, list Array(Tuple(x Int8)), `user.name` Nullable(String))",
    value: { id: 1, list: [{ x: 1 }], user: { name: "a" } },
  },
  { name: "optional JSON", type: "?Record<string, any>", prints: "Nullable(JSON)", value: null },
  { name: "point", type: "ClickHousePoint", prints: "Point", value: [1, 2] },
  {
    name: "ring",
    type: "ClickHouseRing",
    prints: "Ring",
    value: [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
  },
  {
    name: "line",
    type: "ClickHouseLineString",
    prints: "LineString",
    value: [
      [0, 0],
      [1, 0],
    ],
  },
  {
    name: "lines",
    type: "ClickHouseMultiLineString",
    prints: "MultiLineString",
    value: [
      [
        [0, 0],
        [1, 0],
      ],
    ],
  },
  {
    name: "polygon",
    type: "ClickHousePolygon",
    prints: "Polygon",
    value: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    ],
  },
  {
    name: "polygons",
    type: "ClickHouseMultiPolygon",
    prints: "MultiPolygon",
    value: [
      [
        [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      ],
    ],
  },
  {
    name: "variant",
    type: "Variant<[string, Int64, boolean[]]>",
    prints: "Variant(Array(Bool), Int64, String)",
    value: "x",
  },
  { name: "dynamic", type: "Dynamic", prints: "Dynamic", value: "x" },
  {
    name: "dynamic with a limit",
    type: "Dynamic<8>",
    prints: "Dynamic(max_types=8)",
    value: [1, 2],
    reads: ["1", "2"],
  },
  {
    name: "aggregate",
    type: "number & Aggregated<'avg', [number]>",
    prints: "AggregateFunction(avg, Float64)",
    value: undefined,
    sql: "arrayReduce('avgState', [1., 3.])",
    read: "finalizeAggregation(v)",
    reads: 2,
  },
  {
    name: "aggregate without arguments",
    type: "Int64 & Aggregated<'count'>",
    prints: "AggregateFunction(count)",
    value: undefined,
    sql: "countState()",
    read: "finalizeAggregation(v)",
    reads: "1",
  },
  {
    name: "aggregate with parameters",
    type: "number[] & Aggregated<'quantiles(0.5, 0.9)', [number]>",
    prints: "AggregateFunction(quantiles(0.5, 0.9), Float64)",
    value: undefined,
    sql: "arrayReduce('quantilesState(0.5, 0.9)', [1.])",
    read: "finalizeAggregation(v)",
    reads: [1, 1],
  },
  {
    name: "simple aggregate",
    type: "number & SimpleAggregated<'max', number>",
    prints: "SimpleAggregateFunction(max, Float64)",
    value: 3,
  },
  {
    name: "optional simple aggregate",
    type: "?string & SimpleAggregated<'anyLast', string>",
    prints: "SimpleAggregateFunction(anyLast, Nullable(String))",
    value: null,
  },
  { name: "JWT", type: "JWT<{ sub: string }>", prints: "Nested(sub String)", value: [{ sub: "x" }] },
  {
    name: "WithDefault",
    type: "WithDefault<string, \"'new'\">",
    prints: "String DEFAULT 'new'",
    value: undefined,
    reads: "new",
  },
  {
    name: "default",
    type: "Int32 & ClickHouseDefault<'1+1'>",
    prints: "Int32 DEFAULT 1 + 1",
    value: undefined,
    reads: 2,
  },
  {
    name: "default of an enum",
    type: "WithDefault<Color, \"'red'\">",
    before: enums,
    prints: `Enum8('red' = 1, 'green' = 2) DEFAULT 'red' COMMENT ${colours}`,
    value: undefined,
    reads: "red",
  },
  {
    name: "materialized",
    type: "string & ClickHouseMaterialized<\"concat('a', 'b')\">",
    prints: "String MATERIALIZED concat('a', 'b')",
    value: undefined,
    reads: "ab",
  },
  {
    name: "alias",
    type: "number & ClickHouseAlias<'1.5'>",
    prints: "Float64 ALIAS 1.5",
    value: undefined,
    reads: 1.5,
  },
  {
    name: "TTL",
    type: "string & ClickHouseTTL<'at + INTERVAL 30 YEAR'>",
    prints: "String TTL at + toIntervalYear(30)",
    value: "x",
  },
  {
    name: "codec",
    type: "Int64 & ClickHouseCodec<'Delta, ZSTD(3)'>",
    prints: "Int64 CODEC(Delta(8), ZSTD(3))",
    value: "5",
  },
  {
    name: "codec of a list",
    type: "string[] & ClickHouseCodec<'LZ4HC(9)'>",
    prints: "Array(String) CODEC(LZ4HC(9))",
    value: ["x"],
  },
  {
    name: "alias of a type",
    type: "Money",
    before: "type Money = WithDefault<Decimal<18, 4>, '0'>;",
    prints: "Decimal(18, 4) DEFAULT 0",
    value: undefined,
    reads: 0,
  },
  {
    name: "generic of a type",
    type: "Packed<Date>",
    before: "type Packed<T> = T & ClickHouseCodec<'ZSTD(1)'>;",
    prints: "DateTime('UTC') CODEC(ZSTD(1))",
    value: "2024-05-06 07:08:09",
  },
];
