// Every fault between client and server, for every kind of statement: the outcome is honest, and nothing is sent twice.

import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouseSettings } from "@clickhouse/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { send } from "../../runtime/clickhouse/send.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { type Fault, FaultProxy } from "./proxy.js";
import { counted, kinds, settle } from "./statements.js";

let live: LiveEngine;
let proxy: FaultProxy;
let through: ClickHouse;
const database = uniqueName("faults");

beforeAll(async () => {
  live = await startLive();
  proxy = await FaultProxy.start(live.url);
  through = await connect({ url: proxy.url, user: "default", password: "" });
  await live.clickhouse.command(`CREATE DATABASE ${database}`);
});

afterAll(async () => {
  await through?.close();
  await proxy?.stop();
  await live?.stop();
});

interface Case {
  readonly name: string;
  readonly fault: Fault;
  /** At the server, after one send. */
  readonly executions: 0 | 1;
  readonly deadlineMs?: number;
  readonly reason: RegExp;
}

const lost = /ECONNRESET|aborted|socket hang up|cut off/;

const cases: readonly Case[] = [
  { name: "a reset before the server has it", fault: { kind: "reset-before" }, executions: 0, reason: lost },
  { name: "a reset after the server has it", fault: { kind: "reset-after" }, executions: 1, reason: lost },
  { name: "half an answer", fault: { kind: "half-answer" }, executions: 1, reason: lost },
  {
    name: "an answer that comes too late",
    fault: { kind: "delay-answer", ms: 1_500 },
    executions: 1,
    deadlineMs: 400,
    reason: /no answer within \d+ ms/,
  },
  {
    name: "a 502 instead of forwarding",
    fault: { kind: "status-before", status: 502 },
    executions: 0,
    reason: /^HTTP 502: 502 the gate is closed$/,
  },
  {
    name: "a 503 instead of forwarding",
    fault: { kind: "status-before", status: 503 },
    executions: 0,
    reason: /^HTTP 503/,
  },
  {
    name: "a 502 instead of the answer",
    fault: { kind: "status-after", status: 502 },
    executions: 1,
    reason: /^HTTP 502/,
  },
  {
    name: "a 504 instead of the answer",
    fault: { kind: "status-after", status: 504 },
    executions: 1,
    reason: /^HTTP 504/,
  },
  {
    name: "a marked exception after a 200",
    fault: { kind: "exception-after-200", marked: true },
    executions: 1,
    reason: /^Value passed to 'throwIf' function is non-zero/,
  },
  {
    name: "an exception that older servers append to a 200",
    fault: { kind: "exception-after-200", marked: false },
    executions: 1,
    reason: /^Value passed to 'throwIf' function is non-zero/,
  },
];

