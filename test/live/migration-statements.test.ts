// The operations of plan files on the real engine: each leaves the table as the fold says.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { MigrationOperation } from "../../src/format/operation.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import { createTable } from "../../src/sql/create-table.js";
import { quoteString } from "../../src/sql/quote.js";
import { changeOf, fold } from "../format/single-operation.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, table } from "./tables.js";

let engine: LiveEngine;
let project: LiveProject;

beforeAll(async () => {
  engine = await startLive();
  project = await engine.newProject();
});
afterAll(() => engine.stop());

/** Sends the statements of an operation; returns the map after it. */
async function send(operation: MigrationOperation, map: InfraMap): Promise<InfraMap> {
  const effect = changeOf(operation, map);
  if ("problem" in effect) throw new Error(effect.problem);
  const steps =
    effect.kind === "statements"
      ? effect.steps
      : plan(effect.changes, noEvidence).operations.flatMap((planned) => planned.steps);
  for (const { sql } of steps)
    await engine.clickhouse.command(`${sql}${sql.startsWith("ALTER") ? " SETTINGS mutations_sync = 2" : ""}`);
  const folded = fold(map, operation);
  if ("problem" in folded) throw new Error(folded.problem);
  return folded.map;
}

async function count(sql: string): Promise<number> {
  const [row] = await engine.clickhouse.rows<{ n: string }>(sql);
  return Number(row?.n);
}

test("a rename keeps the values, and every expression of the table follows it as the fold says", async () => {
  const { database } = project;
  const made = table(
    database,
    [
      column("id", "UInt32"),
      column("hex", "DateTime('UTC')"),
      column("label", "String", {
        default: { kind: "DEFAULT", expression: "concat('hex', hex(hex))" },
      }),
      column("code", "String", { ttl: "hex + toIntervalYear(90)" }),
    ],
    { name: "renamed", ttl: "hex + toIntervalYear(80)" },
  );
  await engine.clickhouse.command(createTable(made));
  await engine.clickhouse.command(
    `INSERT INTO ${database}.renamed (id, hex, code) VALUES (1, '2025-01-02 00:00:00', 'x')`,
  );
  const name = { database, name: "renamed" };
  let map = infraMapOf([made]);
  map = await send({ kind: "RenameTableColumn", table: name, from: "hex", to: "from" }, map);
  const live = await project.table("renamed");
  expect({ ...live, settings: {} }).toEqual(map.tables.get(`${database}.renamed`));
  map = await send({ kind: "RenameTable", table: name, to: "renamed again" }, map);
  expect(
    await count(
      `SELECT count() AS n FROM ${database}.\`renamed again\` WHERE \`from\` = '2025-01-02 00:00:00' AND label = concat('hex', hex(\`from\`))`,
    ),
  ).toBe(1);
});

test("an index and a projection hold for the rows that are there, and go again", async () => {
  const { database } = project;
  const made = table(database, [column("id", "UInt32"), column("s", "String"), column("n", "Int64")], {
    name: "parts",
  });
  await engine.clickhouse.command(createTable(made));
  await engine.clickhouse.command(
    `INSERT INTO ${database}.parts SELECT number, toString(number), number FROM numbers(9)`,
  );
  const name = { database, name: "parts" };
  const index = { name: "by `s`", expression: "(s, lower(s))", type: "bloom_filter(0.01)", granularity: 2 };
  const projection = { name: "sums", body: "SELECT s, sum(n) GROUP BY s" };
  let map = infraMapOf([made]);
  map = await send({ kind: "AddTableIndex", table: name, index }, map);
  map = await send({ kind: "AddTableProjection", table: name, projection }, map);
  const where = `WHERE database = ${quoteString(database)} AND table = 'parts'`;
  const indexes = `SELECT count() AS n FROM system.data_skipping_indices ${where} AND name = 'by \`s\`' AND granularity = 2 AND data_compressed_bytes > 0`;
  const projections = `SELECT sum(rows) AS n FROM system.projection_parts ${where} AND name = 'sums' AND active`;
  expect(await count(indexes)).toBe(1);
  expect(await count(projections)).toBe(9);
  map = await send({ kind: "DropTableIndex", table: name, index: index.name }, map);
  map = await send({ kind: "DropTableProjection", table: name, projection: "sums" }, map);
  expect(await count(indexes)).toBe(0);
  expect(map.tables.get(`${database}.parts`)).toEqual(made);
});

test("views come and go; a materialized one writes to its table", async () => {
  const { database } = project;
  const [source, target] = ["source", "target"].map((name) =>
    table(database, [column("id", "UInt32")], { name }),
  );
  if (source === undefined || target === undefined) throw new Error("no tables");
  for (const made of [source, target]) await engine.clickhouse.command(createTable(made));
  const map = infraMapOf([source, target]);
  const [view, writer] = [
    { database, name: "view `v`" },
    { database, name: "writer" },
  ];
  const select = `SELECT id FROM ${database}.source`;
  await send({ kind: "CreateView", view, select }, map);
  await send(
    { kind: "CreateMaterializedView", view: writer, target: { database, name: "target" }, select },
    map,
  );
  await send(
    { kind: "RawSql", sql: [`INSERT INTO ${database}.source VALUES (1), (2)`], description: "" },
    map,
  );
  expect(await count(`SELECT count() AS n FROM ${database}.\`view \\\`v\\\`\``)).toBe(2);
  expect(await count(`SELECT count() AS n FROM ${database}.target`)).toBe(2);
  await send({ kind: "DropView", view }, map);
  await send({ kind: "DropMaterializedView", view: writer }, map);
  expect(
    await count(
      `SELECT count() AS n FROM system.tables WHERE database = ${quoteString(database)} AND engine LIKE '%View'`,
    ),
  ).toBe(0);
});
