// Changes of type whose values do not fit: refused before anything is altered, and mended where a check could not know.

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../runtime/clickhouse/client.js";
import { qualifiedName, quoteString } from "../../src/sql/quote.js";
import { startInjector } from "./injector.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const withValue = (database: string, type: string) =>
  table(database, [column("id", "UInt32"), column("v", type)]);

/** A table with one column `v` of the type, holding the values, an SQL list each. */
async function filled(type: string, values: readonly string[]): Promise<LiveProject> {
  const project = await engine.newProject();
  await project.round([withValue(project.database, type)]);
  const rows = values.map((value, i) => `(${i}, ${value})`).join(", ");
  await engine.clickhouse.command(`INSERT INTO ${project.database}.t VALUES ${rows}`);
  return project;
}

/** All that a refused change must not touch. */
async function everything({ database }: LiveProject, name = "t"): Promise<unknown> {
  const ofTable = `database = '${database}' AND table = '${name}'`;
  return Promise.all([
    engine.clickhouse.rows(
      `SELECT name, type, default_kind, default_expression FROM system.columns WHERE ${ofTable} ORDER BY position`,
    ),
    engine.clickhouse.rows(`SELECT * FROM system.mutations WHERE ${ofTable}`),
    engine.clickhouse.rows(`SELECT * FROM ${database}.${name} ORDER BY id`),
    engine.clickhouse.rows(`SELECT name, modification_time FROM system.parts WHERE ${ofTable} AND active`),
  ]);
}

/** The values as text, read as the given type where there is one. */
async function valuesOf({ database }: LiveProject, name = "t", type?: string): Promise<readonly string[]> {
  const value = type === undefined ? "v" : `CAST(v, ${quoteString(type)})`;
  const rows = await engine.clickhouse.rows<{ v: string }>(
    `SELECT toString(${value}) AS v FROM ${database}.${name} ORDER BY id`,
  );
  return rows.map(({ v }) => v);
}

/** From, to, and the values as SQL. */
type Case = readonly [from: string, to: string, values: readonly string[], ...rest: readonly string[]];

/** What became of each case; all are tables of the same rounds, which are what takes time. */
async function runCases(cases: readonly Case[]) {
  const project = await engine.newProject();
  const tables = (side: 0 | 1) =>
    cases.map((one, i) => ({ ...withValue(project.database, one[side]), name: `t${i}` }));
  await project.round(tables(0));
  for (const [i, [, , values]] of cases.entries()) {
    const rows = values.map((value, id) => `(${id}, ${value})`).join(", ");
    await engine.clickhouse.command(`INSERT INTO ${project.database}.t${i} VALUES ${rows}`);
  }
  const look = (read: (name: string, from: string) => Promise<unknown>) =>
    Promise.all(cases.map(([from], i) => read(`t${i}`, from)));
  const before = await look((name) => everything(project, name));
  const textsBefore = await look((name) => valuesOf(project, name));
  const report = await project.round(tables(1));
  const after = await look((name) => everything(project, name));
  const textsAfter = await look((name, from) => valuesOf(project, name, from).catch(String));
  const textsNow = await look((name) => valuesOf(project, name));
  return cases.map((_, i) => {
    const operations = report.operations.filter(
      ({ operation }) => operation.address === `${project.database}.t${i}`,
    );
    const [first] = operations;
    return {
      outcomes: outcomes({ ...report, operations }),
      reason: first?.verdict.decision === "blocked" ? first.verdict.reason : "",
      destructive: first?.operation.destructive,
      isUntouched: isDeepStrictEqual(before[i], after[i]),
      textsBefore: textsBefore[i],
      textsAfter: textsAfter[i],
      textsNow: textsNow[i],
    };
  });
}

type CaseResult = Awaited<ReturnType<typeof runCases>>[number];

