// moose prod against the real engine: from start-up to ready, what keeps it from it, and what lets it go on.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { writeApprovals } from "../../runtime/clickhouse/approvals.js";
import { JournalReader } from "../../runtime/clickhouse/journal.js";
import { readState } from "../../runtime/clickhouse/state.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { inframapHash } from "../../src/infra/inframap-text.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import { operationFingerprint } from "../../src/policy/approval.js";
import { driftEntries, driftSize } from "../../src/status/drift-entry.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { view } from "../live/views.js";
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

function events(columns: readonly string[], rest: Partial<Table> = {}): Table {
  return table(
    project.database,
    columns.map((name) => column(name, "UInt64")),
    { name: "events", ...rest },
  );
}

function columnsOf(name: string): Promise<readonly string[]> {
  return engine.clickhouse
    .rows<{ name: string }>(
      "SELECT name FROM system.columns WHERE database = {database:String} AND table = {name:String} ORDER BY position",
      {
        database: project.database,
        name,
      },
    )
    .then((rows) => rows.map((row) => row.name));
}

async function approveAll(server: Served, decision: "approved" | "rejected" = "approved"): Promise<void> {
  const look = server.session.lastLook;
  await writeApprovals(
    engine.clickhouse,
    project.settings.project,
    (look?.report.operations ?? []).map(({ operation }) => ({
      fingerprint: operationFingerprint(operation),
      decision,
      by: "ann",
      planId: look?.report.id ?? "",
      subject: operation.kind,
    })),
  );
  server.session.wake();
}

async function insert(rows: number): Promise<void> {
  await engine.clickhouse.command(
    `INSERT INTO ${project.database}.events SELECT number, number FROM numbers(${rows})`,
  );
}

test("an empty database is brought to the schema, and then the server is ready", async () => {
  const server = project.serve([events(["a", "b"])]);
  const ready = await server.reaches("ready");
  expect(await columnsOf("events")).toEqual(["a", "b"]);
  expect(ready.isReady).toBe(true);
  expect(ready.resources).toEqual([
    {
      address: `${project.database}.events`,
      kind: "table",
      lifeCycle: LifeCycle.FULLY_MANAGED,
      state: "in line",
    },
  ]);
  const notReady = server.states.filter(({ phase }) => phase === "planning" || phase === "applying");
  expect(notReady.length).toBeGreaterThan(0);
  expect(notReady.every(({ isReady }) => !isReady)).toBe(true);
});

test("a column that left the code waits for an approval, and goes when it is there, without a restart", async () => {
  await project.serve([events(["a", "b"])]).reaches("ready");
  await insert(10);
  const server = project.serve([events(["a"])]);
  const blocked = await server.reaches("blocked");
  expect(blocked.isReady).toBe(false);
  expect(blocked.operations.map(({ kind, state, judged }) => [kind, state, judged?.verdict])).toEqual([
    [
      "DropTableColumn",
      "blocked",
      expect.objectContaining({
        code: "needs-approval",
        reason: `this destroys data of ${project.database}.events`,
      }),
    ],
  ]);
  expect(await columnsOf("events")).toEqual(["a", "b"]);
  await approveAll(server);
  await server.reaches("ready");
  expect(await columnsOf("events")).toEqual(["a"]);
});

test("an approval counts once", async () => {
  const wide = [events(["a", "b"])];
  await project.serve(wide).reaches("ready");
  await insert(3);
  const narrow = project.serve([events(["a"])]);
  await narrow.reaches("blocked");
  await approveAll(narrow);
  await narrow.reaches("ready");
  await narrow.stop();
  await project.serve([events(["a", "b", "c"])]).reaches("ready");
  const again = project.serve([events(["a"], { comment: "another deployment" })]);
  const blocked = await again.until(({ phase }) => phase === "blocked");
  expect(blocked.operations.map(({ kind, state }) => `${kind} ${state}`)).toContain(
    "DropTableColumn blocked",
  );
});

