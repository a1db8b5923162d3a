// What stands in braces in these tests is source text.
/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text of the tested files */
import { describe, expect, test } from "vitest";
import { columnsOf } from "./project.js";

/** Name of the case, the fields of `Row`, the columns they become; declarations before `Row` come last. */
type Case = readonly [name: string, fields: string, columns: readonly string[], before?: string];

const cases: readonly Case[] = [
  [
    "plain values",
    "a: string; b: number; c: boolean; d: Date; e: bigint",
    ["a String", "b Float64", "c Bool", "d DateTime('UTC')", "e Int64"],
  ],
  [
    "optional, null and undefined are Nullable",
    "a?: string; b: number | null; c: boolean | undefined; d?: Date | null",
    ["a Nullable(String)", "b Nullable(Float64)", "c Nullable(Bool)", "d Nullable(DateTime('UTC'))"],
  ],
  [
    "sized numbers",
    "a: Int8; b: Int64; c: UInt8; d: UInt64; e: Float32; f: Float64; g: number & tags.Type<'uint16'>",
    ["a Int8", "b Int64", "c UInt8", "d UInt64", "e Float32", "f Float64", "g UInt16"],
  ],
  [
    "decimals and fixed strings",
    "a: Decimal<10, 2>; b: number & ClickHouseDecimal<38, 9>; c: FixedString<16>; d?: FixedString<3>",
    ["a Decimal(10, 2)", "b Decimal(38, 9)", "c FixedString(16)", "d Nullable(FixedString(3))"],
  ],
  [
    "times",
    "a: DateTime; b: DateTime64<3>; c: DateTimeString; d: DateTime64String<6>; e?: DateTime64<0>",
    [
      "a DateTime('UTC')",
      "b DateTime64(3)",
      "c DateTime64(9)",
      "d DateTime64(6)",
      "e Nullable(DateTime64(0))",
    ],
  ],
  [
    "formats",
    "a: string & tags.Format<'uuid'>; b: string & tags.Format<'ipv4'>; c: string & tags.Format<'ipv6'>; d: string & tags.Format<'date'>; e: string & tags.Format<'date'> & ClickHouseByteSize<2>; f: string & tags.Format<'email'>",
    ["a UUID", "b IPv4", "c IPv6", "d Date32", "e Date", "f String"],
  ],
  [
    "low cardinality",
    "a: string & LowCardinality; b?: string & LowCardinality; c: (string & LowCardinality)[]; d: 'x' | 'y'; e?: 'x' | 'y' | null; f: 'x'; g: ('x' | 'y') & LowCardinality",
    [
      "a LowCardinality(String)",
      "b LowCardinality(Nullable(String))",
      "c Array(LowCardinality(String))",
      "d LowCardinality(String)",
      "e LowCardinality(Nullable(String))",
      "f LowCardinality(String)",
      "g LowCardinality(String)",
    ],
  ],
  [
    "modifiers",
    "a: Key<string>; b: WithDefault<Date, 'now()'>; c: number & ClickHouseDefault<'1'>; d: number & ClickHouseMaterialized<'b * 2'>; e: number & ClickHouseAlias<'c + 1'>; f: string & ClickHouseTTL<'b + INTERVAL 1 DAY'> & ClickHouseCodec<'ZSTD(3)'>",
    [
      "a String KEY",
      "b DateTime('UTC') DEFAULT now()",
      "c Float64 DEFAULT 1",
      "d Float64 MATERIALIZED b * 2",
      "e Float64 ALIAS c + 1",
      "f String CODEC(ZSTD(3)) TTL b + INTERVAL 1 DAY",
    ],
  ],
  [
    "modifiers on one another",
    "a: Key<WithDefault<Int64, '0'>>; b: WithDefault<string & LowCardinality, \"'it\\\\'s'\">; c: Key<string & tags.Format<'uuid'>>; d: WithDefault<string | null, 'NULL'>; e?: WithDefault<boolean, 'true'>; f: WithDefault<'a' | 'b', \"'a'\">",
    [
      "a Int64 KEY DEFAULT 0",
      "b LowCardinality(String) DEFAULT 'it\\'s'",
      "c UUID KEY",
      "d Nullable(String) DEFAULT NULL",
      "e Nullable(Bool) DEFAULT true",
      "f LowCardinality(String) DEFAULT 'a'",
    ],
  ],
  [
    "former names",
    "a: Key<Renamed<string, 'id'>>; b?: Renamed<number, 'it\\'s'>; c: Renamed<string | null, 'd'>; d2: Renamed<Int64[], 'd3'>; e: WithDefault<Renamed<Date, 'at'>, 'now()'>; f: Moved<'g'>",
    [
      "a String KEY RENAMED id",
      "b Nullable(Float64) RENAMED it's",
      "c Nullable(String) RENAMED d",
      "d2 Array(Int64) RENAMED d3",
      "e DateTime('UTC') DEFAULT now() RENAMED at",
      "f String RENAMED g",
    ],
    "type Moved<Old extends string> = Renamed<string, Old>;",
  ],
  [
    "aliases and generics keep the tags",
    "a: Id; b: Money; c: Wrapped<string>",
    ["a UUID KEY", "b Decimal(18, 4) DEFAULT 0", "c String KEY CODEC(LZ4)"],
    "type Id = Key<Uuid>; type Uuid = string & tags.Format<'uuid'>; type Money = WithDefault<Decimal<18, 4>, '0'>; type Wrapped<T> = Key<T & ClickHouseCodec<'LZ4'>>;",
  ],
  [
    "arrays",
    "a: string[]; b: readonly (number | null)[]; c?: Date[]; d: Array<Array<Int8>>; e: Array<'x' | 'y'>; f: string[] & ClickHouseCodec<'NONE'>",
    [
      "a Array(String)",
      "b Array(Nullable(Float64))",
      "c Array(DateTime('UTC'))",
      "d Array(Array(Int8))",
      "e Array(LowCardinality(String))",
      "f Array(String) CODEC(NONE)",
    ],
  ],
  [
    "maps",
    "a: Record<string, number>; b?: Record<string, string | null>; c: { [key: number]: Date }; d: Record<string & LowCardinality, Int8[]>; e: Record<string, any>; f: Record<string, unknown>",
    [
      "a Map(String, Float64)",
      "b Map(String, Nullable(String))",
      "c Map(Float64, DateTime('UTC'))",
      "d Map(LowCardinality(String), Array(Int8))",
      "e JSON",
      "f JSON",
    ],
  ],
  [
    "tuples",
    "a: [string, number]; b: [lat: Float32, lon: Float32]; c: readonly [x: 'a' | 'b', y: string | null]; d: { lat: number; lon: number } & ClickHouseNamedTuple",
    [
      "a Tuple(String, Float64)",
      "b Tuple(lat Float32, lon Float32)",
      "c Tuple(x LowCardinality(String), y Nullable(String))",
      "d Tuple(lat Float64, lon Float64)",
    ],
  ],
  [
    "nested objects",
    "a: { x: string; y?: number }; b?: Inner; c: Inner[]; d: Inner & { z: Date }",
    [
      "a Nested(x String, y Nullable(Float64))",
      "b Nested(p Int8, q Nested(r Bool))",
      "c Array(Nested(p Int8, q Nested(r Bool)))",
      "d Nested(p Int8, q Nested(r Bool), z DateTime('UTC'))",
    ],
    "interface Inner { p: Int8; q: { r: boolean } }",
  ],
  [
    "enums",
    "a: Color; b?: Level; c: Color.Green | Color.Blue; d: Key<Level>; e: WithDefault<Color | null, \"'red'\">; f: Level.High; g: Color[]",
    [
      "a Enum8('red' = 1, 'green' = 2, 'blue' = 3)",
      "b Nullable(Enum16('Low' = -1, 'High' = 1000))",
      "c Enum8('green' = 2, 'blue' = 3)",
      "d Enum16('Low' = -1, 'High' = 1000) KEY",
      "e Nullable(Enum8('red' = 1, 'green' = 2, 'blue' = 3)) DEFAULT 'red'",
      "f Enum16('High' = 1000)",
      "g Array(Enum8('red' = 1, 'green' = 2, 'blue' = 3))",
    ],
    "enum Color { Red = 'red', Green = 'green', Blue = 'blue' } enum Level { Low = -1, High = 1000 }",
  ],
  [
    "an enum of one member",
    "a: Only; b?: Only",
    ["a Enum8('x' = 1)", "b Nullable(Enum8('x' = 1))"],
    "enum Only { X = 'x' }",
  ],
  [
    "brands, templates and literals",
    "a: string & { readonly __brand: 'UserId' }; b: `id-${string}`; c: 1 | 2; d: true; e: Date & { readonly __brand: 'At' }; f: 'x' | (string & {})",
    ["a String", "b String", "c Float64", "d Bool", "e DateTime('UTC')", "f String"],
  ],
  [
    "comments",
    "\n/** The name.\n * Second line.\n * @see other */\na: string;\n/** b's */\nb?: number;\n// none\nc: Date",
    ["a String -- The name.\nSecond line.", "b Nullable(Float64) -- b's", "c DateTime('UTC')"],
  ],
  [
    "odd names",
    "'a b': string; \"it's\": number; 'x.y': Date; 1: string",
    ["a b String", "it's Float64", "x.y DateTime('UTC')", "1 String"],
  ],
];