/** One test a case, over rounds that all of them share. */
function describeCases(
  title: string,
  cases: readonly Case[],
  check: (result: CaseResult, one: Case) => void,
): void {
  describe(title, () => {
    let results: readonly CaseResult[] = [];
    beforeAll(async () => {
      results = await runCases(cases);
    });
    test.each(cases.map((one, i) => [`${one[0]} -> ${one[1]}`, i, one] as const))("%s", (_, i, one) => {
      const result = results[i];
      if (result === undefined) throw new Error("the case was not run");
      check(result, one);
    });
  });
}

test("a String that holds a word is not made a number: the count and the word are told, and nothing is altered", async () => {
  const project = await filled("String", ["'1'", "'abc'", "'3'", "'abc'", "'x y'"]);
  const before = await everything(project);
  const report = await project.round([withValue(project.database, "UInt64")]);
  expect(outcomes(report)).toEqual(["ModifyTableColumn blocked values-do-not-fit"]);
  expect(report.operations[0]?.verdict).toEqual({
    decision: "blocked",
    code: "values-do-not-fit",
    reason: "3 values of v cannot become UInt64: 'abc', 'x y'",
    unblock: "correct these values first, or keep v as String and add a field",
  });
  expect(await everything(project)).toEqual(before);
});

test.each(["Variant(String, UInt64)", "Array(Variant(String, UInt64))"])(
  "%s with values is not made a Dynamic, which the server could not read, and without any it is",
  async (type) => {
    const project = await engine.newProject();
    const wide = { settings: { min_bytes_for_wide_part: "0" } };
    const of = (v: string) => [table(project.database, [column("id", "UInt32"), column("v", v)], wide)];
    await project.round(of(type));
    await engine.clickhouse.command(
      `INSERT INTO ${project.database}.t SELECT 1, CAST(${type.startsWith("Array") ? "['a']" : "'a'"}, ${quoteString(type)})`,
    );
    const report = await project.round(of("Dynamic"));
    expect(outcomes(report)).toEqual(["ModifyTableColumn blocked values-do-not-fit"]);
    expect(report.operations[0]?.verdict).toHaveProperty(
      "reason",
      `ClickHouse cannot turn v from ${type} into Dynamic: it could not read the column afterwards`,
    );
    expect(await valuesOf(project)).toEqual([type.startsWith("Array") ? "['a']" : "a"]);

    await engine.clickhouse.command(`TRUNCATE TABLE ${project.database}.t`);
    const emptied = outcomes(await project.round(of("Dynamic")));
    expect(emptied.every((outcome) => outcome.endsWith(" applied"))).toBe(true);
    expect((await project.table("t"))?.columns[1]?.type).toBe("Dynamic");
  },
);

test("once the values are corrected the same change is done", async () => {
  const project = await filled("String", ["'1'", "'abc'"]);
  await project.round([withValue(project.database, "UInt64")]);
  await engine.clickhouse.command(
    `ALTER TABLE ${project.database}.t UPDATE v = '2' WHERE v = 'abc' SETTINGS mutations_sync = 2`,
  );
  expect(outcomes(await project.round([withValue(project.database, "UInt64")]))).toEqual([
    "ModifyTableColumn applied",
  ]);
  expect(await valuesOf(project)).toEqual(["1", "2"]);
});

