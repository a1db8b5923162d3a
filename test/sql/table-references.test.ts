// Which tables a query names, and where.

import { expect, test } from "vitest";
import { tableReferences, withDatabase, withoutDatabase } from "../../src/sql/table-references.js";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ["a table", "SELECT a FROM t", ["t"]],
  ["a table with a database", "SELECT a FROM d.t AS x", ["d.t"]],
  ["names in quotes", 'SELECT a FROM `my t` JOIN "d-b".`t``s`', ["my t", "d-b.t"]],
  ["joins of all kinds", "SELECT 1 FROM a LEFT ANY JOIN b ON a.x = b.x, c CROSS JOIN d", ["a", "b", "d"]],
  ["a list of tables", "SELECT 1 FROM a AS x, b y, c WHERE x.i = y.i", ["a", "b", "c"]],
  ["an array join", "SELECT 1 FROM a ARRAY JOIN list AS one, other", ["a"]],
  [
    "a subquery",
    "SELECT * FROM (SELECT x FROM inner_one) WHERE x IN (SELECT y FROM other)",
    ["inner_one", "other"],
  ],
  [
    "a table as a set",
    "SELECT 1 FROM a WHERE x IN b AND y NOT IN (c) AND z IN (1, 2) AND q IN (m, n)",
    ["a", "b", "c"],
  ],
  ["a table of its own WITH", "WITH x AS (SELECT 1 FROM t) SELECT * FROM x JOIN u", ["t", "u"]],
  ["table functions", "SELECT * FROM numbers(10) JOIN cluster('c', d.t) AS x ON 1", []],
  [
    "functions with FROM inside",
    "SELECT substring(s FROM 2), EXTRACT(YEAR FROM d), trim(LEADING 'x' FROM s) FROM t",
    ["t"],
  ],
  ["a comparison with FROM", "SELECT a IS NOT DISTINCT FROM b FROM t", ["t"]],
  ["texts and comments", "SELECT 'FROM x' AS a -- FROM y\n/* JOIN z */ FROM t", ["t"]],
  ["a union", "(SELECT a FROM t) UNION ALL SELECT a FROM u EXCEPT SELECT a FROM v", ["t", "u", "v"]],
  ["brackets around a join", "SELECT 1 FROM (a JOIN b ON a.x = b.x)", ["a", "b"]],
  ["FROM at the beginning", "FROM t SELECT a", ["t"]],
  ["columns called from and join", "SELECT t.from, t.join FROM t", ["t"]],
  [
    "a dictionary",
    "SELECT dictGet('prices', 'v', id), dictGetOrDefault('d.other', 'v', id, 0) FROM t",
    ["prices", "d.other", "t"],
  ],
];

test.each(cases)("%s", (_, query, names) => {
  const found = tableReferences(query).map(({ database, name }) => (database ? `${database}.${name}` : name));
  expect(found).toEqual(names);
});

test.each(cases)("%s: the database is put in and taken out again", (_, query) => {
  const full = withDatabase(query, "home");
  expect(tableReferences(full).every(({ database }) => database !== undefined)).toBe(true);
  const bare = (text: string) => text.replaceAll("`", "").replaceAll('"', "");
  expect(bare(withoutDatabase(full, "home"))).toBe(bare(query));
});
