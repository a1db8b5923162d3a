// Plain values: text, numbers, truth values, times, and the ClickHouse types that a tag names.

import type { DataType } from "../../../src/infra/datatype.js";
import {
  everyHasFlag,
  failed,
  hasFlag,
  languageClass,
  problem,
  type ReadContext,
  type Reading,
  type Rule,
  type Spot,
  singleBase,
  type TagValue,
  typeName,
  type Value,
} from "./context.js";

const simple = (name: string): DataType => ({ kind: "simple", name });

/** Types of TypeScript that hold no value of a known kind. */
export const valueless: Rule = (context, spot, value) => {
  const base = singleBase(value);
  if (base === undefined) return undefined;
  const { TypeFlags } = context.ts;
  const named = "write the type of the value: string, number, boolean, Date, ..";
  if (hasFlag(base, TypeFlags.Any)) return problem(context, spot, "schema/any-type", "is of type any", named);
  if (hasFlag(base, TypeFlags.Unknown)) {
    return problem(context, spot, "schema/unknown-type", "is of type unknown", named);
  }
  if (hasFlag(base, TypeFlags.ESSymbolLike)) {
    return problem(context, spot, "schema/symbol", "is a symbol, which cannot be stored", "write string");
  }
  if (hasFlag(base, TypeFlags.NonPrimitive)) {
    const hint = "write an interface with its fields, or Record<string, any> for JSON";
    return problem(context, spot, "schema/object-type", "is of type object", hint);
  }
  return undefined;
};

/** A type by its own text; whether there is such a type, the server says. */
export const storedAs: Rule = (_context, _spot, value) => {
  const text = value.tags.get("storedAs")?.[0];
  return typeof text === "string" && text !== "" ? simple(text) : undefined;
};

/** `boolean` is the union of `true` and `false`. */
export const booleans: Rule = (context, _spot, value) =>
  everyHasFlag(value, context.ts.TypeFlags.BooleanLike) ? simple("Bool") : undefined;

export const strings: Rule = (context, _spot, value) =>
  everyHasFlag(value, context.ts.TypeFlags.StringLike) ? simple("String") : undefined;

export const numbers: Rule = (context, _spot, value) =>
  everyHasFlag(value, context.ts.TypeFlags.NumberLike) ? simple("Float64") : undefined;

export const bigints: Rule = (context, _spot, value) =>
  everyHasFlag(value, context.ts.TypeFlags.BigIntLike) ? simple("Int64") : undefined;

export const dates: Rule = (context, spot, value) => {
  const base = singleBase(value);
  if (base === undefined || languageClass(context, base) !== "Date") return undefined;
  if (!value.tags.has("precision")) return { kind: "dateTime", timezone: "UTC" };
  const precision = precisionOf(context, spot, value);
  return precision === failed ? failed : { kind: "dateTime64", precision };
};

function precisionOf(context: ReadContext, spot: Spot, value: Value): Reading<number> {
  const precision = value.tags.get("precision")?.[0];
  if (isWholeNumber(precision, 0, 9)) return precision;
  const hint = "write DateTime64<3> for milliseconds";
  return problem(context, spot, "schema/precision", "has a precision that is no number from 0 to 9", hint);
}

