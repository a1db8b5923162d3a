// The text of statements.

import { expect, test } from "vitest";
import * as alter from "../../src/sql/alter-table.js";
import { columnDefinition } from "../../src/sql/column.js";
import { createTable, dropEmptyTable, dropTable, settingList } from "../../src/sql/create-table.js";
import { column, table } from "../live/tables.js";

const t = { database: "d", name: "t" };
const full = column("a`b", "UInt8", {
  default: { kind: "DEFAULT", expression: "1 + 1" },
  comment: "it's",
  codec: "ZSTD(1)",
  ttl: "at + toIntervalDay(1)",
});

test("a column with all that it can have", () => {
  expect(columnDefinition(full)).toBe(
    "`a\\`b` UInt8 DEFAULT 1 + 1 COMMENT 'it\\'s' CODEC(ZSTD(1)) TTL at + toIntervalDay(1)",
  );
});

test("CREATE TABLE with all that it can have", () => {
  const everything = table("d", [column("id", "UInt8"), full], {
    engine: "ReplacingMergeTree(id)",
    orderBy: "id, b",
    primaryKey: "id",
    partitionBy: "toYYYYMM(at), b",
    sampleBy: "id",
    ttl: "at",
    settings: { b: "x'", a: "1" },
    comment: "c",
  });
  expect(createTable(everything, "u-1")).toBe(
    `CREATE TABLE \`d\`.\`t\` UUID 'u-1' (\`id\` UInt8, ${columnDefinition(full)}) ENGINE = ReplacingMergeTree(id) PARTITION BY (toYYYYMM(at), b) PRIMARY KEY (id) ORDER BY (id, b) SAMPLE BY id TTL at SETTINGS a = 1, b = 'x\\'' COMMENT 'c'`,
  );
});

test("CREATE TABLE with as little as it can have", () => {
  expect(createTable(table("d", [column("id", "UInt8")], { orderBy: "", primaryKey: "" }))).toBe(
    "CREATE TABLE `d`.`t` (`id` UInt8) ENGINE = MergeTree ORDER BY tuple()",
  );
  expect(createTable(table("d", [column("id", "UInt8")], { partitionBy: "f(a, b)" }))).toContain(
    " PARTITION BY f(a, b) ORDER BY (id)",
  );
});

const index = { name: "i`x", expression: "lower(a)", type: "bloom_filter(0.01)", granularity: 4 };
const projection = { name: "p q", body: "SELECT a ORDER BY a" };

test("CREATE TABLE with indexes and projections behind its columns", () => {
  const parts = { indexes: [index], projections: [projection] };
  expect(createTable(table("d", [column("a", "String")], parts))).toBe(
    "CREATE TABLE `d`.`t` (`a` String, INDEX `i\\`x` lower(a) TYPE bloom_filter(0.01) GRANULARITY 4, PROJECTION `p q` (SELECT a ORDER BY a)) ENGINE = MergeTree ORDER BY (a)",
  );
});

test("RENAME TABLE", () => {
  expect(alter.renameTable(t, { database: "d", name: "u" })).toBe("RENAME TABLE `d`.`t` TO `d`.`u`");
});

test("the ALTER statements", () => {
  const a = column("a", "UInt8");
  expect([
    alter.addColumn(t, a, "id"),
    alter.addColumn(t, a, undefined),
    alter.dropColumn(t, "a"),
    alter.modifyColumn(t, a),
    alter.removeColumnProperty(t, "a", "CODEC"),
    alter.commentColumn(t, "a", "it's"),
    alter.modifyTtl(t, "at"),
    alter.modifyTtl(t, ""),
    alter.modifySampleBy(t, "id"),
    alter.modifySampleBy(t, ""),
    alter.modifyComment(t, "c"),
    alter.modifySettings(t, { b: "1", a: "x" }),
    alter.resetSettings(t, ["b", "a"]),
    alter.renameColumn(t, "a", "b`c"),
    alter.addIndex(t, index),
    alter.materializeIndex(t, "i`x"),
    alter.dropIndex(t, "i`x"),
    alter.addProjection(t, projection),
    alter.materializeProjection(t, "p q"),
    alter.dropProjection(t, "p q"),
  ]).toEqual(
    [
      "ADD COLUMN `a` UInt8 AFTER `id`",
      "ADD COLUMN `a` UInt8 FIRST",
      "DROP COLUMN `a`",
      "MODIFY COLUMN `a` UInt8",
      "MODIFY COLUMN `a` REMOVE CODEC",
      "COMMENT COLUMN `a` 'it\\'s'",
      "MODIFY TTL at",
      "REMOVE TTL",
      "MODIFY SAMPLE BY id",
      "REMOVE SAMPLE BY",
      "MODIFY COMMENT 'c'",
      "MODIFY SETTING a = 'x', b = 1",
      "RESET SETTING a, b",
      "RENAME COLUMN `a` TO `b\\`c`",
      "ADD INDEX `i\\`x` lower(a) TYPE bloom_filter(0.01) GRANULARITY 4",
      "MATERIALIZE INDEX `i\\`x`",
      "DROP INDEX `i\\`x`",
      "ADD PROJECTION `p q` (SELECT a ORDER BY a)",
      "MATERIALIZE PROJECTION `p q`",
      "DROP PROJECTION `p q`",
    ].map((command) => `ALTER TABLE \`d\`.\`t\` ${command}`),
  );
});

test("numbers among settings stay bare, all else is quoted", () => {
  expect(settingList({ a: "-1", b: "0.5", c: "1GB", d: "" })).toBe("a = -1, b = 0.5, c = '1GB', d = ''");
});

test("a table is dropped so that it can be brought back", () => {
  expect(dropTable(t)).toBe("DROP TABLE `d`.`t`");
  expect(dropEmptyTable(t)).toBe("DROP TABLE IF EMPTY `d`.`t`");
});
