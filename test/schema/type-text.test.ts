import { expect, test } from "vitest";
import type { DataType } from "../../src/infra/datatype.js";
import { typeText } from "../../src/sql/type.js";

const string: DataType = { kind: "simple", name: "String" };
const int8: DataType = { kind: "simple", name: "Int8" };

/** The texts are what ClickHouse 26.7 printed for these types. */
const texts: readonly (readonly [text: string, type: DataType])[] = [
  ["String", string],
  ["Nullable(String)", { kind: "nullable", inner: string }],
  [
    "Array(LowCardinality(Nullable(String)))",
    { kind: "array", element: { kind: "lowCardinality", inner: { kind: "nullable", inner: string } } },
  ],
  ["Map(String, Array(Int8))", { kind: "map", key: string, value: { kind: "array", element: int8 } }],
  ["Decimal(10, 2)", { kind: "decimal", precision: 10, scale: 2 }],
  ["FixedString(3)", { kind: "fixedString", length: 3 }],
  ["DateTime", { kind: "dateTime" }],
  ["DateTime('UTC')", { kind: "dateTime", timezone: "UTC" }],
  ["DateTime64(3)", { kind: "dateTime64", precision: 3 }],
  ["DateTime64(3, 'Europe/London')", { kind: "dateTime64", precision: 3, timezone: "Europe/London" }],
  [
    "Enum8('a' = 1, 'b' = 2)",
    {
      kind: "enum",
      members: [
        { name: "b", value: 2 },
        { name: "a", value: 1 },
      ],
    },
  ],
  [
    "Enum8('é😀' = -128, '' = 127)",
    {
      kind: "enum",
      members: [
        { name: "", value: 127 },
        { name: "é😀", value: -128 },
      ],
    },
  ],
  ["Enum16('a' = 128)", { kind: "enum", members: [{ name: "a", value: 128 }] }],
  ["Enum8('x\\'y\\\\z\\n\\t' = 1)", { kind: "enum", members: [{ name: "x'y\\z\n\t", value: 1 }] }],
  [
    "Nested(a String, `a-b` Int8)",
    {
      kind: "nested",
      fields: [
        { name: "a", type: string },
        { name: "a-b", type: int8 },
      ],
    },
  ],
  [
    "Tuple(String, Int8)",
    {
      kind: "tuple",
      fields: [
        { name: "", type: string },
        { name: "", type: int8 },
      ],
    },
  ],
  [
    "Tuple(lat Int8, `a.b` Int8, `a\\`c` Int8, `d\\\\e` Int8, `select` Int8, `Table` Int8, array Int8, `1a` Int8)",
    {
      kind: "tuple",
      fields: ["lat", "a.b", "a`c", "d\\e", "select", "Table", "array", "1a"].map((name) => ({
        name,
        type: int8,
      })),
    },
  ],
];

test.each(texts)("%s", (text, type) => {
  expect(typeText(type)).toBe(text);
});
