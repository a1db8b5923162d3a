// Names, quoting, and walks over text that ClickHouse has printed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mentions, withRenamed } from "../../src/sql/mentions.js";
import { fitsFileName } from "../../src/sql/name-length.js";
import { fromCarrier } from "../../src/sql/normal-form.js";
import { readEngineFull, readPrintedParts } from "../../src/sql/printed-table.js";
import {
  identifierText,
  qualifiedName,
  quoteIdentifier,
  quoteString,
  stringArray,
} from "../../src/sql/quote.js";
import { bracketed, indexOfTopLevel, splitTopLevel, unwrapTuple } from "../../src/sql/scan.js";
import { projectionDefinition, takesAllColumns } from "../../src/sql/table-parts.js";
import { shortensTtl } from "../../src/sql/ttl.js";
import { enumMembers, isNullable, readType, unwrapType } from "../../src/sql/type-tree.js";
import { unescaped } from "../../src/sql/unescape.js";
import { isMisread } from "../../src/sql/unsafe-names.js";

describe("quoting", () => {
  test.each([
    ["plain", "`plain`"],
    ["back`tick", "`back\\`tick`"],
    ["back\\slash", "`back\\\\slash`"],
    ["\\`", "`\\\\\\``"],
    ["日本 😀", "`日本 😀`"],
  ])("the identifier %s", (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
    expect(unescaped(quoted.slice(1, -1))).toBe(name);
  });

  test.each(["", "a\0b"])("a name that cannot be is a TypeError", (name) => {
    expect(() => quoteIdentifier(name)).toThrow(TypeError);
  });

  test("texts, lists and qualified names", () => {
    expect(quoteString("it's \\ \n")).toBe("'it\\'s \\\\ \\n'");
    expect(stringArray(["a", "b'"])).toBe("['a', 'b\\'']");
    expect(qualifiedName({ database: "a.b", name: "c`" })).toBe("`a.b`.`c\\``");
  });

  test("inside of expressions plain words stay bare", () => {
    expect(["id", "select", "with space", "1a", "_x"].map(identifierText)).toEqual([
      "id",
      "`select`",
      "`with space`",
      "`1a`",
      "_x",
    ]);
  });

  test("whatever is quoted is read back, and nothing ends the quotes early", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(unescaped(quoteString(text).slice(1, -1))).toBe(text);
        expect(splitTopLevel(`${quoteString(text)}, 1`)).toEqual([quoteString(text), "1"]);
      }),
    );
  });

  test("names that the server misreads in an expression", () => {
    expect(["true", "NaN", "inf", "not", "as"].every(isMisread)).toBe(true);
    expect(["null", "select", "name"].some(isMisread)).toBe(false);
  });

  test("the room for names in files", () => {
    expect(fitsFileName("t", "a".repeat(212))).toBe(true);
    expect(fitsFileName("t", "a".repeat(213))).toBe(false);
    expect(fitsFileName("t", "é".repeat(35))).toBe(true);
    expect(fitsFileName("t", "é".repeat(36))).toBe(false);
  });
});

describe("scanning", () => {
  test.each([
    ["", []],
    ["a", ["a"]],
    ["a, b", ["a", "b"]],
    ["f(a, b), [1, 2], `x,y`", ["f(a, b)", "[1, 2]", "`x,y`"]],
    ["'a,\\'b', \"c,d\"", ["'a,\\'b'", '"c,d"']],
  ])("splitTopLevel(%s)", (text, parts) => {
    expect(splitTopLevel(text)).toEqual(parts);
  });

  test("a word is found outside of quotes and brackets only", () => {
    expect(indexOfTopLevel("f( TTL ) ` TTL ` ' TTL ' TTL x", " TTL ")).toBe(24);
    expect(indexOfTopLevel("f( TTL )", " TTL ")).toBe(-1);
  });

  test("brackets are matched over quotes", () => {
    expect(bracketed("f(a, ')', (b)) x", 1)).toEqual({ inside: "a, ')', (b)", end: 14 });
  });

  test.each([
    ["(a, b)", "a, b"],
    ["tuple(a, b)", "a, b"],
    ["tuple()", ""],
    ["()", ""],
    ["((a))", "a"],
    ["(a) + (b)", "(a) + (b)"],
    ["tuple(a).1", "tuple(a).1"],
    ["a", "a"],
  ])("unwrapTuple(%s)", (text, inner) => {
    expect(unwrapTuple(text)).toBe(inner);
  });

  test.each([
    ["toDate(at) + 1", "at", true],
    ["toDate(`a t`)", "a t", true],
    ["`new\\nline`", "new\nline", true],
    ["concat('at', x)", "at", false],
    ["attic", "at", false],
    ["`a\\`b`", "a`b", true],
    ["'it\\'s at'", "at", false],
  ])("%s mentions %s: %s", (expression, name, expected) => {
    expect(mentions(expression, name)).toBe(expected);
  });
});

