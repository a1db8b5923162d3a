// Every engine and table option from TypeScript to ClickHouse: as the engine prints it, with a second plan that is empty,
// and a row that goes in and comes out.

import { createClient } from "@clickhouse/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Table } from "../../src/infra/table.js";
import { type LiveEngine, type LiveProject, startLive } from "../live/live-engine.js";
import { outcomes } from "../live/tables.js";
import { declare } from "./declared.js";
import { type EngineCase, engineCases } from "./engine-cases.js";

let engine: LiveEngine;
let project: LiveProject;
let client: ReturnType<typeof createClient>;
const nameOf = (index: number) => `t${index}`;

beforeAll(async () => {
  engine = await startLive();
  project = await engine.newProject();
  client = createClient({ url: engine.url });
});
afterAll(async () => {
  await client.close();
  await engine.stop();
});

test("all tables are made in one round, and a second plan is empty", { timeout: 120_000 }, async () => {
  const declared = engineCases.map(({ row, config }, index) => ({ name: nameOf(index), row, config }));
  const desired = await declare(declared, project.database);
  expect(desired.diagnostics).toEqual([]);
  const tables = [...desired.map.tables.values()];
  const report = await project.round(tables);
  expect([report.diagnostics, report.unconverged]).toEqual([[], []]);
  expect(outcomes(report)).toEqual(tables.map(() => "CreateTable applied"));
  expect(outcomes(await project.round(tables))).toEqual([]);
  const again = await (await project.reopened()).round(tables);
  expect(outcomes(again)).toEqual([]);
  expect(again.diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(
    engineCases
      .filter(({ prints }) => prints.includes("[HIDDEN]"))
      .map(() => "notice reconcile/not-compared"),
  );
});

describe("ClickHouse prints, stores and gives back", () => {
  test.each(engineCases.map((one, index) => ({ ...one, index })))("$name", async (one) => {
    const table = await project.table(nameOf(one.index));
    expect(table && (await printed(table))).toEqual(one.prints.replace("DATABASE", project.database));
    if (one.values !== undefined) expect(await thereAndBack(one, nameOf(one.index))).toEqual(one.values);
  });
});

async function printed(table: Table): Promise<string> {
  const [row] = await engine.clickhouse.rows<{ text: string }>(
    `SELECT engine_full AS text FROM system.tables WHERE database = '${table.database}' AND name = '${table.name}'`,
  );
  const engineFull = (row?.text ?? "").replace(/(, | SETTINGS )index_granularity = 8192/, "");
  return [
    engineFull,
    ...(table.comment === "" ? [] : [`COMMENT ${table.comment}`]),
    ...table.indexes.map(
      (i) => `INDEX ${i.name} ${i.expression} TYPE ${i.type} GRANULARITY ${i.granularity}`,
    ),
    ...table.projections.map(({ name, body }) => `PROJECTION ${name} ${body}`),
    ...table.constraints.map(({ name, kind, expression }) => `CONSTRAINT ${name} ${kind} ${expression}`),
  ].join(" ");
}

async function thereAndBack({ values }: EngineCase, name: string): Promise<unknown> {
  const table = `${project.database}.${name}`;
  await client.insert({ table, values: [values], format: "JSONEachRow" });
  const result = await client.query({ query: `SELECT * FROM ${table}`, format: "JSONEachRow" });
  return (await result.json())[0];
}