describeCases(
  "a change that would lose something is refused, and nothing is altered",
  [
    ["Int32", "Int16", ["1", "70000"], "70000"],
    ["Int32", "UInt32", ["-1"], "-1"],
    ["Float64", "Int32", ["1.5", "2"], "1.5"],
    ["Float64", "Float32", ["0.1"], "0.1"],
    ["UInt64", "Float64", ["9007199254740993"], "9007199254740993"],
    ["Decimal(10, 4)", "Decimal(18, 2)", ["1.2345", "1.23"], "1.2345"],
    ["Decimal(18, 2)", "Decimal(9, 2)", ["1234567890123.45"], "1234567890123.45"],
    ["DateTime64(3, 'UTC')", "DateTime('UTC')", ["'2024-01-01 00:00:00.123'"], "2024-01-01 00:00:00.123"],
    ["DateTime('UTC')", "Date", ["'2024-01-01 10:00:00'"], "2024-01-01 10:00:00"],
    ["Date32", "Date", ["'1950-01-01'"], "1950-01-01"],
    ["Nullable(String)", "String", ["NULL", "'a'"], "NULL"],
    ["Nullable(Int32)", "Int32", ["NULL", "1"], "NULL"],
    ["SimpleAggregateFunction(anyLast, Nullable(String))", "String", ["NULL", "'a'"], "NULL"],
    ["String", "FixedString(2)", ["'abc'"], "abc"],
    ["String", "UUID", ["'no'"], "no"],
    ["String", "Enum8('a' = 1)", ["'a'", "'b'"], "b"],
    ["Enum8('a' = 1, 'b' = 2)", "Enum8('a' = 1)", ["'a'", "'b'"], "b"],
    ["LowCardinality(String)", "UInt8", ["'300'"], "300"],
    ["String", "Variant(String, UInt64)", ["'a'", "'NULL'"], "NULL"],
    ["Array(Int32)", "Array(Int8)", ["[1, 2]", "[3, 400]"], "[3,400]"],
    ["Array(Nullable(Int32))", "Array(Int32)", ["[1, NULL]"], "[1,NULL]"],
    ["Map(String, Int32)", "Map(String, Int8)", ["{'a': 400}"], "{'a':400}"],
    ["Map(String, Int32)", "Map(UInt8, Int32)", ["{'a': 4}"], "{'a':4}"],
    ["Tuple(a Int32, b String)", "Tuple(a Int8, b String)", ["(400, 'x')"], "(400,'x')"],
    ["Tuple(a Int32, b String)", "Tuple(a Int32)", ["(1, 'x')"], "(1,'x')"],
  ],
  (result, [, , , example]) => {
    expect(result).toMatchObject({
      outcomes: ["ModifyTableColumn blocked values-do-not-fit"],
      reason: expect.stringContaining(`'${example}'`),
      isUntouched: true,
    });
  },
);

describeCases(
  "a narrower type is taken when every value fits",
  [
    ["Int64", "Int8", ["1", "-5"]],
    ["Float64", "Int32", ["3", "-4"]],
    ["String", "UInt8", ["'7'", "'200'"]],
    ["Nullable(Int32)", "Int32", ["1", "2"]],
    ["Nullable(Decimal(9, 2))", "Decimal(76, 20)", ["1.5", "2"]],
    ["Nullable(String)", "Array(UInt8)", ["'[1,2]'", "'[]'"]],
    ["SimpleAggregateFunction(anyLast, Nullable(String))", "Int8", ["'1'", "'-2'"]],
    ["SimpleAggregateFunction(anyLast, Nullable(String))", "String", ["'a'", "''"]],
    ["Nullable(String)", "LowCardinality(String)", ["'a'", "''"]],
    ["String", "Dynamic", ["'a'", "''", "'NULL'"]],
    ["String", "Variant(String, UInt64)", ["'a'", "''", "'7'"]],
    ["DateTime64(3, 'UTC')", "DateTime('UTC')", ["'2024-01-01 00:00:00'"]],
    ["Enum8('a' = 1, 'b' = 2)", "Enum8('a' = 1)", ["'a'"]],
    ["Array(Int32)", "Array(Int8)", ["[1, 2]", "[]"]],
    ["Map(String, Int32)", "Map(String, Int8)", ["{'a': 4}"]],
    ["Decimal(10, 4)", "Decimal(18, 2)", ["1.5"]],
  ],
  (result) => {
    expect(result.outcomes).toEqual(["ModifyTableColumn applied"]);
    expect(result.isUntouched).toBe(false);
    expect(result.textsAfter).toEqual(result.textsBefore);
  },
);