describe("printed tables", () => {
  test("the clauses of engine_full", () => {
    const printed = readEngineFull(
      "ReplacingMergeTree(v) PARTITION BY toYYYYMM(` TTL `) PRIMARY KEY a ORDER BY (a, b) SAMPLE BY a TTL at + toIntervalDay(1) WHERE x = ' SETTINGS ' SETTINGS index_granularity = 8192, storage_policy = 'it\\'s'",
    );
    expect(printed).toEqual({
      engine: "ReplacingMergeTree(v)",
      ttl: "at + toIntervalDay(1) WHERE x = ' SETTINGS '",
      settings: { index_granularity: "8192", storage_policy: "it's" },
    });
    expect(readEngineFull("Memory")).toEqual({ engine: "Memory", ttl: "", settings: {} });
  });

  test("the columns", () => {
    const query =
      "CREATE TABLE d.` TTL (` (`id` UInt8, `a\\nb` String DEFAULT ' TTL ' COMMENT 'it\\'s TTL y' CODEC(Delta(4), ZSTD(1)) STATISTICS(tdigest) TTL at + toIntervalDay(1) SETTINGS (max_compress_block_size = 1), ` TTL x` Array(UInt8) MATERIALIZED [1, 2] TTL at, `e` Enum8(' ALIAS ' = 1), INDEX i id TYPE minmax) ENGINE = MergeTree ORDER BY id TTL at";
    const none = { default: undefined, comment: "", codec: "", ttl: "" };
    expect(readPrintedParts(query).columns).toEqual([
      { ...none, name: "id", type: "UInt8" },
      {
        name: "a\nb",
        type: "String",
        default: { kind: "DEFAULT", expression: "' TTL '" },
        comment: "it's TTL y",
        codec: "Delta(4), ZSTD(1)",
        ttl: "at + toIntervalDay(1)",
      },
      {
        ...none,
        name: " TTL x",
        type: "Array(UInt8)",
        default: { kind: "MATERIALIZED", expression: "[1, 2]" },
        ttl: "at",
      },
      { ...none, name: "e", type: "Enum8(' ALIAS ' = 1)" },
    ]);
  });

  test.each([
    ["`a` Nullable(FixedString(3)), `b` Map(String, Array(LowCardinality(String)))", true],
    ["`a` DateTime64(3, 'UTC'), `b` Decimal(10, 2), `c` Enum8('JSON' = 1, 'it\\'s' = 2)", true],
    ["`a` Tuple(UInt8, String), `b` DateTime DEFAULT now()", true],
    ["`a` JSON(max_dynamic_paths = 3)", false],
    ["`a` Array(Dynamic(max_types = 4))", false],
    ["`a` AggregateFunction(sum, UInt64)", false],
    ["`a` Tuple(`DEFAULT` UInt8)", false],
    ["`TTL` UInt8, `a` UInt8 DEFAULT TTL * 2", false],
    ["`a` String EPHEMERAL", false],
    ["`a` String, b UInt8", false],
    ["", false],
  ])("whether %s is sure to be as it is printed: %s", (columns, isClear) => {
    const query = `CREATE TABLE d.t (${columns}) ENGINE = MergeTree ORDER BY tuple()`;
    expect(readPrintedParts(query).isClear).toBe(isClear);
  });
});

