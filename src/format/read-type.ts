// The data_type of Moose's JSON becomes ClickHouse's text of the type.

import type { DataField, DataType, EnumMember } from "../infra/datatype.js";
import { quoteString } from "../sql/quote.js";
import { typeText } from "../sql/type.js";
import { readName } from "./checked.js";
import { isObject, type Spot } from "./value.js";

const numbers = ["Int", "UInt"].flatMap((sign) => [8, 16, 32, 64, 128, 256].map((bits) => `${sign}${bits}`));
const shapes = ["Point", "Ring", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];
const sameName = ["String", "Float32", "Float64", "UUID", "IPv4", "IPv6", ...numbers, ...shapes];

/** Moose's names of types without parameters, and ClickHouse's. */
export const simpleTypes: ReadonlyMap<string, string> = new Map([
  ...sameName.map((name) => [name, name] as const),
  ["Boolean", "Bool"],
  ["Date", "Date32"],
  ["Date16", "Date"],
  ["Json", "JSON"],
]);

/** Levels of types inside of types. */
export const maxTypeDepth = 32;

/** What Moose's JSON says of a type: the column's fields beside `data_type` take part. */
export interface TypeSpots {
  readonly dataType: Spot;
  readonly nullable: boolean;
  readonly annotations: readonly (readonly [string, Spot])[];
  /** Where `clickhouse_type` tells the type, `data_type` may be a text that Moose does not know. */
  readonly lenient: boolean;
}

/** ClickHouse's text of the type. */
export function readTypeText(spots: TypeSpots): string {
  const aggregate = aggregateText(spots);
  if (aggregate !== undefined) return aggregate;
  const inner = readDataType(spots.dataType, spots.lenient, 0);
  const isList = inner.kind === "array" || inner.kind === "nested" || inner.kind === "map";
  const nullable = spots.nullable && !isList ? nullableOf(inner) : inner;
  const low = spots.annotations.some(([name, value]) => name === "LowCardinality" && value.value !== false);
  return typeText(low ? { kind: "lowCardinality", inner: nullable } : nullable);
}

function aggregateText({ annotations, lenient }: TypeSpots): string | undefined {
  for (const [name, value] of annotations) {
    if (name === "aggregationFunction") {
      const types = value.field("argumentTypes").list();
      const args = types.map((type) => typeText(readDataType(type, lenient, 0)));
      return `AggregateFunction(${[functionName(value), ...args].join(", ")})`;
    }
    if (name === "simpleAggregationFunction") {
      const type = readDataType(value.field("argumentType"), lenient, 0);
      return `SimpleAggregateFunction(${functionName(value)}, ${typeText(type)})`;
    }
  }
  return undefined;
}