for (const kind of kinds) {
  test.concurrent.each(cases)(
    `${kind}: $name leaves the outcome unknown, and is not sent again`,
    async (one) => {
      const statement = await counted(live.clickhouse, database, kind);
      proxy.inject(statement.queryId, one.fault);
      const outcome = await send(through, statement, { deadlineMs: one.deadlineMs ?? 10_000 });
      expect(outcome).toEqual({
        state: "unknown",
        running: false,
        reason: expect.stringMatching(one.reason),
      });
      expect(await statement.executions()).toBe(one.executions);
      expect(proxy.sendsOf(statement.queryId)).toBe(1);
    },
  );

  test(`${kind}: an answer without faults is done`, async () => {
    const statement = await counted(live.clickhouse, database, kind);
    expect(await send(through, statement, { deadlineMs: 10_000 })).toEqual({ state: "done" });
    expect(await statement.executions()).toBe(1);
  });

  test(`${kind}: while connections are refused it is sent again until it is done, once`, async () => {
    const statement = await counted(live.clickhouse, database, kind);
    const waits: string[] = [];
    const refusing = proxy.refuse(400);
    await sleep(50);
    const outcome = await send(through, statement, {
      deadlineMs: 10_000,
      onWait: (wait) => waits.push(`${wait.for}: ${wait.reason}`),
    });
    await refusing;
    expect(outcome).toEqual({ state: "done" });
    expect(waits.length).toBeGreaterThan(1);
    expect(waits[0]).toMatch(/^retry: connect ECONNREFUSED/);
    expect(await statement.executions()).toBe(1);
  });

  test(`${kind}: a gate that asks to slow down is asked again`, async () => {
    const statement = await counted(live.clickhouse, database, kind);
    const busy: Fault = { kind: "status-before", status: 429 };
    proxy.inject(statement.queryId, busy, busy);
    expect(await send(through, statement, { deadlineMs: 10_000 })).toEqual({ state: "done" });
    expect(proxy.sendsOf(statement.queryId)).toBe(3);
    expect(await statement.executions()).toBe(1);
  });

  test(`${kind}: two faults in a row, looked at in between, execute it once or not at all`, async () => {
    for (const [first, second] of [
      ["reset-before", "reset-after"],
      ["reset-after", "reset-before"],
      ["half-answer", "half-answer"],
    ] as const) {
      const statement = await counted(live.clickhouse, database, kind);
      proxy.inject(statement.queryId, { kind: first }, { kind: second });
      const verdict = await settle(through, statement, { deadlineMs: 10_000 });
      expect(verdict).toBe(kind === "CREATE" ? "done" : "stopped");
      expect(await statement.executions()).toBe(kind !== "CREATE" && first === "reset-before" ? 0 : 1);
    }
  });
}

test("a server that never takes the connection refuses, and says so", async () => {
  const statement = await counted(live.clickhouse, database, "CREATE");
  const refusing = proxy.refuse(1_000);
  await sleep(50);
  const outcome = await send(through, statement, { deadlineMs: 300 });
  await refusing;
  expect(outcome).toMatchObject({ state: "refused", code: undefined });
  expect(await statement.executions()).toBe(0);
});

test("a refusal by the server carries its code, and a table that is there already says so", async () => {
  const sendNow = (sql: string) => send(through, { sql, queryId: uniqueName("q") }, { deadlineMs: 10_000 });
  expect(await sendNow(`CREATE TABLE ${database}.x (n Nonsense) ENGINE = Memory`)).toMatchObject({
    state: "refused",
    code: 50,
  });
  expect(await sendNow(`INSERT INTO ${database}.missing SELECT 1`)).toMatchObject({
    state: "refused",
    code: 60,
  });
  const statement = await counted(live.clickhouse, database, "CREATE");
  await live.clickhouse.command(statement.sql);
  expect(await sendNow(statement.sql)).toMatchObject({ state: "already", code: 57 });
});

test("an INSERT that the server breaks off is unknown: rows of it may be there", async () => {
  const table = `${database}.${uniqueName("part")}`;
  await live.clickhouse.command(`CREATE TABLE ${table} (n UInt64) ENGINE = MergeTree ORDER BY n`);
  const sql = `INSERT INTO ${table} SELECT if(number = 90000, throwIf(1), number) FROM numbers(100000)
    SETTINGS max_block_size = 1000, min_insert_block_size_rows = 1000, max_threads = 1, max_insert_threads = 1`;
  const outcome = await send(through, { sql, queryId: uniqueName("q") }, { deadlineMs: 10_000 });
  const [row] = await live.clickhouse.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`);
  expect(Number(row?.n)).toBeGreaterThan(0);
  expect(outcome).toMatchObject({ state: "unknown", running: false });
});

test("a statement that still runs is waited for, and ended at the deadline where that is asked", async () => {
  const table = `${database}.${uniqueName("slow")}`;
  await live.clickhouse.command(`CREATE TABLE ${table} (n UInt64) ENGINE = MergeTree ORDER BY n`);
  const slow = (rows: number) =>
    `INSERT INTO ${table} SELECT sleepEachRow(0.1) FROM numbers(${rows}) SETTINGS max_block_size = 1`;
  const count = async () =>
    Number((await live.clickhouse.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`))[0]?.n);
  const first = { sql: slow(15), queryId: uniqueName("q") };
  proxy.inject(first.queryId, { kind: "reset-after" });
  const waits: string[] = [];
  const options = { deadlineMs: 20_000, onWait: (wait: { for: string }) => waits.push(wait.for) };
  expect(await send(through, first, options)).toMatchObject({ state: "unknown", running: false });
  expect(waits).toContain("end");
  expect(await count()).toBe(15);

  const second = { sql: slow(200), queryId: uniqueName("q") };
  proxy.inject(second.queryId, { kind: "reset-after" });
  expect(await send(through, second, { deadlineMs: 500 })).toMatchObject({ state: "unknown", running: true });
  const third = { sql: slow(200), queryId: uniqueName("q") };
  proxy.inject(third.queryId, { kind: "reset-after" });
  const killed = await send(through, third, { deadlineMs: 500, killAtDeadline: true });
  expect(killed).toMatchObject({ state: "unknown", running: false });
});

