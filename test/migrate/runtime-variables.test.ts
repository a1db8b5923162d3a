// Migration files of tables whose secrets come from the environment: reviewed and kept without them, applied with them.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { markerOf } from "../../src/sql/runtime-variable.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { FlowProject, refusal } from "./flow-project.js";

const values = { STORE_KEY_ID: "AKIA-canary-1", STORE_SECRET: "a-canary-2" };

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

async function client(variables: Readonly<Record<string, string>>): Promise<ClickHouse> {
  const made = await connect({ url: engine.url, user: "default", password: "" }, variables);
  onTestFinished(() => made.close());
  return made;
}

async function project(variables: Readonly<Record<string, string>>): Promise<FlowProject> {
  const made = new FlowProject(await client(variables));
  await engine.clickhouse.command(`CREATE DATABASE ${made.database}`);
  onTestFinished(() => made.remove());
  return made;
}

function store({ database }: FlowProject, path = "a", columns = ["id"]) {
  return table(
    database,
    columns.map((name) => column(name, "String")),
    {
      engine: `S3('http://127.0.0.1:9/bucket/${path}.csv', '${markerOf("STORE_KEY_ID")}', '${markerOf("STORE_SECRET")}', 'CSV')`,
      orderBy: "",
      primaryKey: "",
    },
  );
}

const files = (p: FlowProject) =>
  (["plan.yaml", "remote_state.json", "local_infra_map.json"] as const)
    .map((file) => p.read(file))
    .join("\n");

async function stored({ database }: FlowProject): Promise<string> {
  const rows = await engine.clickhouse.rows<{ engine_full: string }>(
    `SELECT engine_full FROM system.tables WHERE database = '${database}' AND name = 't'`,
  );
  return rows[0]?.engine_full ?? "";
}

test("a table is made, made anew and found as it is, and no file has a value", async () => {
  const p = await project(values);
  const first = await p.bring([store(p)]);
  expect(refusal(first)).toBe("");
  expect(first.state).toBe("applied");
  expect(await stored(p)).toContain("'AKIA-canary-1', '[HIDDEN]'");
  expect(files(p)).toContain("__MOOSE_RUNTIME_ENV__:STORE_SECRET");
  expect((await p.migrate()).state).toBe("already-applied");

  const moved = await p.bring([store(p, "b", ["id", "more"])]);
  expect(refusal(moved)).toBe("");
  expect(moved.state).toBe("applied");
  expect(await stored(p)).toContain("b.csv', 'AKIA-canary-1', '[HIDDEN]'");
  for (const value of Object.values(values)) expect(files(p)).not.toContain(value);
  expect((await p.plan()).planned.judged.operations).toEqual([]);
});

test("without a variable nothing is begun, and it is named; the files are written without it", async () => {
  const { STORE_KEY_ID } = values;
  const p = await project({ STORE_KEY_ID });
  const refused = await p.bring([store(p)]);
  expect(refusal(refused)).toContain("reconcile/missing-variable");
  expect(refusal(refused)).toContain("STORE_SECRET");
  expect(await stored(p)).toBe("");
});