/** `sum` or `quantiles(0.5, 0.9)`. */
function functionName(value: Spot): string {
  const spot = value.field("functionName");
  const name = spot.text();
  if (/^[A-Za-z_][A-Za-z0-9_]*(\([\w.,' -]*\))?$/.test(name)) return name;
  if (typeof spot.value === "string")
    spot.problem("format/bad-name", "functionName is no name of a function");
  return "any";
}

function nullableOf(inner: DataType): DataType {
  return inner.kind === "nullable" ? inner : { kind: "nullable", inner };
}

const text: DataType = { kind: "simple", name: "String" };

function readDataType(spot: Spot, lenient: boolean, depth: number): DataType {
  if (depth > maxTypeDepth) {
    spot.problem("format/deep-type", `${spot.name} is nested more than ${maxTypeDepth} levels deep`);
    return text;
  }
  if (typeof spot.value === "string") return readNamedType(spot, spot.value, lenient);
  if (!spot.isObject) return spot.wrong("the name or the shape of a type", text);
  const inner = (name: string): DataType => readDataType(spot.field(name), lenient, depth + 1);
  const has = (name: string): boolean => spot.field(name).value !== undefined;
  if (has("nullable")) return nullableOf(inner("nullable"));
  if (has("elementType")) {
    const element = inner("elementType");
    return {
      kind: "array",
      element: spot.field("elementNullable").optionalFlag() ? nullableOf(element) : element,
    };
  }
  if (has("keyType")) return { kind: "map", key: inner("keyType"), value: inner("valueType") };
  if (has("fields")) return { kind: "tuple", fields: readFields(spot.field("fields"), lenient, depth) };
  if (has("columns"))
    return { kind: "nested", fields: readNestedColumns(spot.field("columns"), lenient, depth) };
  if (has("values")) return { kind: "enum", members: readMembers(spot.field("values")) };
  if (jsonKeys.some(has)) return { kind: "simple", name: readJsonOptions(spot, lenient, depth) };
  spot.problem("format/unknown-type", `${spot.name} has none of the shapes of a type`);
  return text;
}

function readNamedType(spot: Spot, name: string, lenient: boolean): DataType {
  const simple = simpleTypes.get(name);
  if (simple !== undefined) return { kind: "simple", name: simple };
  if (name === "DateTime") return { kind: "dateTime", timezone: "UTC" };
  const [, kind, first, second] =
    /^(DateTime|FixedString|Decimal)\((\d{1,8})(?:, ?(\d{1,2}))?\)$/.exec(name) ?? [];
  const [a, b] = [Number(first), Number(second)];
  if (kind === "DateTime" && second === undefined && a <= 9) return { kind: "dateTime64", precision: a };
  if (kind === "FixedString" && second === undefined && a > 0) return { kind: "fixedString", length: a };
  if (kind === "Decimal" && a >= 1 && a <= 76 && b <= a) return { kind: "decimal", precision: a, scale: b };
  if (!lenient) {
    const shown = name.length > 60 ? `${name.slice(0, 60)}..` : name;
    spot.problem(
      "format/unknown-type",
      `${spot.name} names a type that is not known: ${shown}`,
      "beside it, clickhouse_type can name any type of ClickHouse",
    );
  }
  return { kind: "simple", name };
}

/** `[[name, type], ..]` */
function readFields(spot: Spot, lenient: boolean, depth: number): readonly DataField[] {
  return spot.list().map((pair) => {
    const [name, type, ...more] = pair.list();
    if (name === undefined || type === undefined || more.length > 0) {
      pair.problem("format/wrong-type", `${pair.name} must be a name and a type`);
      return { name: "", type: text };
    }
    return { name: readName(name), type: readDataType(type, lenient, depth + 1) };
  });
}

/** The fields of a Nested are columns in Moose's JSON. */
function readNestedColumns(spot: Spot, lenient: boolean, depth: number): readonly DataField[] {
  return spot.list().map((column) => {
    const type = readDataType(column.field("data_type"), lenient, depth + 1);
    const required = column.field("required").isAbsent || column.field("required").flag();
    const isList = type.kind === "array" || type.kind === "nested" || type.kind === "map";
    return { name: readName(column.field("name")), type: required || isList ? type : nullableOf(type) };
  });
}

/** Texts are numbered by their order, as the existing tool does. */
function readMembers(spot: Spot): readonly EnumMember[] {
  const members = spot.list().map((member, index): EnumMember => {
    const value = member.field("value");
    const asText = value.field("String");
    if (asText.value !== undefined) return { name: asText.text(), value: index + 1 };
    const name = member.field("name").text();
    return { name, value: value.field("Int").wholeNumber(-32768, 32767) };
  });
  const doubled = (key: "name" | "value") =>
    new Set(members.map((member) => member[key])).size < members.length;
  if (members.length === 0 || doubled("name") || doubled("value")) {
    spot.problem("format/bad-enum", "an enum needs members, each with a name and a number of its own");
  }
  return members;
}

/** The enum that the text names, with the names that its members have in the code; undefined for any other type. */
export function namedEnum(spot: Spot): DataType | undefined {
  const { name, values } = isObject(spot.value) ? spot.value : {};
  if (typeof name !== "string" || name === "" || !Array.isArray(values)) return undefined;
  const members = values.flatMap((member: unknown, index): readonly EnumMember[] => {
    if (!isObject(member) || typeof member.name !== "string" || !isObject(member.value)) return [];
    const { String: text, Int: value } = member.value;
    if (typeof text === "string") return [{ name: text, value: index + 1, key: member.name }];
    return typeof value === "number" ? [{ name: member.name, value }] : [];
  });
  return members.length === values.length ? { kind: "enum", name, members } : undefined;
}

const jsonKeys = ["typed_paths", "max_dynamic_paths", "max_dynamic_types", "skip_paths", "skip_regexps"];

function readJsonOptions(spot: Spot, lenient: boolean, depth: number): string {
  const limits = ["max_dynamic_paths", "max_dynamic_types"].flatMap((name) => {
    const limit = spot.field(name);
    return limit.isAbsent ? [] : [`${name}=${limit.wholeNumber(0, 100_000)}`];
  });
  const typed = spot.field("typed_paths");
  const paths = typed.isAbsent ? [] : readFields(typed, lenient, depth);
  const skipped = spot.field("skip_paths").optionalList().map(readName);
  const patterns = spot
    .field("skip_regexps")
    .optionalList()
    .map((one) => one.text());
  const options = [
    ...limits,
    ...paths.map(({ name, type }) => `${jsonPath(name)} ${typeText(type)}`),
    ...skipped.map((path) => `SKIP ${jsonPath(path)}`),
    ...patterns.map((pattern) => `SKIP REGEXP ${quoteString(pattern)}`),
  ];
  return options.length === 0 ? "JSON" : `JSON(${options.join(", ")})`;
}

function jsonPath(path: string): string {
  const step = (part: string) =>
    /^[A-Za-z_]\w*$/.test(part) ? part : `\`${part.replace(/[\\`]/g, "\\$&")}\``;
  return path.split(".").map(step).join(".");
}