test("an existing table that is named to be taken over is changed; one that is not named stays as it is", async () => {
  const address = `${project.database}.events`;
  await engine.clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${project.database}`);
  await engine.clickhouse.command(`CREATE TABLE ${address} (a UInt64) ENGINE = MergeTree ORDER BY a`);
  const stranger = project.serve([events(["a", "b"])]);
  const blocked = await stranger.reaches("blocked");
  expect(blocked.operations[0]?.judged?.verdict).toMatchObject({ code: "not-made-by-moose" });
  expect(await columnsOf("events")).toEqual(["a"]);
  await stranger.stop();
  await project.serve([events(["a", "b"])], { adopt: [address] }).reaches("ready");
  expect(await columnsOf("events")).toEqual(["a", "b"]);
});

test("a table that is named to be taken over and equals the code already is moose's from then on", async () => {
  const address = `${project.database}.events`;
  await engine.clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${project.database}`);
  await engine.clickhouse.command(
    `CREATE TABLE ${address} (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS index_granularity = 8192`,
  );
  const adopting = project.serve([events(["a"])], { adopt: [address] });
  await adopting.reaches("ready");
  await vi.waitUntil(
    async () => (await readState(engine.clickhouse, project.settings.project)).get(address)?.owned === true,
    { timeout: 20_000 },
  );
  await adopting.stop();
  await project.serve([events(["a", "b"])]).reaches("ready");
  expect(await columnsOf("events")).toEqual(["a", "b"]);
});

test("while it applies something the lock is shown as its own, afterwards as nobody's", async () => {
  const server = project.serve([events(["a"])]);
  const ready = await server.reaches("ready");
  const held = server.states.flatMap(({ lock }) => (lock === undefined ? [] : [lock]));
  expect(held.map(({ isOurs, epoch }) => [isOurs, epoch])).toContainEqual([true, 1]);
  expect(held.every(({ isTakenOver }) => !isTakenOver)).toBe(true);
  expect(ready.lock).toBeUndefined();
});

test("what is rejected is not done, and says who said so", async () => {
  await project.serve([events(["a", "b"])]).reaches("ready");
  await insert(10);
  const server = project.serve([events(["a"])]);
  await server.reaches("blocked");
  await approveAll(server, "rejected");
  const state = await server.until(({ operations }) =>
    operations.some(
      ({ judged }) => judged?.verdict.decision === "blocked" && judged.verdict.code === "rejected",
    ),
  );
  const verdict = state.operations[0]?.judged?.verdict;
  expect(verdict).toMatchObject({
    reason: `this destroys data of ${project.database}.events, and ann has rejected it`,
  });
  expect(await columnsOf("events")).toEqual(["a", "b"]);
});

test("a safe change beside one that waits is made at once", async () => {
  await project.serve([events(["a", "b"])]).reaches("ready");
  await insert(10);
  const server = project.serve([events(["a", "c"])]);
  await server.reaches("blocked");
  expect(await columnsOf("events")).toEqual(expect.arrayContaining(["a", "b", "c"]));
});

test("an older deployment that starts again does not take the newer schema back", async () => {
  await project.serve([events(["a"])]).reaches("ready");
  await project.serve([events(["a", "b"])]).reaches("ready");
  await insert(5);
  const old = project.serve([events(["a"])]);
  const blocked = await old.reaches("blocked");
  expect(blocked.operations[0]?.judged?.verdict).toMatchObject({ code: "superseded" });
  expect(await columnsOf("events")).toEqual(["a", "b"]);
});

test("of two builds the later one counts, whatever was applied last", async () => {
  await project.serve([events(["a"])], { builtAtMs: 1_000 }).reaches("ready");
  await project.serve([events(["a", "b"])], { builtAtMs: 2_000 }).reaches("ready");
  const old = await project.serve([events(["a"])], { builtAtMs: 1_000 }).reaches("blocked");
  expect(old.operations[0]?.judged?.verdict).toMatchObject({ code: "superseded" });
  const back = await project.serve([events(["a"])], { builtAtMs: 3_000 }).reaches("blocked");
  expect(back.operations[0]?.judged?.verdict).toMatchObject({ code: "needs-approval" });
});

test("a change behind the server's back is reported as drift and left alone", async () => {
  const server = project.serve([events(["a", "b"])]);
  await server.reaches("ready");
  await engine.clickhouse.command(`ALTER TABLE ${project.database}.events ADD COLUMN by_hand String`);
  const drifted = await server.until(({ drift }) => driftSize(drift) > 0);
  expect(drifted.drift.tables.map(({ kind }) => kind)).toEqual(["ColumnAdded"]);
  expect(drifted).toMatchObject({ phase: "ready", isReady: true });
  await engine.clickhouse.command(`ALTER TABLE ${project.database}.events DROP COLUMN by_hand`);
  await server.until(({ drift }) => driftSize(drift) === 0);
  expect(await columnsOf("events")).toEqual(["a", "b"]);
});