const imports = `import { OlapTable, type OlapConfig, type Key, type WithDefault, type LowCardinality, type Int8, type Int64, type UInt8, type UInt64,
  type Float32, type Float64, type Decimal, type ClickHouseDecimal, type FixedString, type DateTime, type DateTime64,
  type DateTimeString, type DateTime64String, type ClickHouseByteSize, type ClickHouseDefault, type ClickHouseMaterialized,
  type ClickHouseAlias, type ClickHouseTTL, type ClickHouseCodec, type ClickHouseNamedTuple, type Renamed, type tags } from "@514labs/moose-lib";\n`;

describe("the fields of a row become columns", () => {
  test.each(cases)("%s", async (_name, fields, columns, before = "") => {
    const lines = await columnsOf(
      `${imports}${before}\ninterface Row { ${fields} }\nnew OlapTable<Row>("t");\n`,
    );
    expect(lines).toEqual(columns);
  });
});

/** Name of the case, declarations with a `new` at their end, columns. */
const rows: readonly (readonly [name: string, source: string, columns: readonly string[]])[] = [
  [
    "extends: own fields first",
    "interface Base { a: string } interface Row extends Base { b: number } new OlapTable<Row>('t')",
    ["b Float64", "a String"],
  ],
  [
    "an intersection keeps the order of its parts",
    "type Row = { b: string } & { a: number }; new OlapTable<Row>('t')",
    ["b String", "a Float64"],
  ],
  [
    "Pick takes the order of its source",
    "interface A { x: string; y: number; z: Date } new OlapTable<Pick<A, 'z' | 'x'>>('t')",
    ["x String", "z DateTime('UTC')"],
  ],
  [
    "Omit",
    "interface A {\n/** kept */\nx: Key<string>; y: number } new OlapTable<Omit<A, 'y'> & { w: Date }>('t')",
    ["x String KEY -- kept", "w DateTime('UTC')"],
  ],
  [
    "Partial, Required, Readonly",
    "interface A { x: string; y?: number } new OlapTable<Partial<Pick<A, 'x'>> & Required<Readonly<Pick<A, 'y'>>>>('t')",
    ["x Nullable(String)", "y Float64"],
  ],
  [
    "a record of given names is in alphabetical order",
    "new OlapTable<Record<'lon' | 'lat', number>>('t')",
    ["lat Float64", "lon Float64"],
  ],
  [
    "a mapped type",
    "interface A { x: string; y: number } type Stats<T> = { [K in keyof T as `${K & string}_count`]: number }; new OlapTable<Stats<A>>('t')",
    ["x_count Float64", "y_count Float64"],
  ],
  [
    "a generic interface",
    "interface Page<T> { data: T; list: T[] } new OlapTable<Page<{ v: Key<string>[] } extends never ? 1 : { v: string }>>('t')",
    ["data Nested(v String)", "list Array(Nested(v String))"],
  ],
  [
    "a conditional type",
    "type Of<T> = T extends string ? { s: T } : { n: T }; new OlapTable<Of<number>>('t')",
    ["n Float64"],
  ],
  [
    "a class as row",
    "class Row { id = ''; readonly n?: number; #hidden = 1; peek = this.#hidden } new OlapTable<Row>('t')",
    ["id String", "n Nullable(Float64)", "peek Float64"],
  ],
  ["a type alias of the class", "const Table = OlapTable; new Table<{ a: string }>('t')", ["a String"]],
  ["a subclass", "class Events extends OlapTable<{ a: string }> {} new Events('t')", ["a String"]],
  [
    "a generic subclass",
    "class Events<T> extends OlapTable<T & { at: Date }> {} new Events<{ a: string }>('t')",
    ["a String", "at DateTime('UTC')"],
  ],
  [
    "a type argument from the variable's type",
    "const t: OlapTable<{ a: string }> = new OlapTable('t')",
    ["a String"],
  ],
  [
    "a type argument inferred from the options",
    "const options: OlapConfig<{ a: string; b: number }> = {}; new OlapTable('t', options)",
    ["a String", "b Float64"],
  ],
  [
    "in a namespace",
    "namespace N { export interface Row { a: string } } new OlapTable<N.Row>('t')",
    ["a String"],
  ],
  [
    "typeof a value",
    "const sample = { a: 'x', n: 1, list: ['y'] }; new OlapTable<typeof sample>('t')",
    ["a String", "n Float64", "list Array(String)"],
  ],
  [
    "inside of a function",
    "function make() { interface Row { a: string } return new OlapTable<Row>('t') } make()",
    ["a String"],
  ],
];

