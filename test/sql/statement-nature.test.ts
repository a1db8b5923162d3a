import { expect, test } from "vitest";
import { natureOf } from "../../src/sql/statement-nature.js";

const repeatable = [
  "CREATE TABLE a.b (c String DEFAULT 'as select') ENGINE = MergeTree ORDER BY c",
  "create table if not exists `x as select` (c UInt8) engine = Memory",
  "CREATE TABLE a AS b",
  "CREATE DATABASE d",
  "CREATE VIEW v AS SELECT 1",
  "CREATE OR REPLACE VIEW v AS SELECT 1",
  "CREATE MATERIALIZED VIEW v TO t AS SELECT 1",
  "CREATE FUNCTION f AS x -> x",
  "/* why */ DROP TABLE a.b -- because\n;",
  "DROP VIEW IF EXISTS v SYNC",
  "RENAME TABLE a TO b",
  "ALTER TABLE a.b ADD COLUMN c Decimal(10, 2) AFTER d, ADD INDEX i (c, d) TYPE minmax",
  "ALTER TABLE `a b`.`c.d` DROP COLUMN x",
  "ALTER TABLE a ON CLUSTER c DROP COLUMN x",
  "ALTER TABLE v MODIFY QUERY SELECT id, upper(a) AS a FROM facts",
  "ALTER TABLE v MODIFY REFRESH EVERY 1 HOUR",
  "ALTER TABLE a MODIFY SETTING ttl_only_drop_parts = 1, merge_with_ttl_timeout = 3",
  "ALTER TABLE a RESET SETTING x, y",
  "ALTER TABLE a MODIFY COLUMN c Nullable(String), COMMENT COLUMN c 'it''s'",
  "ALTER TABLE a MATERIALIZE INDEX i",
  "OPTIMIZE TABLE a FINAL",
  "GRANT SELECT ON a TO b",
];

const once = [
  "DROP TABLE a, b",
  "RENAME TABLE a TO b, c TO d",
  "EXCHANGE TABLES a AND b",
  "TRUNCATE TABLE a",
  "CREATE OR REPLACE TABLE a (c UInt8) ENGINE = Memory",
  "ALTER TABLE a UPDATE n = n + 1 WHERE 1",
  "ALTER TABLE a DELETE WHERE 1",
  "ALTER TABLE a ADD COLUMN c UInt8, UPDATE n = n + 1 WHERE 1",
  "ALTER TABLE a DROP COLUMN c, ADD COLUMN c UInt8",
  "ALTER TABLE a CLEAR COLUMN c",
  "ALTER TABLE a DROP PARTITION 1",
  "ALTER TABLE a ATTACH PARTITION 1 FROM b",
  "ALTER TABLE a FREEZE",
  "ATTACH TABLE a",
  "SYSTEM STOP MERGES a",
];

const writing = [
  "INSERT INTO a VALUES (1)",
  "/* DROP TABLE x */ insert into a select 1",
  "-- CREATE TABLE\nINSERT INTO a SELECT 1",
  "WITH 1 AS x INSERT INTO a SELECT x",
  "CREATE TABLE a ENGINE = Memory AS SELECT 1",
  "CREATE TABLE a ENGINE = Memory AS (SELECT 1)",
  "CREATE TABLE a ENGINE = Memory AS WITH 1 AS x SELECT x",
  "CREATE TABLE a CLONE AS b",
  "CREATE MATERIALIZED VIEW v ENGINE = Memory POPULATE AS SELECT 1",
  "DELETE FROM a WHERE 1",
  "UPDATE a SET n = n + 1 WHERE 1",
  "BACKUP TABLE a TO Memory('x')",
  "'DROP TABLE a'",
  "",
];

test.each(repeatable)("%s may be sent twice", (sql) => {
  expect(natureOf(sql)).toMatchObject({ repeatable: true, writesRows: false });
});

test.each(once)("%s may not be sent twice", (sql) => {
  expect(natureOf(sql)).toEqual({ repeatable: false, writesRows: false, already: [] });
});

test.each(writing)("%s may leave rows behind when it fails", (sql) => {
  expect(natureOf(sql)).toEqual({ repeatable: false, writesRows: true, already: [] });
});

test("hostile texts of 1 MB are read in linear time", () => {
  const startMs = performance.now();
  for (const piece of ["/*", "'", "\\'", "--", "((", "`\\", " . ", "a,", "#!", " ", ";", "; ", "`", "A S "])
    natureOf(`ALTER TABLE t ${piece.repeat(1_000_000 / piece.length)}`);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});
