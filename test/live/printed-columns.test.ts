// Columns are read from the statement that the server prints for a table. They must be what system.columns says.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inspect } from "../../runtime/clickhouse/inspect.js";
import type { Column, Table } from "../../src/infra/table.js";
import { quoteIdentifier, quoteString } from "../../src/sql/quote.js";
import { rawTable, tableOf } from "./arbitrary-table.js";
import { forms, tableOfForm } from "./forms.js";
import { type LiveEngine, startLive } from "./live-engine.js";
import { chosenSeed } from "./run-pairs.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

interface Listed {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly default_kind: string;
  readonly default_expression: string;
  readonly comment: string;
  readonly compression_codec: string;
}

async function listed(database: string): Promise<readonly Listed[]> {
  return engine.clickhouse.rows<Listed>(
    `SELECT table, name, type, default_kind, default_expression, comment, compression_codec
     FROM system.columns WHERE database = ${quoteString(database)} ORDER BY table, position`,
  );
}

const asListed = (name: string, column: Column): Listed => ({
  table: name,
  name: column.name,
  type: column.type,
  default_kind: column.default?.kind ?? "",
  default_expression: column.default?.expression ?? "",
  comment: column.comment,
  compression_codec: column.codec === "" ? "" : `CODEC(${column.codec})`,
});

/** Makes the tables, and holds what is read of all columns against what system.columns has. */
async function expectAsListed(tables: (database: string) => readonly Table[]): Promise<void> {
  const project = await engine.newProject();
  const wanted = tables(project.database);
  const report = await project.round(wanted);
  expect(report.operations.filter(({ outcome }) => outcome.state !== "applied")).toEqual([]);
  await expectReadAsListed(project.database, wanted.length);
}

async function expectReadAsListed(database: string, count: number): Promise<void> {
  const found = await inspect(engine.clickhouse, { databases: [database] });
  expect(found).toHaveLength(count);
  const order = (a: { readonly table: Table }, b: { readonly table: Table }) =>
    a.table.name < b.table.name ? -1 : 1;
  const read = [...found]
    .sort(order)
    .flatMap(({ table: { name, columns } }) => columns.map((column) => asListed(name, column)));
  expect(read).toEqual(await listed(database));
}

describe("columns as system.columns has them", () => {
  test("of each form that ClickHouse prints otherwise than it is written", { timeout: 120_000 }, () =>
    expectAsListed((database) => forms.map((form, i) => ({ ...tableOfForm(form, database), name: `t${i}` }))),
  );

  test("of random tables", { timeout: 240_000 }, async () => {
    const seed = chosenSeed();
    process.stdout.write(`seed ${seed}\n`);
    const raws = fc.sample(rawTable, { numRuns: 150, seed });
    await expectAsListed((database) => raws.map((raw, i) => tableOf(raw, database, `r${i}`)));
  });

  test("with names and values that look like the words between them", async () => {
    const { database } = await engine.newProject();
    const t = (name: string, columns: string) =>
      engine.clickhouse.command(
        `CREATE TABLE ${quoteIdentifier(database)}.${quoteIdentifier(name)} (${columns}) ENGINE = MergeTree ORDER BY tuple()`,
      );
    await t(
      "words",
      "TTL UInt8, COMMENT String, a UInt8 DEFAULT TTL * 2, b String ALIAS COMMENT, c UInt8 DEFAULT 1 + TTL COMMENT 'x'",
    );
    await t(
      "quoted",
      "a String DEFAULT ' COMMENT \\'x\\' CODEC(NONE) TTL ' COMMENT ' DEFAULT 1, `b` CODEC(' CODEC(NONE)",
    );
    await t(
      "` (x`",
      "`a (` UInt8, `DEFAULT 1` Enum8(' DEFAULT ' = 1, 'max_types = 3' = 2) DEFAULT ' DEFAULT '",
    );
    await t(
      "ephemeral",
      "a String EPHEMERAL, b String DEFAULT a, `c d` String EPHEMERAL 'x' COMMENT 'EPHEMERAL'",
    );
    await t("limits", "a JSON(max_dynamic_paths = 3, b UInt8), d Dynamic(max_types = 4), e Nullable(String)");
    await t("spaces", "a Tuple(`DEFAULT` UInt8, `x y` Array(String)), m Map(String, Array(Nullable(UInt8)))");
    await t(
      "settings",
      "a String CODEC(ZSTD(3)) SETTINGS (max_compress_block_size = 1048576), d Date, s UInt64 STATISTICS(tdigest) TTL d + 1",
    );
    await t("nullable", "a UInt8 NULL, b UInt8 NOT NULL DEFAULT NULL IS NULL, c String COLLATE binary");
    await expectReadAsListed(database, 8);
  });
});