test("the tags of typia are understood", async () => {
  const lines = await columnsOf({
    "node_modules/typia/package.json": `{ "name": "typia", "version": "1.0.0", "types": "./index.d.ts" }`,
    "node_modules/typia/index.d.ts": `interface TagBase<P> { "typia.tag"?: P }
export declare namespace tags {
  type Format<F extends string> = TagBase<{ target: "string"; kind: "format"; value: F }>;
  type Type<N extends string> = TagBase<{ target: "number"; kind: "type"; value: N }>;
  type MinLength<N extends number> = TagBase<{ target: "string"; kind: "minLength"; value: N }>;
}`,
    "app/index.ts": `${imports.replace(", type tags }", " }")}import type { tags as t } from "typia";
new OlapTable<{ a: Key<string & t.Format<"uuid">>; b: number & t.Type<"uint32">; c: string & t.MinLength<3>; d?: string & t.MinLength<3> & t.Format<"ipv4"> }>("t");`,
  });
  expect(lines).toEqual(["a UUID KEY", "b UInt32", "c String", "d Nullable(IPv4)"]);
});

describe("row types of all shapes are understood", () => {
  test.each(rows)("%s", async (_name, source, columns) => {
    expect(await columnsOf(`${imports}${source};\n`)).toEqual(columns);
  });
});
