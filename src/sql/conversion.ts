// What happens to the values of a column when its type changes: which conversions are safe, and how to find the values
// that are not. ClickHouse converts without asking: 70000 becomes 4464 in an Int16, and an Enum whose numbers
// change can no longer be read (measured on 26.7).

import { quoteString } from "./quote.js";
import {
  enumMembers,
  isNullable,
  readElement,
  readType,
  typeOfValues,
  unwrapType,
  withoutNulls,
  withValues,
} from "./type-tree.js";

/** True when every value of `before` has the same meaning in `after`, whatever the value. */
export function isWidening(before: string, after: string): boolean {
  const from = bareOf(before);
  const to = bareOf(after);
  if (from === to) return true;
  const target = readType(to);
  if (target.name === "Nullable") return isWidening(unwrapType(from, "Nullable"), target.args[0] ?? "");
  const source = readType(from);
  if (source.name === "Nullable") return false;
  if (target.name === "String") return isScalar(source.name);
  if (isContainer(source.name) && source.name === target.name) {
    return (
      source.args.length === target.args.length &&
      source.args.every((arg, i) => isWidening(arg, target.args[i] ?? ""))
    );
  }
  return isWideningEnum(from, to) || isWideningNumber(from, to) || isWideningTime(from, to);
}

/**
 * The type that values pass through where a direct change would corrupt them or fail. An Enum in which a member changes
 * its number is read back by number, so it goes by way of String. So does a FixedString that is to be read as something
 * else: the server reads its zero bytes too, even those of a NULL (41, 38, 467 on 26.7). Undefined where none is needed.
 */
export function intermediateType(before: string, after: string): string | undefined {
  if (renumbersEnum(typeOfValues(before), typeOfValues(after))) return withValues(after, withoutEnums);
  return isFixedString(before) && !isText(bareName(after)) ? withoutFixedString(before) : undefined;
}

/**
 * True where the server converts without an error and can then read nothing of the column: it looks for the file of a
 * Variant in what it has written as a Dynamic, which has one of the same name. Measured on 26.7, in parts of the wide
 * form with another column: so it is also inside of an Array, and of a Tuple under the same name; a Map is read.
 */
export function becomesUnreadable(before: string, after: string): boolean {
  const dynamics = new Set(filesOf(typeOfValues(after), "Dynamic"));
  return filesOf(typeOfValues(before), "Variant").some((file) => dynamics.has(file));
}

/** Where the kinds of the values inside of a Variant or a Dynamic are stored: the names of the elements on the way there. */
function filesOf(type: string, wanted: "Variant" | "Dynamic"): readonly string[] {
  const { name, args } = readType(type);
  if (name === wanted) return [""];
  if (name === "Array") return filesOf(args[0] ?? "", wanted);
  if (!hasElements(name)) return [];
  return args.flatMap((arg, index) => {
    const element = readElement(arg);
    return filesOf(element.type, wanted).map((file) => `${element.name ?? index + 1}.${file}`);
  });
}

function bareOf(type: string): string {
  return unwrapType(typeOfValues(type), "LowCardinality");
}

function bareName(type: string): string {
  return readType(withoutNulls(bareOf(type))).name;
}

function isFixedString(type: string): boolean {
  return bareName(type) === "FixedString";
}

function withoutFixedString(type: string): string {
  return isNullable(type) ? "Nullable(String)" : "String";
}

/**
 * A condition in SQL that is true for the values that `after` cannot hold unchanged.
 *
 * @param value - SQL of the column
 * @returns `0` where no value can fail
 */
export function failingCondition(value: string, before: string, after: string, depth = 0): string {
  const from = bareOf(before);
  const to = bareOf(after);
  if (isWidening(from, to)) return "0";
  const source = readType(from);
  const target = readType(to);
  if (source.name === "Nullable") {
    const inner = failingCondition(
      `assumeNotNull(${value})`,
      source.args[0] ?? "",
      unwrapType(to, "Nullable"),
      depth,
    );
    return target.name === "Nullable"
      ? `(${value} IS NOT NULL AND ${inner})`
      : `(${value} IS NULL OR ${inner})`;
  }
  if (target.name === "Nullable") return failingCondition(value, from, target.args[0] ?? "", depth);
  if (source.name === "Array" && target.name === "Array") {
    return failingElement(value, source.args[0] ?? "", target.args[0] ?? "", depth);
  }
  if (source.name === "Map" && target.name === "Map") {
    const keys = failingElement(`mapKeys(${value})`, source.args[0] ?? "", target.args[0] ?? "", depth);
    const values = failingElement(`mapValues(${value})`, source.args[1] ?? "", target.args[1] ?? "", depth);
    return `(${keys} OR ${values})`;
  }
  return failingScalar(value, from, to);
}

function failingElement(array: string, before: string, after: string, depth: number): string {
  const element = `e${depth}`;
  const condition = failingCondition(element, before, after, depth + 1);
  return condition === "0" ? "0" : `arrayExists(${element} -> ${condition}, ${array})`;
}