describeCases(
  "a wider type is never refused and destroys nothing",
  [
    ["Int8", "Int64", ["-128"]],
    ["UInt8", "Int16", ["255"]],
    ["Int32", "Float64", ["-2147483648"]],
    ["Float32", "Float64", ["0.1"]],
    ["Bool", "UInt8", ["true"]],
    ["Int32", "Nullable(Int32)", ["1"]],
    ["String", "LowCardinality(String)", ["'a'"]],
    ["String", "LowCardinality(Nullable(String))", ["'a'"]],
    ["Int32", "String", ["5"]],
    ["UUID", "String", ["'a0000000-0000-0000-0000-000000000001'"]],
    ["Decimal(9, 2)", "Decimal(18, 4)", ["1234567.89"]],
    ["Date", "Date32", ["'2024-02-29'"]],
    ["DateTime('UTC')", "DateTime64(0, 'UTC')", ["'2024-01-01 00:00:01'"]],
    ["Enum8('a' = 1)", "Enum8('a' = 1, 'b' = 2)", ["'a'"]],
    ["Enum8('a' = 1)", "Enum16('a' = 1, 'b' = 300)", ["'a'"]],
    ["Array(Int8)", "Array(Int64)", ["[1, -1]"]],
    ["Map(String, UInt8)", "Map(String, UInt64)", ["{'a': 255}"]],
  ],
  (result) => {
    expect(result).toMatchObject({ outcomes: ["ModifyTableColumn applied"], destructive: false });
    expect(result.textsAfter).toEqual(result.textsBefore);
  },
);

describeCases(
  "members of an Enum that are numbered anew keep their meaning in every row",
  [
    ["Enum8('a' = 1, 'c' = 2)", "Enum8('a' = 1, 'b' = 2, 'c' = 3)", ["'a'", "'c'"]],
    ["Enum8('a' = 1, 'b' = 2)", "Enum8('b' = 1, 'a' = 2)", ["'a'", "'b'"]],
    ["Enum8('a' = 1, 'b' = 2)", "Enum8('b' = 1)", ["'b'", "'b'"]],
    ["Enum8('a' = 1, 'c' = 2)", "Nullable(Enum8('a' = 1, 'b' = 2, 'c' = 3))", ["'a'", "'c'"]],
    ["Array(Enum8('a' = 1, 'c' = 2))", "Array(Enum8('a' = 1, 'b' = 2, 'c' = 3))", ["['a', 'c']"]],
    ["Map(String, Enum8('a' = 1, 'c' = 2))", "Map(String, Enum8('c' = 1, 'a' = 2))", ["{'k': 'c'}"]],
    ["Tuple(x Enum8('a' = 1, 'c' = 2), y Int8)", "Tuple(x Enum8('c' = 1, 'a' = 2), y Int8)", ["('c', 1)"]],
    ["Array(Tuple(x Enum8('a' = 1, 'c' = 2)))", "Array(Tuple(x Enum8('c' = 1)))", ["[tuple('c')]"]],
    ["Nested(x Enum8('a' = 1, 'c' = 2))", "Nested(x Enum8('c' = 1, 'a' = 2))", ["[tuple('c')]"]],
  ],
  (result) => {
    expect(result.outcomes).toEqual(["ModifyTableColumn applied"]);
    expect(result.textsNow).toEqual(result.textsBefore);
  },
);

test("a type that ClickHouse cannot convert to at all is refused with its own words", async () => {
  const project = await filled("Array(UInt8)", ["[1]"]);
  const report = await project.round([withValue(project.database, "Map(String, String)")]);
  expect(outcomes(report)).toEqual(["ModifyTableColumn blocked values-do-not-fit"]);
  const { verdict } = report.operations[0] ?? {};
  expect(verdict?.decision === "blocked" && verdict.reason).toMatch(
    /^ClickHouse cannot turn v from Array\(UInt8\) into Map\(String, String\): /,
  );
});

test("on an empty table any type can become any other", async () => {
  const project = await filled("Array(UInt8)", ["[1]"]);
  await engine.clickhouse.command(`TRUNCATE TABLE ${project.database}.t`);
  const report = await project.round([withValue(project.database, "Map(String, String)")]);
  expect(outcomes(report)).toEqual(["RecreateTable applied"]);
});

