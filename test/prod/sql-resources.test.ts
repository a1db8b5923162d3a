// SQL resources in moose prod: set up at the start, and what their teardown destroys waits for an approval.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { writeApprovals } from "../../runtime/clickhouse/approvals.js";
import { readDeployments } from "../../runtime/clickhouse/deployments.js";
import { JournalReader } from "../../runtime/clickhouse/journal.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { inframapHash } from "../../src/infra/inframap-text.js";
import { type SqlResource, setupHash } from "../../src/infra/sql-resource.js";
import { operationFingerprint } from "../../src/policy/approval.js";
import { until } from "../dev/wait.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { openProject, type ProdProject, type Served } from "./prod-harness.js";

let engine: LiveEngine;
let project: ProdProject;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  project = await openProject(engine);
});
afterEach(() => project.remove());

function resource(name: string, setup: string[], teardown: string[]): SqlResource {
  const lineage = { pullsDataFrom: [], pushesDataTo: [] };
  return { name, database: project.database, setup, setupHash: setupHash(setup), teardown, ...lineage };
}

function serve(...resources: SqlResource[]): Served {
  const map = infraMapOf([], [], [], resources);
  const read = { map, hash: inframapHash(map), builtAtMs: undefined };
  return project.serve([], { readDesired: async () => ({ desired: read, warnings: [] }) });
}

/** What a server of this schema remembers when all is in line is written a moment after it is ready. */
async function remembered(...resources: SqlResource[]): Promise<void> {
  const server = serve(...resources);
  await server.reaches("ready");
  const hash = inframapHash(infraMapOf([], [], [], resources));
  const { project: name } = project.settings;
  const isLatest = async () => (await readDeployments(engine.clickhouse, name)).at(-1)?.hash === hash;
  await until(isLatest, 10_000, () => "the deployment was not written down");
  await server.stop();
}

async function count(table: string): Promise<unknown> {
  const [row] = await engine.clickhouse.rows<{ n: string }>(
    `SELECT count() AS n FROM ${project.database}.${table}`,
  );
  return row?.n;
}

const create = (name: string) => `CREATE TABLE ${name} (a UInt8) ENGINE = MergeTree ORDER BY a`;

test("it is set up at the start, in the journal and among the objects, and a second start finds nothing to do", async () => {
  const name = uniqueName("half");
  const half = resource(name, [`CREATE FUNCTION ${name} AS (x) -> intDiv(x, 2)`], [`DROP FUNCTION ${name}`]);
  const kept = resource("kept", [create("kept"), "INSERT INTO kept VALUES (1)"], ["DROP TABLE kept"]);
  const first = serve(half, kept);
  const ready = await first.reaches("ready");
  expect(ready.resources.map(({ address, kind, state }) => [address, kind, state])).toEqual([
    [`sql:${name}`, "sql-resource", "in line"],
    ["sql:kept", "sql-resource", "in line"],
  ]);
  await first.stop();
  expect(await count("kept")).toBe("1");
  const [run] = await new JournalReader(engine.clickhouse, project.settings.project).runs({ limit: 1 });
  expect(run).toMatchObject({ done: 2, failed: 0, unknown: 0 });

  const second = serve(half, kept);
  await second.reaches("ready");
  expect(second.states.every(({ phase }) => phase !== "applying")).toBe(true);
  await second.stop();
  expect(await count("kept")).toBe("1");
});

test("a setup whose old teardown drops a table waits for an approval, and then goes on", async () => {
  const kept = resource("kept", [create("kept"), "INSERT INTO kept VALUES (1)"], ["DROP TABLE kept"]);
  await serve(kept).reaches("ready");
  const changed = resource("kept", [create("kept")], ["DROP TABLE kept"]);
  const server = serve(changed);
  const blocked = await server.reaches("blocked");
  expect(blocked.operations.map(({ judged }) => judged?.verdict)).toMatchObject([
    { code: "needs-approval", reason: "this destroys data of sql:kept" },
    { code: "needs-approval" },
  ]);
  expect(await count("kept")).toBe("1");
  const look = server.session.lastLook;
  await writeApprovals(
    engine.clickhouse,
    project.settings.project,
    (look?.report.operations ?? []).map(({ operation }) => ({
      fingerprint: operationFingerprint(operation),
      ...{ decision: "approved", by: "ann", planId: look?.report.id ?? "", subject: operation.kind },
    })),
  );
  server.session.wake();
  await server.reaches("ready");
  expect(await count("kept")).toBe("0");
});

test("a setup that the server refuses keeps the server from being ready, with the reason", async () => {
  const bad = resource("bad", ["SELECT no_such_column"], []);
  const failed = await serve(bad).reaches("failed", "blocked");
  expect(failed.isReady).toBe(false);
  expect(JSON.stringify([failed.operations, failed.diagnostics])).toContain("no_such_column");
});

test("a teardown that has changed alone is the one that is run later", async () => {
  const make = (teardown: string) => resource("kept", [create("kept")], [teardown]);
  await remembered(make("DROP TABLE kept"));
  await remembered(make("RENAME TABLE kept TO aside"));
  await serve().reaches("ready");
  expect(await count("aside")).toBe("0");
});