function failingScalar(value: string, from: string, to: string): string {
  // It goes by way of String, and is looked at as one.
  if (isFixedString(from) && !isText(bareName(to)))
    return failingScalar(`CAST(${value}, 'String')`, "String", to);
  const members = enumMembers(to);
  const source = readType(from).name;
  if (members !== undefined && (isText(source) || enumMembers(from) !== undefined)) {
    return `toString(${value}) NOT IN (${[...members.keys()].map(quoteString).join(", ")})`;
  }
  if (isText(source) && !isScalar(readType(to).name)) return failingReading(value, to);
  const there = `accurateCastOrNull(${value}, ${quoteString(to)})`;
  // Text that can be read is meant to be read: '007' may become 7.
  if (isText(source)) return `${there} IS NULL`;
  if (!isScalar(source) || !isScalar(readType(to).name)) {
    return `toString(${convertedValue(convertedValue(value, from, to), to, from)}) != toString(${value})`;
  }
  const back = `accurateCastOrNull(${there}, ${quoteString(from)})`;
  const changed = `(${there} IS NULL OR ifNull(${back} != ${value}, 1))`;
  return source.startsWith("Float") && to.startsWith("Float")
    ? `(NOT isNaN(${value}) AND ${changed})`
    : changed;
}

/** A text that cannot be read as such a value makes the check itself fail, which tells as much. */
function failingReading(text: string, to: string): string {
  const read = `CAST(${text}, ${quoteString(to)})`;
  // 'NULL' is read as NULL by a Variant.
  if (holdsAnything.has(readType(to).name)) return `isNull(${read})`;
  // What is read is never empty: a list of any kind is printed in brackets.
  return `empty(toString(${read}))`;
}

const holdsAnything = new Set(["Variant", "Dynamic"]);

/** SQL of the value under its new type, by way of the one that values pass through. */
export function convertedValue(value: string, from: string, to: string): string {
  const through = intermediateType(from, to);
  const first = through === undefined ? value : `CAST(${value}, ${quoteString(through)})`;
  return `CAST(${first}, ${quoteString(to)})`;
}

function isText(name: string): boolean {
  return name === "String" || name === "FixedString";
}

/** They cannot be inside of Nullable, so that there is no cast that gives NULL. */
const compound = new Set([
  "Array",
  "Map",
  "Tuple",
  "Nested",
  "Variant",
  "Dynamic",
  "JSON",
  "AggregateFunction",
  "Point",
  "Ring",
  "LineString",
  "MultiLineString",
  "Polygon",
  "MultiPolygon",
  "Geometry",
]);

function isScalar(name: string): boolean {
  return !compound.has(name);
}

function isContainer(name: string): boolean {
  return name === "Array" || name === "Map";
}

function isWideningEnum(from: string, to: string): boolean {
  const before = enumMembers(from);
  const after = enumMembers(to);
  if (before === undefined || after === undefined) return false;
  return [...before].every(([name, value]) => after.get(name) === value);
}

/** Bits that carry an integer's magnitude. */
function integerBits(type: string): { signed: boolean; bits: number } | undefined {
  const match = /^(U?)Int(\d+)$/.exec(type);
  if (match === null) return undefined;
  const signed = match[1] === "";
  return { signed, bits: Number(match[2]) - (signed ? 1 : 0) };
}

/** Integers up to this size are exact in a float. */
const exactBits: Readonly<Record<string, number>> = { Float32: 24, Float64: 53 };

function isWideningNumber(from: string, to: string): boolean {
  const before = from === "Bool" ? { signed: false, bits: 1 } : integerBits(from);
  const after = integerBits(to);
  if (before !== undefined && after !== undefined) {
    return before.bits <= after.bits && (after.signed || !before.signed);
  }
  if (before !== undefined) return before.bits <= (exactBits[to] ?? 0);
  if (from === "Float32" && to === "Float64") return true;
  return isWideningDecimal(from, to);
}

function isWideningDecimal(from: string, to: string): boolean {
  const [before, after] = [readType(from), readType(to)];
  if (before.name !== "Decimal" || after.name !== "Decimal") return false;
  const [precision = 0, scale = 0] = before.args.map(Number);
  const [newPrecision = 0, newScale = 0] = after.args.map(Number);
  return newScale >= scale && newPrecision - newScale >= precision - scale;
}

/** A change of the time zone alone keeps the instant. DateTime64 with more digits has a shorter range, so it is checked. */
function isWideningTime(from: string, to: string): boolean {
  const [before, after] = [readType(from), readType(to)];
  if (before.name === "DateTime" && after.name === "DateTime") return true;
  if (before.name === "DateTime64" && after.name === "DateTime64") return before.args[0] === after.args[0];
  if (before.name === "DateTime" && after.name === "DateTime64") return Number(after.args[0]) <= 8;
  return before.name === "Date" && after.name === "Date32";
}

function renumbersEnum(before: string, after: string): boolean {
  const [from, to] = [enumMembers(before), enumMembers(after)];
  if (from !== undefined && to !== undefined) {
    return [...from].some(([name, value]) => to.has(name) && to.get(name) !== value);
  }
  const [source, target] = [readType(before), readType(after)];
  if (wrappers.has(source.name) && !wrappers.has(target.name))
    return renumbersEnum(source.args[0] ?? "", after);
  if (wrappers.has(target.name) && !wrappers.has(source.name))
    return renumbersEnum(before, target.args[0] ?? "");
  if (source.name !== target.name) return false;
  return source.args.some((arg, i) =>
    renumbersEnum(readElement(arg).type, readElement(target.args[i] ?? "").type),
  );
}

function hasElements(name: string): boolean {
  return name === "Tuple" || name === "Nested";
}

const wrappers = new Set(["Nullable", "LowCardinality"]);

function withoutEnums(type: string): string {
  if (enumMembers(type) !== undefined) return "String";
  const { name, args } = readType(type);
  if (!isContainer(name) && !wrappers.has(name) && !hasElements(name)) return type;
  const inner = args
    .map(readElement)
    .map((element) => [element.name ?? [], withoutEnums(element.type)].flat().join(" "));
  return `${name}(${inner.join(", ")})`;
}
