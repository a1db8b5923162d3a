// Reading statements without an engine: where formats, data and second statements are.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { killStatement, showClientQueryIds } from "../../runtime/embedded/process-list.js";
import { identifier, literal } from "../../runtime/embedded/script.js";
import { exceptionBlock, fromEngine } from "../../runtime/embedded/server-error.js";
import { tokens } from "../../runtime/embedded/sql-tokens.js";
import { analyse } from "../../runtime/embedded/statement.js";

describe("reading a statement", () => {
  test.each([
    ["SELECT 1", undefined],
    ["SELECT 1 FORMAT JSON", "JSON"],
    ["SELECT 1 format CSV SETTINGS max_threads=1;", "CSV"],
    ["WITH x AS (SELECT 1 FORMAT Null) SELECT * FROM x", undefined],
    ["SELECT 'FORMAT JSON' AS format", undefined],
    ["(SELECT 1) UNION ALL (SELECT 2) FORMAT TSV -- end", "TSV"],
    ["/* c */ FROM numbers(3) SELECT *", undefined],
  ])("%s returns rows, in format %s", (sql, format) => {
    expect(analyse(sql)).toMatchObject({ kind: "rows", format });
  });

  test.each([
    ["INSERT INTO t VALUES (1)", "Values", " (1)"],
    ["insert into t(a,b) format CSV 1,2", "CSV", "1,2"],
    ["INSERT INTO t FORMAT CSV\r\n\n1", "CSV", "\n1"],
    ["INSERT INTO FUNCTION file('x', 'CSV', 'a Int8') SETTINGS a=1 FORMAT TSV\n1", "TSV", "1"],
    ["INSERT INTO `values` (`format`) VALUES (1); x", "Values", " (1); x"],
    ["INSERT INTO db.values VALUES (1)", "Values", " (1)"],
    ["INSERT INTO TABLE format FORMAT CSV 1", "CSV", "1"],
  ])("the data of %s is found", (sql, format, data) => {
    const statement = analyse(sql);
    expect(statement).toMatchObject({ kind: "insert-data", format });
    if (statement.kind === "insert-data") expect(sql.slice(statement.dataAt)).toBe(data);
  });

  test.each([
    "INSERT INTO t SELECT 1",
    "INSERT INTO t (a) (SELECT 1)",
    "INSERT INTO t WITH 1 AS a SELECT a",
    "WITH 1 AS a INSERT INTO t SELECT a",
  ])("%s brings its own data", (sql) => {
    expect(analyse(sql)).toMatchObject({ kind: "insert-select" });
  });

  test("whatever stands in a string is no syntax", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const statement = analyse(`SELECT ${literal(text)} AS ${identifier(`a${text}`)}`);
        expect(statement).toMatchObject({ kind: "rows", format: undefined });
        expect([...tokens(literal(text))]).toHaveLength(1);
      }),
    );
  });

  test("any text is read to its end, and tokens do not overlap", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        let end = 0;
        for (const token of tokens(text)) {
          expect(token.start).toBeGreaterThanOrEqual(end);
          expect(token.end).toBeGreaterThan(token.start);
          end = token.end;
        }
      }),
    );
  });
});

describe("query ids", () => {
  test("system.processes is replaced as a table only", () => {
    expect(showClientQueryIds("SELECT 'system.processes' FROM system.tables")).toBe(
      "SELECT 'system.processes' FROM system.tables",
    );
    expect(showClientQueryIds("SELECT 1 FROM system.processes WHERE 1")).toMatch(
      /FROM \(SELECT .*\) AS processes WHERE 1$/,
    );
    expect(showClientQueryIds("SELECT 1 FROM system.processes p")).toMatch(/FROM \(SELECT .*\) p$/);
    expect(showClientQueryIds("SELECT 1 FROM numbers(1), `system`.`processes`")).toMatch(
      /, \(SELECT .*\) AS processes$/,
    );
  });

  test("KILL QUERY .. SYNC becomes ASYNC, which does not hang the engine", () => {
    expect(killStatement("KILL QUERY WHERE user='x' SYNC FORMAT JSON")).toEqual({
      sql: "KILL QUERY WHERE ( user='x' ) ASYNC  FORMAT JSON",
      condition: " user='x' ",
    });
    expect(killStatement("KILL QUERY WHERE 1 TEST")?.sql).toContain("TEST");
    expect(killStatement("KILL MUTATION WHERE 1")).toBeUndefined();
  });
});

describe("errors of the engine", () => {
  test("code, text and name are read, with line ends and without our own text", () => {
    const error = fromEngine(
      new Error(
        "Query failed: Code: 27. DB::Exception: Cannot parse: (at row 1)\n: in X OURS (a). (CANNOT_PARSE)\n",
      ),
      [" OURS"],
    );
    expect(error).toMatchObject({
      code: 27,
      errorName: "CANNOT_PARSE",
      message: "Cannot parse: (at row 1)\n: in X (a).",
    });
    expect(fromEngine(new Error("something else"))).toMatchObject({ code: 1002 });
  });

  test("the block inside a body gives the length that clients count back by", () => {
    const error = fromEngine(new Error("Code: 395. DB::Exception: ž. (FAILED)"));
    const block = exceptionBlock(error, "1.2.3", "tag0").toString("utf8");
    const message = error.body("1.2.3");
    expect(block).toBe(
      `\r\n__exception__\r\ntag0\r\n${message}\n${Buffer.byteLength(message) + 1} tag0\r\n__exception__\r\n`,
    );
  });
});
