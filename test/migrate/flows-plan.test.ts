// moose plan: what it says, with whatever rights there are, and that it leaves nothing behind.

import http from "node:http";
import type { AddressInfo } from "node:net";
import picocolors from "picocolors";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { planJson, planLines } from "../../runtime/cli/plan-view.js";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { FlowProject } from "./flow-project.js";

let engine: LiveEngine;
let proxy: http.Server;
/** May only look. */
let reader: ClickHouse;
const refused: string[] = [];

beforeAll(async () => {
  engine = await startLive();
  proxy = http.createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (!/^\s*(SELECT|WITH)\b/.test(body.toString())) {
      refused.push(body.toString());
      response.writeHead(403, { "x-clickhouse-exception-code": "497" });
      return response.end("Code: 497. DB::Exception: jo: Not enough privileges. (ACCESS_DENIED)");
    }
    const { connection: _, "transfer-encoding": __, ...headers } = request.headers;
    const onward = http.request(
      `${engine.url}${request.url ?? "/"}`,
      { method: request.method ?? "POST", headers: { ...headers, "content-length": String(body.length) } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  reader = await connect({ url: `http://127.0.0.1:${port}`, user: "default", password: "" });
});
afterAll(async () => {
  await reader.close();
  proxy.closeAllConnections();
  proxy.close();
  await engine.stop();
});

async function project(): Promise<FlowProject> {
  const made = new FlowProject(engine.clickhouse);
  await engine.clickhouse.command(`CREATE DATABASE ${made.database}`);
  onTestFinished(() => made.remove());
  return made;
}

const id = column("id", "UInt64");
const noColors = picocolors.createColors(false);
const textOf = ({ report }: Awaited<ReturnType<FlowProject["plan"]>>): string =>
  planLines(report, noColors, { showSql: false }).join("\n");

/** Everything on the server, so that something left behind is seen. */
async function everything(): Promise<string> {
  const rows = await engine.clickhouse.rows(
    `SELECT name, '' AS t, '' AS q FROM system.databases
     UNION ALL SELECT database, name, create_table_query FROM system.tables WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')
     ORDER BY ALL`,
  );
  return JSON.stringify(rows);
}

test("what only the server can tell apart is no difference, and nothing is left behind", async () => {
  const p = await project();
  const spelled = (expression: string) =>
    table(p.database, [id, column("at", "DateTime", { default: { kind: "DEFAULT", expression } })]);
  await p.bring([spelled("now()")]);
  const before = await everything();
  p.code = [spelled("NOW()")];
  const plan = await p.plan();
  expect(plan.report).toMatchObject({ operations: [], unsure: [] });
  expect(textOf(plan)).toBe("nothing to do: the database is as the code says");
  expect(await everything()).toBe(before);
});

test("with rights to read alone, what cannot be told is unsure, the rest is planned, and nothing changes", async () => {
  const p = await project();
  const spelled = (expression: string) =>
    table(p.database, [id, column("at", "DateTime", { default: { kind: "DEFAULT", expression } })]);
  await p.bring([spelled("now()")]);
  const before = await everything();
  p.code = [spelled("NOW()"), table(p.database, [id], { name: "fresh" })];
  refused.length = 0;
  const plan = await p.plan([], [], reader);
  expect(plan.report.unsure).toEqual([`${p.database}.t`]);
  expect(plan.report.operations.map(({ operation }) => operation.kind)).toContain("CreateTable");
  expect(textOf(plan)).toContain(`? ${p.database}.t may differ in spelling only`);
  expect(refused).toEqual([expect.stringMatching(/^CREATE DATABASE `_moose_/)]);
  expect(await everything()).toBe(before);
});

test("the same code and database have the same plan id, others another", async () => {
  const p = await project();
  p.code = [table(p.database, [id])];
  const first = (await p.plan()).report.id;
  expect((await p.plan()).report.id).toBe(first);
  p.code = [table(p.database, [id, column("b", "String")])];
  expect((await p.plan()).report.id).not.toBe(first);
});

test("the JSON has the keys of the existing tool, what is filtered with its reason, and the plan beside", async () => {
  const p = await project();
  const lifeCycle = LifeCycle.DELETION_PROTECTED;
  const parts = { ttl: "toDateTime(id) + toIntervalDay(9)", settings: { merge_with_ttl_timeout: "7200" } };
  await p.bring([
    table(p.database, [id, column("a", "String")], { name: "kept", lifeCycle }),
    table(p.database, [id, column("n", "UInt8")], { name: "changed" }),
    table(p.database, [id], { name: "gone" }),
  ]);
  p.code = [
    table(p.database, [id], { name: "kept", lifeCycle }),
    table(p.database, [id, column("n", "UInt16"), column("z", "String")], { name: "changed", ...parts }),
    table(p.database, [id], { name: "fresh" }),
  ];
  const plan = await p.plan();
  const json = JSON.parse(JSON.stringify(planJson(plan, p.database)));
  expect(Object.keys(json)).toEqual(["target_infra_map", "changes", "plan"]);
  expect(Object.keys(json.changes).sort()).toEqual([
    "api_changes",
    "filtered_olap_changes",
    "olap_changes",
    "processes_changes",
    "streaming_engine_changes",
    "web_app_changes",
    "workflow_changes",
  ]);
  const kinds = json.changes.olap_changes.map((one: { Table: object }) => Object.keys(one.Table)[0]).sort();
  expect(kinds).toEqual(["Added", "Removed", "SettingsChanged", "TtlChanged", "Updated"]);
  const updated = json.changes.olap_changes.find((one: { Table: object }) => "Updated" in one.Table).Table
    .Updated;
  expect(Object.keys(updated).sort()).toEqual([
    "after",
    "before",
    "column_changes",
    "name",
    "order_by_change",
    "partition_by_change",
  ]);
  expect(updated.column_changes.map((one: object) => Object.keys(one)[0]).sort()).toEqual([
    "Added",
    "Updated",
  ]);
  expect(json.changes.filtered_olap_changes).toMatchObject([
    {
      reason: expect.stringContaining("DELETION_PROTECTED"),
      change: { Table: { Updated: { name: "kept" } } },
    },
  ]);
  expect(Object.keys(json.target_infra_map.tables).sort()).toEqual(
    ["changed", "fresh", "kept"].map((name) => `${p.database}_${name}`),
  );
  expect(json.plan.operations).toHaveLength(plan.report.operations.length);
  expect(json.plan.operations[0]).toMatchObject({ sql: [expect.any(String)], verdict: expect.any(Object) });
});

test("a name that a view has is told of, in place of a plan that could never be applied", async () => {
  const p = await project();
  await p.clickhouse.command(`CREATE VIEW ${p.database}.t AS SELECT 1 AS id`);
  p.code = [table(p.database, [id])];
  expect((await p.plan()).planned.diagnostics).toMatchObject([
    { code: "reconcile/taken-name", summary: `${p.database}.t is to be a table, and a view has this name` },
  ]);
  p.code = [table(p.database, [id], { lifeCycle: LifeCycle.EXTERNALLY_MANAGED })];
  expect((await p.plan()).planned.diagnostics).toEqual([]);
});
