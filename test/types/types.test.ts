// Every column type from TypeScript to ClickHouse: as the engine prints it, with a second plan that is empty, and a value
// that goes in and comes out.

import { createClient } from "@clickhouse/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column } from "../../src/infra/table.js";
import { type LiveEngine, type LiveProject, startLive } from "../live/live-engine.js";
import { outcomes } from "../live/tables.js";
import { declare } from "./declared.js";
import { type TypeCase, typeCases } from "./type-cases.js";

let engine: LiveEngine;
let project: LiveProject;
let client: ReturnType<typeof createClient>;
const nameOf = (index: number) => `t${index}`;

beforeAll(async () => {
  engine = await startLive();
  project = await engine.newProject();
  client = createClient({ url: engine.url, clickhouse_settings: { flatten_nested: 0 } });
});
afterAll(async () => {
  await client.close();
  await engine.stop();
});

function printed({ type, default: value, codec, ttl, comment }: Column): string {
  return [
    type,
    ...(value === undefined ? [] : [value.kind, value.expression]),
    ...(codec === "" ? [] : [`CODEC(${codec})`]),
    ...(ttl === "" ? [] : [`TTL ${ttl}`]),
    ...(comment === "" ? [] : [`COMMENT ${comment}`]),
  ].join(" ");
}

test("all tables are made in one round, and a second plan is empty", { timeout: 120_000 }, async () => {
  const declared = typeCases.map(({ type, before = "" }, index) => ({
    name: nameOf(index),
    before,
    row: `id: Key<Int32>; at: Date; ${type.startsWith("?") ? `v?: ${type.slice(1)}` : `v: ${type}`}`,
    config: {},
  }));
  const desired = await declare(declared, project.database);
  expect(desired.diagnostics).toEqual([]);
  const tables = [...desired.map.tables.values()];
  const report = await project.round(tables);
  expect([report.diagnostics, report.unconverged]).toEqual([[], []]);
  expect(outcomes(report)).toEqual(tables.map(() => "CreateTable applied"));
  expect(outcomes(await project.round(tables))).toEqual([]);
  expect(outcomes(await (await project.reopened()).round(tables))).toEqual([]);
});

describe("ClickHouse prints, stores and gives back", () => {
  test.each(typeCases.map((one, index) => ({ ...one, index })))("$name", async (one) => {
    const table = await project.table(nameOf(one.index));
    expect(table?.columns.slice(2).map(printed)).toEqual([one.prints]);
    expect(await thereAndBack(one, `${project.database}.${nameOf(one.index)}`)).toEqual(
      "reads" in one ? one.reads : one.value,
    );
  });
});

async function thereAndBack(one: TypeCase, table: string): Promise<unknown> {
  if (one.sql !== undefined) {
    await client.command({ query: `INSERT INTO ${table} (id, at, v) SELECT 1, now(), ${one.sql}` });
  } else {
    const row = { id: 1, at: "2024-01-01 00:00:00", ...(one.value === undefined ? {} : { v: one.value }) };
    await client.insert({ table, values: [row], format: "JSONEachRow" });
  }
  const result = await client.query({
    query: `SELECT ${one.read ?? "v"} AS v FROM ${table} WHERE id = 1`,
    format: "JSONEachRow",
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  });
  const [row] = await result.json<{ v: unknown }>();
  return row?.v;
}
