// Which changes of type are safe, and how the values that do not fit are found.

import { expect, test } from "vitest";
import {
  becomesUnreadable,
  failingCondition,
  intermediateType,
  isWidening,
} from "../../src/sql/conversion.js";

test.each([
  ["Int8", "Int16"],
  ["UInt8", "Int16"],
  ["UInt64", "Int128"],
  ["Int32", "Float64"],
  ["UInt16", "Float32"],
  ["Float32", "Float64"],
  ["Bool", "UInt8"],
  ["UInt8", "String"],
  ["String", "LowCardinality(String)"],
  ["LowCardinality(String)", "String"],
  ["Int8", "Nullable(Int64)"],
  ["Nullable(Int8)", "Nullable(Int64)"],
  ["Decimal(9, 2)", "Decimal(18, 4)"],
  ["Date", "Date32"],
  ["DateTime('UTC')", "DateTime('Europe/Berlin')"],
  ["DateTime('UTC')", "DateTime64(3, 'UTC')"],
  ["DateTime64(3, 'UTC')", "DateTime64(3)"],
  ["Enum8('a' = 1)", "Enum16('a' = 1, 'b' = 300)"],
  ["Array(Int8)", "Array(Nullable(Int16))"],
  ["Map(String, UInt8)", "Map(LowCardinality(String), UInt16)"],
])("%s -> %s loses nothing, ever", (before, after) => {
  expect(isWidening(before, after)).toBe(true);
  expect(failingCondition("`v`", before, after)).toBe("0");
});

test.each([
  ["Int16", "Int8"],
  ["Int8", "UInt16"],
  ["UInt8", "Int8"],
  ["Int64", "Float64"],
  ["Float64", "Float32"],
  ["Nullable(String)", "String"],
  ["String", "UInt64"],
  ["Decimal(9, 2)", "Decimal(9, 4)"],
  ["DateTime64(3)", "DateTime"],
  ["DateTime64(3)", "DateTime64(6)"],
  ["DateTime", "DateTime64(9)"],
  ["DateTime", "Date"],
  ["Enum8('a' = 1, 'b' = 2)", "Enum8('a' = 1)"],
  ["Enum8('a' = 1)", "Enum8('a' = 2)"],
  ["Array(Int16)", "Array(Int8)"],
  ["Array(UInt8)", "String"],
  ["Tuple(a Int8)", "Tuple(a Int16)"],
])("%s -> %s is looked at", (before, after) => {
  expect(isWidening(before, after)).toBe(false);
  expect(failingCondition("`v`", before, after)).toContain("`v`");
});

test.each([
  ["Enum8('a' = 1, 'c' = 2)", "Enum8('a' = 1, 'b' = 2, 'c' = 3)", "String"],
  ["Nullable(Enum8('a' = 1))", "Enum8('a' = 2)", "String"],
  ["Array(Enum8('a' = 1))", "Array(Enum8('a' = 2))", "Array(String)"],
  ["Map(String, Enum8('a' = 1))", "Map(String, Enum8('a' = 2))", "Map(String, String)"],
  ["Tuple(Enum8('a' = 1), Int8)", "Tuple(Enum8('a' = 2), Int16)", "Tuple(String, Int16)"],
  ["Nested(`x y` Enum8('a' = 1))", "Nested(`x y` Enum8('a' = 2))", "Nested(`x y` String)"],
  ["Tuple(x Enum8('a' = 1))", "Tuple(x Enum8('a' = 1, 'b' = 2))", undefined],
  ["Enum8('a' = 1)", "Enum8('a' = 1, 'b' = 2)", undefined],
  ["Enum8('a' = 1)", "String", undefined],
  ["Int8", "Int16", undefined],
  ["FixedString(4)", "UInt8", "String"],
  ["Nullable(FixedString(4))", "Nullable(DateTime64(9, 'UTC'))", "Nullable(String)"],
  ["LowCardinality(FixedString(4))", "Bool", "String"],
  ["FixedString(4)", "FixedString(8)", undefined],
  ["SimpleAggregateFunction(any, FixedString(4))", "UInt8", "String"],
  [
    "SimpleAggregateFunction(any, Enum8('a' = 1))",
    "SimpleAggregateFunction(any, Enum8('a' = 2))",
    "SimpleAggregateFunction(any, String)",
  ],
  ["FixedString(4)", "LowCardinality(String)", undefined],
])("%s -> %s goes by way of %s", (before, after, through) => {
  expect(intermediateType(before, after)).toBe(through);
});

test("nulls, elements, keys and values are all looked at", () => {
  expect(failingCondition("v", "Nullable(Int16)", "Int8")).toMatch(/^\(v IS NULL OR .*assumeNotNull\(v\)/);
  expect(failingCondition("v", "Nullable(Int16)", "Nullable(Int8)")).toMatch(/^\(v IS NOT NULL AND /);
  expect(failingCondition("v", "Array(Array(Int16))", "Array(Array(Int8))")).toMatch(
    /^arrayExists\(e0 -> arrayExists\(e1 -> .*, e0\), v\)$/,
  );
  expect(failingCondition("v", "Map(String, Int16)", "Map(UInt8, Int8)")).toMatch(
    /^\(arrayExists\(e0 -> .*mapKeys\(v\)\) OR arrayExists\(e0 -> .*mapValues\(v\)\)\)$/,
  );
});

test("values of a simple aggregate are values of its type", () => {
  const of = (type: string) => `SimpleAggregateFunction(anyLast, ${type})`;
  expect(isWidening(of("Nullable(String)"), "String")).toBe(false);
  expect(isWidening(of("Nullable(String)"), "Nullable(String)")).toBe(true);
  expect(isWidening("UInt8", of("UInt16"))).toBe(true);
  expect(isWidening("UInt16", of("UInt8"))).toBe(false);
  expect(failingCondition("v", of("Nullable(String)"), "String")).toMatch(/^\(v IS NULL OR /);
});

// Each was made on 26.7, in a wide part with another column.
test.each([
  ["Variant(String, UInt64)", "Dynamic", true],
  ["Variant(String, UInt64)", "Dynamic(max_types=5)", true],
  ["Array(Array(Variant(String, UInt64)))", "Dynamic", true],
  ["Array(Variant(String, UInt64))", "Array(Dynamic)", true],
  ["Tuple(Variant(String, UInt64), Int32)", "Tuple(Dynamic, Int32)", true],
  ["Tuple(x Variant(String, UInt64), y Int32)", "Tuple(Dynamic, Int32)", false],
  ["Tuple(x Variant(String, UInt64), `odd na\\`me` Nullable(Int32))", "Dynamic(max_types=5)", false],
  ["Map(String, Variant(String, UInt64))", "Map(String, Dynamic)", false],
  ["Variant(String, UInt64)", "String", false],
  ["String", "Dynamic", false],
])("whether the server can read what it has made of a column: %s -> %s", (before, after, isUnreadable) => {
  expect(becomesUnreadable(before, after)).toBe(isUnreadable);
});