test("a conversion that fails on a row that came after the check is taken back: no row is lost, the next round goes on", async () => {
  const project = await filled("String", ["'1'", "'2'"]);
  const name = qualifiedName({ database: project.database, name: "t" });
  const injector = await startInjector(engine.url, {
    before: /MODIFY COLUMN `v` UInt64/,
    run: () => engine.clickhouse.command(`INSERT INTO ${name} VALUES (9, 'late')`),
  });
  const through = await connect({ url: injector.url, user: "default", password: "" });
  try {
    const other = await project.reopened([], through);
    const report = await other.round([withValue(project.database, "UInt64")]);
    expect(injector.injected).toBe(1);
    expect(report.operations[0]?.outcome).toMatchObject({ state: "failed", repaired: true });
    expect(report.operations[0]?.outcome).toHaveProperty("reason", expect.stringContaining("late"));
    expect(await valuesOf(project)).toEqual(["1", "2", "late"]);
    expect((await project.table("t"))?.columns[1]).toEqual(column("v", "String"));
    expect(
      await engine.clickhouse.rows(
        `SELECT * FROM system.mutations WHERE database = '${project.database}' AND NOT is_done`,
      ),
    ).toEqual([]);

    expect(outcomes(await other.round([withValue(project.database, "UInt64")]))).toEqual([
      "ModifyTableColumn blocked values-do-not-fit",
    ]);
    await engine.clickhouse.command(
      `ALTER TABLE ${name} DELETE WHERE v = 'late' SETTINGS mutations_sync = 2`,
    );
    expect(outcomes(await other.round([withValue(project.database, "UInt64")]))).toEqual([
      "ModifyTableColumn applied",
    ]);
    expect(await valuesOf(project)).toEqual(["1", "2"]);
  } finally {
    await through.close();
    await injector.stop();
  }
});

test("a FixedString with nulls becomes whatever its texts can be read as", async () => {
  for (const type of ["Bool", "Enum8('0' = 0, '1' = 1)", "UInt8"]) {
    const project = await filled("Nullable(FixedString(4))", ["'1'", "NULL", "'0'"]);
    const report = await project.round([withValue(project.database, `Nullable(${type})`)]);
    expect(outcomes(report)).toEqual(["ModifyTableColumn applied"]);
    const rows = await engine.clickhouse.rows<{ v: number | null }>(
      `SELECT toInt8(toInt8OrNull(replaceAll(replaceAll(toString(v), 'true', '1'), 'false', '0'))) AS v FROM ${project.database}.t ORDER BY id`,
    );
    expect(rows.map(({ v }) => v)).toEqual([1, null, 0]);
  }
});

test.each([
  ["ALIAS", "Decimal(5, 0)", "FixedString(20)"],
  ["ALIAS", "Nullable(String)", "UInt8"],
  ["ALIAS", "Array(UInt8)", "Map(String, String)"],
  ["EPHEMERAL", "Decimal(5, 0)", "FixedString(20)"],
  ["EPHEMERAL", "String", "String"],
])(
  "a column of the kind %s that others need becomes stored under any type: %s -> %s",
  async (kind, from, to) => {
    const project = await engine.newProject();
    const { database } = project;
    const expression = `defaultValueOfTypeName('${from}')`;
    const user = column("w", "String", {
      default: { kind: "DEFAULT", expression: "ifNull(toString(v), '')" },
    });
    const computed = column("v", from, { default: { kind, expression } as (typeof user)["default"] });
    await project.round([table(database, [column("id", "UInt32"), computed, user])]);
    await engine.clickhouse.command(`INSERT INTO ${database}.t (id) VALUES (1), (2)`);
    const stored = table(database, [column("id", "UInt32"), column("v", to, { codec: "ZSTD(3)" }), user]);
    const [operation] = (await project.round([stored])).operations;
    expect(operation).toMatchObject({
      operation: { kind: "ModifyTableColumn" },
      outcome: { state: "applied" },
    });
    expect((await project.round([stored])).operations).toEqual([]);
    const rows = `SELECT count() AS n, countIf(v = defaultValueOfTypeName('${to}')) AS empty FROM ${database}.t`;
    expect(await engine.clickhouse.rows(rows)).toEqual([{ n: "2", empty: "2" }]);
  },
);
