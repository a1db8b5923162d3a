// The YAML that we write, and the quick way of reading it: both against a parser of all of YAML.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { PlainObject } from "../../src/format/value.js";
import { readBlockYaml } from "../../src/format/yaml-block.js";
import { yamlText } from "../../src/format/yaml-text.js";
import { plainPlan } from "../migrations/project.js";

const oddTexts = [
  "",
  " ",
  "a ",
  " a",
  "null",
  "True",
  "yes",
  "1",
  "1e3",
  "0x1",
  "-",
  "- a",
  "a: b",
  "a #b",
  "#",
  "'",
  '"',
  "\\",
  "|-",
  "~",
  ".nan",
  "two\nlines",
  "two\n\nlines",
  "\nfirst",
  "last\n",
  "a\n  b\n c",
  "a \nb",
  "\ttab",
  "a\r\nb",
  "\u0085",
  "\u2028",
  "\uFEFF",
  "\u0000",
  "\ud83d",
  "😀",
  "日本",
  "2026-11-23T04:52:26Z",
  "[]",
  "{}",
  "[a]",
  "*a",
  "&a",
  "!a",
  "%a",
  "@a",
  "`a`",
  "a, b",
  "---",
  "...",
  "n",
  "__proto__",
];
const text = fc.oneof(fc.constantFrom(...oddTexts), fc.string({ unit: "binary", maxLength: 12 }));

const value = fc
  .letrec<{ any: unknown; object: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      text,
      fc.constantFrom(null, true, false, 0, 7, -3),
      fc.array(tie("any"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.dictionary(text, tie("any"), { maxKeys: 3, noNullPrototype: true }),
  }))
  .object.filter((made) => Object.keys(made as PlainObject).length > 0) as fc.Arbitrary<PlainObject>;

test("any value comes back from its text", () => {
  fc.assert(
    fc.property(value, (made) => {
      expect(parse(yamlText(made), { schema: "core" })).toEqual(made);
    }),
    { numRuns: 1000 },
  );
});

test("what the quick reader reads, it reads as the parser does", () => {
  let read = 0;
  fc.assert(
    fc.property(value, (made) => {
      const quick = readBlockYaml(yamlText(made));
      if (quick === undefined) return;
      read++;
      expect(quick).toEqual(made);
    }),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(100);
});

describe("the quick reader", () => {
  const sample = (name: string) => readFileSync(new URL(`samples/${name}`, import.meta.url), "utf8");

  test.each([
    ["ours", plainPlan],
    ["a whole table", sample("00-base-create/plan.yaml")],
    ["several operations", sample("12-index/plan.yaml")],
    ["a migration of a chain", sample("chain/20261123_051719_316_migration.yaml")],
    [
      "comments and several lines",
      "# c\na:\n  # d\n  b: |-\n    x\n\n      # no comment\n    y\n\n  c: 'it''s'\nd:\n- - 1\n  - x: 2\n",
    ],
    ["nothing below a key", "a:\nb:\n- c\n"],
  ])("reads %s", (_, text_) => {
    expect(readBlockYaml(text_)).toEqual(parse(text_, { schema: "core" }));
  });

  test.each([
    "a: b # c",
    `${"k".repeat(2000)}: b`,
    "a: b\n  c",
    "a: [b]",
    "a: {b: c}",
    "a: &x b",
    "a: *x",
    "a: !t b",
    "a:\n  text",
    "a: >-\n  b",
    "a: |\n  b",
    "a: 'b",
    'a: "\\x41"',
    "a: 1\na: 2",
    "a: 1e3",
    "a: 0x1",
    "a: 007",
    "a: ~",
    "a: True",
    "? a",
    "---\na: b",
    "%YAML 1.1",
    "a:\tb",
    "  a: b\nc: d",
    "-",
    "x",
    "",
    "a: b\r\n",
    "null: a",
    "a: |-\n\n  b",
    "a: |-\n   \n   b",
    "- a\nb: c",
    "a:\n - b\n- c",
    "a: @b",
    "a: - b",
    "a: |-\n   b\n  c",
  ])("leaves %j to the parser", (text_) => {
    expect(readBlockYaml(text_)).toBeUndefined();
  });
});
