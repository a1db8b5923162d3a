// Random column types, the types near them, and SQL that makes values for them.

import fc from "fast-check";
import { quoteString } from "../../src/sql/quote.js";

type Family = "int" | "float" | "decimal" | "string" | "time" | "enum" | "id" | Special;
/** Types that are not compared or cannot be wrapped freely, so that they are in no key and no index. */
type Special = "json" | "dynamic" | "geo" | "clock" | "state";

const families: Readonly<Record<Family, readonly string[]>> = {
  int: [
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Int128",
    "Int256",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "UInt128",
    "UInt256",
    "Bool",
    "INT",
    "BIGINT",
  ],
  float: ["Float32", "Float64", "DOUBLE", "BFloat16"],
  decimal: ["Decimal(5, 0)", "Decimal(9, 2)", "Decimal(18, 4)", "Decimal(38, 10)", "Decimal(76, 20)"],
  string: ["String", "FixedString(4)", "FixedString(20)", "VARCHAR(10)"],
  time: [
    "Date",
    "Date32",
    "DateTime",
    "DateTime('UTC')",
    "DateTime64(0, 'UTC')",
    "DateTime64(3, 'UTC')",
    "DateTime64(6)",
    "DateTime64(9, 'UTC')",
    "DateTime('Europe/Berlin')",
  ],
  enum: [
    "Enum8('1' = 1, '2' = 2, '3' = 3)",
    "Enum8('1' = 1, '2' = 2, '3' = 3, '4' = 4)",
    "Enum8('1' = 1, 'x' = 2, '2' = 3, '3' = 4)",
    "Enum8('2' = 1, '3' = 2)",
    "Enum16('1' = 1, '2' = 2, '3' = 3, 'it''s' = -300)",
    "Enum('1', '2', '3')",
  ],
  id: ["UUID", "IPv4", "IPv6"],
  json: [
    "JSON",
    "JSON(max_dynamic_paths=8)",
    "JSON(a UInt8, SKIP b)",
    "JSON(max_dynamic_types=4, a Int64, SKIP REGEXP 'z.*')",
  ],
  dynamic: [
    "Dynamic",
    "Dynamic(max_types=5)",
    "Variant(String, UInt64)",
    "Variant(Array(UInt8), Bool, String)",
  ],
  geo: ["Point", "Ring", "LineString", "MultiLineString", "Polygon", "MultiPolygon"],
  clock: ["Time", "Time64(3)", "Time64(9)"],
  state: [
    "AggregateFunction(sum, UInt64)",
    "AggregateFunction(quantiles(0.5,0.9), Float64)",
    "AggregateFunction(uniq, String)",
    "SimpleAggregateFunction(max, UInt64)",
    "SimpleAggregateFunction(anyLast, Nullable(String))",
    "SimpleAggregateFunction(groupArrayArray, Array(String))",
    "AggregateFunction(avg, Float64)",
    "AggregateFunction(argMax, String, UInt64)",
    "AggregateFunction(groupArray, String)",
    "SimpleAggregateFunction(sum, UInt64)",
  ],
};

const compared = ["int", "float", "decimal", "string", "time", "enum", "id"] as const;
const special = ["json", "dynamic", "geo", "clock", "state"] as const;

const isSpecial = ({ family }: RawType): boolean => special.some((one) => one === family);

const wraps = [
  "plain",
  "nullable",
  "lowCardinality",
  "lowCardinalityNullable",
  "array",
  "arrayNullable",
  "arrayArray",
  "map",
  "mapOfLowCardinality",
  "tuple",
  "namedTuple",
  "nested",
] as const;

type Wrap = (typeof wraps)[number];

/** A type as choices, so that it can be changed a little and shrinks well. */
export interface RawType {
  readonly family: Family;
  readonly member: number;
  readonly wrap: Wrap;
}

const wrap: fc.Arbitrary<Wrap> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Wrap>("plain") },
  { weight: 2, arbitrary: fc.constant<Wrap>("nullable") },
  { weight: 4, arbitrary: fc.constantFrom(...wraps) },
);

export const rawType: fc.Arbitrary<RawType> = fc.record({
  family: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Family>(...compared) },
    { weight: 1, arbitrary: fc.constantFrom<Family>(...special, "state") },
  ),
  member: fc.nat(20),
  wrap,
});

/** A type of the same family, or the same type in another wrapping. */
export const nearType: fc.Arbitrary<(type: RawType) => RawType> = fc
  .record({ member: fc.nat(20), wrap, what: fc.constantFrom("member", "wrap", "both", "string") })
  .map(({ member, wrap: newWrap, what }) => (type: RawType): RawType => {
    if (what === "member") return { ...type, member };
    if (what === "wrap") return { ...type, wrap: newWrap };
    if (what === "both") return { ...type, member, wrap: newWrap };
    return { family: "string", member: 0, wrap: type.wrap };
  });

function memberOf(type: RawType): string {
  const members = families[type.family];
  return members[type.member % members.length] ?? "String";
}

function hasLowCardinality(type: RawType): boolean {
  return type.family === "string";
}

/** Of the special ones only lists and tuples are made, and of states of functions nothing. */
function wrapOf(type: RawType): Wrap {
  if (!isSpecial(type)) return type.wrap;
  const isWrapped = type.family !== "state" && (type.wrap === "array" || type.wrap === "namedTuple");
  return isWrapped ? type.wrap : "plain";
}