function isWholeNumber(value: TagValue, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

/** Strings whose format has a ClickHouse type of its own. */
export const formats: Rule = (context, spot, value) => {
  const format = value.tags.get("format")?.[0];
  if (typeof format !== "string" || !everyHasFlag(value, context.ts.TypeFlags.StringLike)) return undefined;
  return readFormat[format]?.(context, spot, value);
};

const readFormat: Readonly<
  Record<string, (context: ReadContext, spot: Spot, value: Value) => Reading<DataType>>
> = {
  uuid: () => simple("UUID"),
  ipv4: () => simple("IPv4"),
  ipv6: () => simple("IPv6"),
  date: (_context, _spot, value) => simple(value.tags.get("byteSize")?.[0] === 2 ? "Date" : "Date32"),
  "date-time": (context, spot, value) => {
    const precision = value.tags.has("precision") ? precisionOf(context, spot, value) : 9;
    return precision === failed ? failed : { kind: "dateTime64", precision };
  },
};

/** A ClickHouse type that a tag names: the TypeScript types that can carry it, and how its parameters are read. */
interface TaggedType {
  readonly carriers: readonly ("string" | "number" | "bigint" | "any value")[];
  /** `undefined` where the parameters are wrong. */
  readonly read: (parameters: readonly TagValue[]) => DataType | undefined;
  readonly example: string;
}

const number = (name: string, carriers: TaggedType["carriers"]): readonly [string, TaggedType] => [
  name,
  { carriers, read: () => simple(name), example: `number & ClickHouseType<"${name}">` },
];

const taggedTypes: ReadonlyMap<string, TaggedType> = new Map([
  ...["Int", "UInt"].flatMap((sign) =>
    [8, 16, 32, 64].map((bits) => number(`${sign}${bits}`, ["number", "bigint"])),
  ),
  ...["Int128", "Int256", "UInt128", "UInt256"].map((name) => number(name, ["bigint", "string", "number"])),
  ...["Float32", "Float64", "BFloat16"].map((name) => number(name, ["number"])),
  ...["Date32", "Time", "IPv4", "IPv6", "UUID"].map((name): readonly [string, TaggedType] => [
    name,
    { carriers: ["string"], read: () => simple(name), example: name },
  ]),
  ["Time64", { carriers: ["string"], read: readTime64, example: "Time64<3>" }],
  ["Dynamic", { carriers: ["any value"], read: readDynamic, example: "Dynamic<8>" }],
  ["Decimal", { carriers: ["string", "number"], read: readDecimal, example: "Decimal<10, 2>" }],
  ["FixedString", { carriers: ["string"], read: readFixedString, example: "FixedString<16>" }],
]);

function readDecimal([precision, scale]: readonly TagValue[]): DataType | undefined {
  if (!isWholeNumber(precision, 1, 76) || !isWholeNumber(scale, 0, precision)) return undefined;
  return { kind: "decimal", precision, scale };
}

function readFixedString([length]: readonly TagValue[]): DataType | undefined {
  return isWholeNumber(length, 1, 0xff_ff_ff) ? { kind: "fixedString", length } : undefined;
}

function readTime64([precision]: readonly TagValue[]): DataType | undefined {
  return isWholeNumber(precision, 0, 9) ? { kind: "time64", precision } : undefined;
}

/** The server's own number is not printed. */
function readDynamic([maxTypes]: readonly TagValue[]): DataType | undefined {
  if (!isWholeNumber(maxTypes, 0, 254)) return undefined;
  return simple(maxTypes === 32 ? "Dynamic" : `Dynamic(max_types=${maxTypes})`);
}

export const tagged: Rule = (context, spot, value) => {
  const tag = value.tags.get("type")?.[0];
  if (tag === undefined) return undefined;
  const [name, ...parameters] = Array.isArray(tag) ? (tag as readonly TagValue[]) : [tag];
  const known = taggedTypes.get(String(name));
  if (known === undefined) {
    const hint = `write one of ${[...taggedTypes.keys()].join(", ")}`;
    return problem(
      context,
      spot,
      "schema/unknown-clickhouse-type",
      `names the ClickHouse type ${name}`,
      hint,
    );
  }
  if (!known.carriers.some((carrier) => isCarrier(context, value, carrier))) {
    const says = `is ${typeName(context, value.type)}, which cannot be a ${name}`;
    return problem(context, spot, "schema/carrier", says, `put ${name} on ${known.carriers.join(" or ")}`);
  }
  const type = known.read(parameters);
  if (type !== undefined) return type;
  return problem(context, spot, "schema/type-parameters", `has no valid ${name}`, `write ${known.example}`);
};

function isCarrier(context: ReadContext, value: Value, carrier: TaggedType["carriers"][number]): boolean {
  const { TypeFlags } = context.ts;
  switch (carrier) {
    case "any value":
      return true;
    case "string":
      return everyHasFlag(value, TypeFlags.StringLike);
    case "number":
      return everyHasFlag(value, TypeFlags.NumberLike);
    case "bigint":
      return everyHasFlag(value, TypeFlags.BigIntLike);
  }
}