test("a copy under the id of one that runs is turned away, waited for, and not sent again", async () => {
  const table = `${database}.${uniqueName("twice")}`;
  await live.clickhouse.command(`CREATE TABLE ${table} (n UInt64) ENGINE = MergeTree ORDER BY n`);
  const sql = `INSERT INTO ${table} SELECT sleepEachRow(0.1) FROM numbers(8) SETTINGS max_block_size = 1`;
  const statement = { sql, queryId: uniqueName("q") };
  const first = send(through, statement, { deadlineMs: 10_000 });
  await sleep(200);
  expect(await send(through, statement, { deadlineMs: 10_000 })).toMatchObject({ state: "unknown" });
  expect(await first).toEqual({ state: "done" });
  expect(await live.clickhouse.rows(`SELECT count() AS n FROM ${table}`)).toEqual([{ n: "8" }]);
  expect(proxy.sendsOf(statement.queryId)).toBe(2);
});

/** The server takes the database of a request from its URL, where the settings are too. */
const asSettings = (settings: Readonly<Record<string, string>>): ClickHouseSettings => settings;

test("a copy that is held up on the way comes after all where nothing fences it off", async () => {
  const statement = await counted(live.clickhouse, database, "UPDATE");
  proxy.inject(statement.queryId, { kind: "delay-request", ms: 1_200 });
  expect(await send(through, statement, { deadlineMs: 300 })).toMatchObject({ state: "unknown" });
  expect(await send(through, statement, { deadlineMs: 10_000 })).toEqual({ state: "done" });
  await proxy.seen.find(({ queryId }) => queryId === statement.queryId)?.answer;
  expect(await statement.executions()).toBe(2);
});

test("a copy that is held up on the way is refused once the state database has moved on", async () => {
  const state = `_moose_${uniqueName("held")}_e`;
  await live.clickhouse.command(`CREATE DATABASE ${state}1`);
  const statement = await counted(live.clickhouse, database, "UPDATE");
  const fenced = (epoch: number) => ({
    ...statement,
    settings: asSettings({ database: `${state}${epoch}` }),
  });
  proxy.inject(statement.queryId, { kind: "delay-request", ms: 2_000 });
  const outcome = await send(through, fenced(1), { deadlineMs: 300 });
  expect(outcome).toMatchObject({ state: "unknown", running: false });
  await live.clickhouse.command(`RENAME DATABASE ${state}1 TO ${state}2`);
  expect(await send(through, fenced(2), { deadlineMs: 10_000 })).toEqual({ state: "done" });
  const late = await proxy.seen.find(({ queryId }) => queryId === statement.queryId)?.answer;
  expect(late?.headers["x-clickhouse-exception-code"]).toBe("81");
  expect(await statement.executions()).toBe(1);
  expect(await send(through, fenced(1), { deadlineMs: 300 })).toMatchObject({ state: "fence-lost" });
});