/** The type's text as a user may write it. */
export function textOf(type: RawType): string {
  const base = memberOf(type);
  switch (wrapOf(type)) {
    case "plain":
      return base;
    case "nullable":
      return `Nullable(${base})`;
    case "lowCardinality":
      return hasLowCardinality(type) ? `LowCardinality(${base})` : base;
    case "lowCardinalityNullable":
      return hasLowCardinality(type) ? `LowCardinality(Nullable(${base}))` : `Nullable(${base})`;
    case "array":
      return `Array(${base})`;
    case "arrayNullable":
      return `Array(Nullable(${base}))`;
    case "arrayArray":
      return `Array(Array(${base}))`;
    case "map":
      return `Map(String, ${base})`;
    case "mapOfLowCardinality":
      return `Map(LowCardinality(String), ${base})`;
    case "tuple":
      return `Tuple(${base}, String)`;
    case "namedTuple":
      return `Tuple(x ${base}, \`odd na\\\`me\` Nullable(Int32))`;
    case "nested":
      return `Nested(a ${base}, c String)`;
  }
}

export function isScalar(type: RawType): boolean {
  return !isSpecial(type) && ["plain", "nullable", "lowCardinality"].includes(type.wrap);
}

/** Made of several columns inside, which some engines do not take. */
export function isDynamic({ family }: RawType): boolean {
  return family === "json" || family === "dynamic";
}

/** A single value that keys and indexes can be over. */
export function isPlain(type: RawType): boolean {
  if (isSpecial(type)) return false;
  return type.wrap === "plain" || (type.wrap === "lowCardinality" && !hasLowCardinality(type));
}

/** How the values of a column are made. */
export type ValueMode = "tame" | "tameWithNulls" | "wild";

/** The engine's generator makes no states and no BFloat16, and of JSON no two alike. */
export function isWild(type: RawType, mode: ValueMode): boolean {
  return mode === "wild" && !isSpecial(type) && memberOf(type) !== "BFloat16";
}

/**
 * SQL of a value of the type. Tame ones are small and alike in every family, so that many conversions fit;
 * wild ones come from the engine's own generator.
 *
 * @param wild - SQL of the random value
 */
export function valueSql(type: RawType, mode: ValueMode, wild: string): string {
  const text = textOf(type);
  if (isWild(type, mode)) return wild;
  const n = "rowNumberInAllBlocks()";
  const one = tameScalar(type, n);
  const nullable = mode === "tameWithNulls" ? `if(${n} % 5 = 2, NULL, ${one})` : one;
  const cast = (sql: string) => `CAST(${sql}, ${quoteString(text)})`;
  switch (wrapOf(type)) {
    case "plain":
    case "lowCardinality":
      return cast(one);
    case "nullable":
    case "lowCardinalityNullable":
      return cast(nullable);
    case "array":
      return cast(`arraySlice([${one}, ${one}], 1, ${n} % 3)`);
    case "arrayNullable":
      return cast(`[${one}, ${nullable}]`);
    case "arrayArray":
      return cast(`[[${one}], []]`);
    case "map":
    case "mapOfLowCardinality":
      return cast(`map('k', ${one}, 'l', ${one})`);
    case "tuple":
      return cast(`tuple(${one}, 's')`);
    case "namedTuple":
      return cast(`tuple(${one}, toInt32(3))`);
    case "nested":
      return cast(`[tuple(${one}, 's')]`);
  }
}

function tameScalar(type: RawType, n: string): string {
  const text = quoteString(memberOf(type));
  switch (type.family) {
    case "int":
    case "float":
    case "decimal":
      return `CAST(${n} % 3 + 1, ${text})`;
    case "string":
    case "enum":
      return `CAST(toString(${n} % 2 + 2), ${text})`;
    case "time":
      return `CAST(toDateTime('2024-01-05 00:00:00', 'UTC') + ${n} * 86400, ${text})`;
    case "id":
      return `defaultValueOfTypeName(${text})`;
    case "json":
      return `CAST(concat('{"a":', toString(${n} % 3), ',"b":"x","c":{"d":[1,2]}}'), ${text})`;
    case "dynamic":
      return `CAST(toString(${n} % 3), ${text})`;
    case "geo":
      return geoValue(memberOf(type), n);
    case "clock":
      return `CAST(toInt32(${n} * 61), ${text})`;
    case "state":
      return stateValue(memberOf(type), n);
  }
}

function geoValue(type: string, n: string): string {
  const point = `(toFloat64(${n}), 1.5)`;
  if (type === "Point") return `CAST(${point}, 'Point')`;
  if (type === "Ring" || type === "LineString") return `CAST([${point}, ${point}], '${type}')`;
  const list = `[[${point}]]`;
  return `CAST(${type === "MultiPolygon" ? `[${list}]` : list}, '${type}')`;
}

/** A state only comes of its function. */
function stateValue(type: string, n: string): string {
  if (type === "SimpleAggregateFunction(sum, UInt64)") return `toUInt64(${n})`;
  if (type.includes("(sum,")) return `arrayReduce('sumState', [toUInt64(${n})])`;
  if (type.includes("quantiles")) return `arrayReduce('quantilesState(0.5, 0.9)', [toFloat64(${n})])`;
  if (type.includes("(avg,")) return `arrayReduce('avgState', [toFloat64(${n})])`;
  if (type.includes("(argMax,")) return `arrayReduce('argMaxState', [toString(${n})], [toUInt64(${n})])`;
  if (type.includes("(groupArray,")) return `arrayReduce('groupArrayState', [toString(${n})])`;
  if (type.includes("(uniq,")) return `arrayReduce('uniqState', [toString(${n})])`;
  if (type.includes("groupArray")) return `[toString(${n})]`;
  return type.includes("UInt64") ? `toUInt64(${n})` : `toString(${n})`;
}
