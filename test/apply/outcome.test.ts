import { expect, test } from "vitest";
import { classify, type Failure, type FailureClass, passes } from "../../src/apply/outcome.js";
import { natureOf } from "../../src/sql/statement-nature.js";

const create = "CREATE TABLE d.t (id UInt64) ENGINE = MergeTree ORDER BY id";
const drop = "DROP TABLE d.t";
const addColumn = "ALTER TABLE d.t ADD COLUMN c String";
const insert = "INSERT INTO d.t SELECT * FROM d.s";

const server = (code: number, text = "", httpStatus = 500): Failure => ({
  kind: "server",
  code,
  httpStatus,
  text,
});
const classOf = (failure: Failure, sql: string): FailureClass => classify(failure, natureOf(sql));

test("a connection that was never made sent nothing; one that broke may have", () => {
  for (const sql of [create, drop, insert]) {
    expect(classOf({ kind: "connect", text: "" }, sql)).toBe("not-applied");
    expect(classOf({ kind: "lost", text: "" }, sql)).toBe("unknown");
  }
});

test.each<[number, FailureClass]>([
  [429, "not-applied"],
  ...[408, 425, 499, 500, 502, 503, 504, 520].map((status): [number, FailureClass] => [status, "unknown"]),
  ...[301, 400, 401, 403, 404, 413].map((status): [number, FailureClass] => [status, "fatal"]),
])("a proxy's %i means %s", (status, expected) => {
  for (const sql of [create, insert]) expect(classOf({ kind: "http", status, text: "" }, sql)).toBe(expected);
});

test("errors that pass are sent again, those that last are not", () => {
  for (const code of [198, 202, 203, 225, 241, 242, 252, 254, 265, 279, 285, 286, 473, 517]) {
    expect(classOf(server(code), create)).toBe("not-applied");
    expect(passes(code)).toBe(true);
  }
  for (const code of [36, 44, 47, 50, 53, 62, 70, 115, 243, 344, 359, 472, 478, 497, 516, 524, 630, 701]) {
    expect(classOf(server(code), create)).toBe("fatal");
    expect(passes(code)).toBe(false);
  }
});

test("what may have been applied is unknown, and so is every code not met before, and a copy that still runs", () => {
  for (const code of [159, 209, 210, 216, 236, 319, 341, 394, 416, 425, 999, 1000, 1001, 1002, 4711, 0])
    expect(classOf(server(code), create)).toBe("unknown");
});

test("an error inside of an answer that had begun is unknown whatever its code", () => {
  for (const code of [57, 60, 62, 202, 241]) expect(classOf(server(code, "", 200), create)).toBe("unknown");
});

test.each([
  [create, 57],
  ["CREATE DATABASE d", 82],
  ["CREATE DICTIONARY d.t (id UInt64) PRIMARY KEY id", 387],
  [drop, 60],
  [drop, 81],
  [drop, 218],
  [addColumn, 15],
  ["ALTER TABLE d.t DROP COLUMN c", 10],
  ["ALTER TABLE d.t DROP COLUMN c", 16],
  ["RENAME TABLE d.a TO d.b", 60],
])("%s refused with %i is so already", (sql, code) => {
  expect(classOf(server(code), sql)).toBe("already");
});

test.each([
  [create, 60],
  [create, 81],
  [drop, 57],
  [addColumn, 10],
  [addColumn, 60],
  ["ALTER TABLE d.t MODIFY COLUMN c String", 10],
])("%s refused with %i is a mistake", (sql, code) => {
  expect(classOf(server(code), sql)).toBe("fatal");
});

test("a code with several meanings counts as a signal by its text alone", () => {
  const addIndex = "ALTER TABLE d.t ADD INDEX i c TYPE minmax";
  expect(classOf(server(44, "Cannot add index i: index with this name already exists."), addIndex)).toBe(
    "already",
  );
  expect(classOf(server(44, "Column c has a type that cannot be indexed"), addIndex)).toBe("fatal");
  const dropIndex = "ALTER TABLE d.t DROP INDEX i";
  expect(classOf(server(36, "Wrong index name. Cannot find index `i` to drop."), dropIndex)).toBe("already");
  expect(classOf(server(36, "Bad arguments"), dropIndex)).toBe("fatal");
});

test("the missing database is the fence only if it is a state database", () => {
  const gone = (name: string) => server(81, `Database ${name} does not exist.`, 404);
  for (const sql of [create, drop, insert]) {
    expect(classOf(gone("_moose_shop_e7"), sql)).toBe("fence-lost");
    expect(classOf(gone("`_moose_my_shop_e12`"), sql)).toBe("fence-lost");
  }
  expect(classOf(gone("shop"), drop)).toBe("already");
  expect(classOf(gone("shop"), create)).toBe("fatal");
  const hinted = server(81, "Database moose_shop does not exist. Maybe you meant _moose_shop_e1?");
  expect(classOf(hinted, create)).toBe("fatal");
});

test("where rows are written only what is found before the first of them is known", () => {
  for (const code of [47, 60, 62, 81, 497]) expect(classOf(server(code), insert)).toBe("fatal");
  expect(classOf(server(202), insert)).toBe("not-applied");
  for (const code of [241, 252, 242, 36, 53, 70, 243, 27])
    expect(classOf(server(code), insert)).toBe("unknown");
});