test("drift is healed where the settings say so, as far as it destroys nothing", async () => {
  const server = project.serve([events(["a", "b"])], { healDrift: true });
  await server.reaches("ready");
  await engine.clickhouse.command(`ALTER TABLE ${project.database}.events DROP COLUMN b`);
  await server.until(({ drift }) => driftSize(drift) > 0);
  await server.until(({ drift }) => driftSize(drift) === 0);
  expect(await columnsOf("events")).toEqual(["a", "b"]);
});

test("a view that somebody else has changed or dropped is drift, and is healed where the settings say so", async () => {
  const map = {
    ...infraMapOf([events(["a", "b"])], [view(project.database, "short", "SELECT a FROM events")]),
  };
  const readDesired = async () => ({
    desired: { map, hash: inframapHash(map), builtAtMs: undefined },
    warnings: [],
  });
  const server = project.serve([], { readDesired });
  await server.reaches("ready");
  const name = `${project.database}.short`;
  const { clickhouse } = engine;
  await clickhouse.command(`CREATE OR REPLACE VIEW ${name} AS SELECT b FROM ${project.database}.events`);
  const drifted = await server.until(({ drift }) => driftSize(drift) > 0);
  expect(driftEntries(drifted.drift)).toEqual([
    {
      address: name,
      parts: [
        { what: "query", before: "SELECT a FROM events", after: "SELECT b FROM events" },
        { what: "columns", before: "a UInt64", after: "b UInt64" },
      ],
    },
  ]);
  expect(drifted).toMatchObject({ phase: "ready", isReady: true });
  await clickhouse.command(`DROP VIEW ${name}`);
  await server.until(({ drift }) => drift.views[0]?.kind === "ViewRemoved");
  await server.stop();

  const healing = project.serve([], { readDesired, healDrift: true });
  await healing.reaches("ready");
  await clickhouse.command(`DROP VIEW ${name}`);
  await healing.until(({ drift }) => driftSize(drift) > 0);
  await healing.until(({ drift }) => driftSize(drift) === 0);
  expect(await columnsOf("short")).toEqual(["a"]);
});

test("a table that may not be dropped keeps the server from becoming ready, with the reason", async () => {
  const kept = events(["a"], { lifeCycle: LifeCycle.DELETION_PROTECTED });
  await project.serve([kept]).reaches("ready");
  const blocked = await project.serve([]).reaches("blocked");
  expect(blocked.operations[0]?.judged?.verdict).toMatchObject({ code: "deletion-protected" });
});

test("a lifecycle that alone has changed is the one by which a later removal is judged", async () => {
  await project.serve([events(["a"])], { builtAtMs: 1 }).reaches("ready");
  const lifeCycle = async () =>
    (await readState(engine.clickhouse, project.settings.project)).get(`${project.database}.events`)
      ?.lifeCycle;
  for (const [index, next] of [LifeCycle.DELETION_PROTECTED, LifeCycle.FULLY_MANAGED].entries()) {
    const server = project.serve([events(["a"], { lifeCycle: next })], { builtAtMs: 2 + index });
    await server.reaches("ready");
    await vi.waitFor(async () => expect(await lifeCycle()).toBe(next), 10_000);
    await server.stop();
  }
});

test("each statement is in the journal, with its intent before it", async () => {
  await project.serve([events(["a", "b"])]).reaches("ready");
  const journal = new JournalReader(engine.clickhouse, project.settings.project);
  const [run] = await journal.runs({ limit: 1 });
  const records = await journal.run(run?.runId ?? "");
  expect(records.map(({ kind, operationKind }) => `${kind} ${operationKind}`.trim())).toEqual([
    "run-started",
    "intent CreateTable",
    "done CreateTable",
    "run-ended",
  ]);
});

test("the intents of tables that do not wait for each other are written at once, not one by one", async () => {
  const tables = ["a", "b", "c"].map((name) => ({ ...events(["x"]), name }));
  await project.serve(tables).reaches("ready");
  const journal = new JournalReader(engine.clickhouse, project.settings.project);
  const [run] = await journal.runs({ limit: 1 });
  const records = await journal.run(run?.runId ?? "");
  const intents = records.filter(({ kind }) => kind === "intent");
  expect(intents.map(({ sequence, address }) => `${sequence} ${address.replace(/.*\./, "")}`)).toEqual([
    "1 a",
    "2 b",
    "3 c",
  ]);
  expect(new Set(intents.map(({ at }) => at)).size).toBe(1);
  expect(records.filter(({ kind }) => kind === "done")).toHaveLength(3);
});
