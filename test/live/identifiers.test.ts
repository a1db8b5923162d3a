// Any name that ClickHouse can hold comes back exactly as it was given.

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fitsFileName } from "../../src/sql/name-length.js";
import { identifierText } from "../../src/sql/quote.js";
import { type LiveEngine, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const namesAtOnce = 200;
const seed = Number(process.env.MOOSE_TEST_SEED ?? Date.now() % 2 ** 31);

const oneName = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }),
  fc.string({
    unit: fc.constantFrom(
      "`",
      "\\",
      "'",
      '"',
      "n",
      "0",
      "x",
      "\n",
      "\t",
      "😀",
      "$",
      "{",
      "}",
      ".",
      "%",
      " ",
      ";",
      "-",
    ),
    minLength: 1,
    maxLength: 8,
  }),
);
const databaseLike = "p_0123456789ab_db";
/** A dot starts the names of inner tables; half a surrogate pair is no text; too long a name is refused before. */
const isUsable = (name: string) =>
  !name.includes("\0") &&
  !name.startsWith(".") &&
  name === Buffer.from(name).toString() &&
  fitsFileName(databaseLike, name);
const names = fc.sample(
  fc.uniqueArray(oneName.filter(isUsable), { minLength: namesAtOnce, maxLength: namesAtOnce }),
  { numRuns: 1, seed },
)[0] as string[];

test(`${namesAtOnce} random names of tables and columns come back as they were (seed ${seed})`, async () => {
  const project = await engine.newProject();
  const tables = names
    .map((name, i) => {
      const other = names[(i + 1) % names.length] ?? "x";
      return { ...table(project.database, [column(name, "UInt8"), column(other, "String")]), name };
    })
    .map((one, i) => {
      // Every fourth name stands in the sorting key and in a default too.
      const key = i % 4 === 0 ? identifierText(one.name) : "tuple()";
      return { ...one, orderBy: key, primaryKey: key };
    });
  const report = await project.round(tables);
  expect(report.diagnostics).toEqual([]);
  expect(outcomes(report)).toEqual(names.map(() => "CreateTable applied"));
  expect(report.unconverged).toEqual([]);
  const found = await engine.clickhouse.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${project.database}'`,
  );
  expect(found.map(({ name }) => name).sort()).toEqual([...names].sort());
  const columns = await engine.clickhouse.rows<{ table: string; name: string }>(
    `SELECT table, name FROM system.columns WHERE database = '${project.database}' AND position = 1`,
  );
  expect(columns.filter((one) => one.table !== one.name)).toEqual([]);
  expect(outcomes(await (await project.reopened()).round(tables))).toEqual([]);
  expect(outcomes(await project.round([]))).toEqual(names.map(() => "DropTable applied"));
}, 60_000);

test("the longest name that fits is taken, and one character more is refused", async () => {
  const project = await engine.newProject();
  const longest = "x".repeat(213 - project.database.length);
  const make = (name: string) => ({ ...table(project.database, [column("id", "UInt8")]), name });
  expect(fitsFileName(project.database, longest)).toBe(true);
  expect(fitsFileName(project.database, `${longest}x`)).toBe(false);
  expect(fitsFileName(project.database, "é".repeat(40))).toBe(false);
  expect(outcomes(await project.round([make(longest)]))).toEqual(["CreateTable applied"]);
  const report = await project.round([make(longest), make(`${longest}x`)]);
  expect(outcomes(report)).toEqual(["CreateTable failed"]);
  expect(report.operations[0]?.outcome).toHaveProperty(
    "reason",
    expect.stringContaining("The max length of table name"),
  );
});

test("a column may have a name of any length", async () => {
  const project = await engine.newProject();
  const name = "ü`".repeat(400);
  const next = table(project.database, [column("id", "UInt8"), column(name, "UInt8")]);
  expect(outcomes(await project.round([next]))).toEqual(["CreateTable applied"]);
  await engine.clickhouse.insert(`${project.database}.t`, [{ id: 1, [name]: 2 }]);
  expect(outcomes(await project.round([next]))).toEqual([]);
});

test("names and comments that try to break out of their quotes stay names and comments", async () => {
  const project = await engine.newProject();
  const evil = [
    "a`; DROP TABLE t; --",
    "a\\`) ENGINE = Null --",
    "'); DROP DATABASE x; --",
    "{a:Identifier}",
    "a\\",
  ];
  const next = table(
    project.database,
    evil.map((text) => column(text, "String", { comment: text })),
    { orderBy: "", primaryKey: "", comment: evil.join("") },
  );
  expect(outcomes(await project.round([next]))).toEqual(["CreateTable applied"]);
  const found = await project.table("t");
  expect(found?.columns.map((c) => [c.name, c.comment])).toEqual(evil.map((text) => [text, text]));
  expect(found?.comment).toBe(evil.join(""));
});
