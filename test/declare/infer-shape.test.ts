// What samples of messages have in common, and the TypeScript that is written of it.

import { expect, test } from "vitest";
import { inferShape } from "../../src/declare/infer-shape.js";
import { writeStreams } from "../../src/declare/write-streams.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";

const topic = {
  ...{ name: "t", partitions: 2, replicationFactor: 1, config: {}, lifeCycle: LifeCycle.FULLY_MANAGED },
};

/** The fields of the message type, a line each. */
function fieldsOf(...messages: readonly object[]): readonly string[] {
  const sampled = { topic, name: "t", shape: inferShape(messages), messages: messages.length };
  const { text } = writeStreams([sampled], []);
  const [, body = ""] = /export interface T \{\n([\s\S]*?)\n\}\n/.exec(text) ?? [];
  return body.split("\n").map((line) => line.slice(2));
}

test.each<[string, readonly object[], readonly string[]]>([
  ["texts, numbers and flags", [{ a: "x", b: 1.5, c: true }], ["a: string;", "b: number;", "c: boolean;"]],
  ["a field that some have not is optional", [{ a: 1 }, { a: 2, b: 1 }], ["a: number;", "b?: number;"]],
  ["null is part of the type", [{ a: null }, { a: "x" }], ["a: string | null;"]],
  [
    "a Date where every text is a moment with its zone",
    [{ a: "2026-01-01T00:00:00Z" }, { a: "2026-01-01T10:00:00.123+02:00" }],
    ["a: Date;"],
  ],
  ["a text where one is not", [{ a: "2026-01-01T00:00:00Z" }, { a: "soon" }], ["a: string;"]],
  [
    "a text for a day, and a time without zone",
    [{ a: "2026-01-01", b: "2026-01-01T00:00:00" }],
    ["a: string;", "b: string;"],
  ],
  ["a text for what only looks like a moment", [{ a: "2026-13-41T00:00:00Z" }], ["a: string;"]],
  [
    "lists, with null in them",
    [
      { a: [1, 2], b: ["x", null] },
      { a: [], b: [] },
    ],
    ["a: number[];", "b: (string | null)[];"],
  ],
  ["a list that is null sometimes is left out sometimes", [{ a: [1] }, { a: null }], ["a?: number[];"]],
  [
    "objects in objects and in lists",
    [{ a: { b: 1 }, c: [{ d: 1 }, { d: 2, e: "x" }] }],
    ["a: {", "  b: number;", "};", "c: {", "  d: number;", "  e?: string;", "}[];"],
  ],
  ["an object without fields is a map", [{ a: {} }], ["a: Record<string, any>;"]],
  ["names that are no identifiers", [{ "a-b": 1, "c d": 2 }], ['"a-b": number;', '"c d": number;']],
  [
    "what has no type in common says so",
    [{ a: 1 }, { a: "x" }],
    ["/** Values of several types were seen: write one here. */", "a: string;"],
  ],
])("%s", (_, messages, fields) => {
  expect(fieldsOf(...messages)).toEqual(fields);
});

test("hundreds of names in one object are values, and the object is a map", () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`user ${n}`, n]));
  expect(fieldsOf({ by: many })).toEqual(["by: Record<string, any>;"]);
});

test("a topic without messages gets a field to be written, and its configs", () => {
  const sampled = {
    topic: { ...topic, config: { "cleanup.policy": "compact", "retention.ms": "86400000" } },
    ...{ name: "orders.v1", shape: undefined, messages: 0 },
  };
  const { text, omitted } = writeStreams([sampled], ["head"]);
  expect(omitted).toEqual([]);
  expect(text).toBe(`// head

import { LifeCycle, Stream } from "@514labs/moose-lib";

export interface OrdersV1 {
  /** No message tells its fields: write them here. */
  value?: string;
}

export const OrdersV1Stream = new Stream<OrdersV1>("orders.v1", {
  parallelism: 2,
  retentionPeriod: 86400,
  config: {"cleanup.policy":"compact"},
  lifeCycle: LifeCycle.EXTERNALLY_MANAGED,
});
`);
});