describe("printed indexes and projections", () => {
  const query = (parts: string) =>
    readPrintedParts(`CREATE TABLE d.t (\`id\` UInt8, ${parts}) ENGINE = MergeTree`);

  test("are read whatever they are called and hold", () => {
    const { indexes, projections } = query(
      "INDEX i (a, b) TYPE set(0) GRANULARITY 2, INDEX TYPE concat(TYPE, ' TYPE ') TYPE bloom_filter(0.01) GRANULARITY 1, INDEX `a\\`b c` x TYPE text(tokenizer = 'a, b') GRANULARITY 100000000, CONSTRAINT INDEX CHECK a > 1, PROJECTION `p (` (SELECT a, ')' GROUP BY a), PROJECTION q (SELECT a) WITH SETTINGS (index_granularity = 1), PROJECTION r INDEX  a TYPE basic",
    );
    expect(indexes).toEqual([
      { name: "i", expression: "(a, b)", type: "set(0)", granularity: 2 },
      { name: "TYPE", expression: "concat(TYPE, ' TYPE ')", type: "bloom_filter(0.01)", granularity: 1 },
      { name: "a`b c", expression: "x", type: "text(tokenizer = 'a, b')", granularity: 100_000_000 },
    ]);
    expect(projections).toEqual([
      { name: "p (", body: "SELECT a, ')' GROUP BY a" },
      { name: "q", body: "SELECT a) WITH SETTINGS (index_granularity = 1" },
      { name: "r", body: "INDEX  a TYPE basic" },
    ]);
    expect(projections.map(projectionDefinition)).toEqual([
      "PROJECTION `p (` (SELECT a, ')' GROUP BY a)",
      "PROJECTION `q` (SELECT a) WITH SETTINGS (index_granularity = 1)",
      "PROJECTION `r` INDEX  a TYPE basic",
    ]);
  });

  test("come out of what the server formats, by old servers and new, and nothing else does", () => {
    const of = (kind: "index" | "projection", command: string) => [
      fromCarrier(kind, `ALTER TABLE x (${command})`),
      fromCarrier(kind, `ALTER TABLE x ${command}`),
    ];
    const text = "a + 1 TYPE minmax GRANULARITY 1";
    expect(of("index", `ADD INDEX i ${text}`)).toEqual([text, text]);
    const body = "SELECT a, ')' ORDER BY a";
    expect(of("projection", `ADD PROJECTION p (${body})`)).toEqual([body, body]);
    expect(fromCarrier("index", `ALTER TABLE x (ADD INDEX i ${text}), (DROP COLUMN a)`)).toBeNull();
    expect(fromCarrier("index", `ALTER TABLE x ADD INDEX i ${text}, DROP COLUMN a`)).toBeNull();
    expect(
      fromCarrier("projection", "ALTER TABLE x (ADD PROJECTION p (SELECT a)), (DROP COLUMN a)"),
    ).toBeNull();
    expect(fromCarrier("ttl", "ALTER TABLE x (MODIFY TTL at + toIntervalDay(1))")).toBe(
      "at + toIntervalDay(1)",
    );
  });

  test("a projection of all columns is told from a product", () => {
    expect(
      ["SELECT * ORDER BY a", "SELECT a, * ORDER BY a", "SELECT DISTINCT *"].map(takesAllColumns),
    ).toEqual([true, true, true]);
    expect(["SELECT a * b ORDER BY a", "SELECT count(*) GROUP BY a"].map(takesAllColumns)).toEqual([
      false,
      false,
    ]);
  });
});

test("a renamed column is found in an expression by its name alone", () => {
  expect(withRenamed("n + `n` + n(n) + 'n' + nn", "n", "m")).toBe("m + m + n(m) + 'n' + nn");
  expect(withRenamed("`a b` > 1", "a b", "c d")).toBe("`c d` > 1");
});

describe("types", () => {
  test("a type is taken apart", () => {
    expect(readType("Decimal(10, 2)")).toEqual({ name: "Decimal", args: ["10", "2"] });
    expect(readType("String")).toEqual({ name: "String", args: [] });
    expect(readType("Map(String, Array(Tuple(a UInt8, `b,c` String)))").args).toEqual([
      "String",
      "Array(Tuple(a UInt8, `b,c` String))",
    ]);
    expect(unwrapType("LowCardinality(Nullable(String))", "LowCardinality")).toBe("Nullable(String)");
    expect(unwrapType("String", "Nullable")).toBe("String");
    expect(isNullable("LowCardinality(Nullable(String))")).toBe(true);
    expect(isNullable("Array(Nullable(String))")).toBe(false);
  });

  test("members of an Enum, whatever their names hold", () => {
    expect([...(enumMembers("Enum8('a' = 1, 'it\\'s = 2' = -2, ',' = 3)") ?? [])]).toEqual([
      ["a", 1],
      ["it's = 2", -2],
      [",", 3],
    ]);
    expect(enumMembers("String")).toBeUndefined();
  });
});

test.each([
  ["", "at + toIntervalDay(1)", true],
  ["at + toIntervalDay(1)", "", false],
  ["at + toIntervalDay(1)", "at + toIntervalDay(2)", false],
  ["at + toIntervalDay(2)", "at + toIntervalDay(1)", true],
  ["at + toIntervalDay(2)", "at + toIntervalMonth(1)", true],
  ["at + toIntervalDay(2)", "other + toIntervalDay(9)", true],
  ["at + toIntervalDay(2)", "at + toIntervalDay(9) WHERE x", true],
])("a TTL that goes from '%s' to '%s' can expire more: %s", (before, after, expected) => {
  expect(shortensTtl(before, after)).toBe(expected);
});
