// The lock on a real engine: one owner at a time, taken over from the dead, and enforced by the server.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type ClickHouse, connect, errorCode } from "../../runtime/clickhouse/client.js";
import { acquireLock, type Lock, type LockOptions, readLock } from "../../runtime/clickhouse/lock.js";
import type { LockHolder } from "../../runtime/clickhouse/lock-store.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { pause, until } from "../dev/wait.js";
import { type LiveEngine, startLive, uniqueName } from "./live-engine.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

function take(project: string, more: Partial<LockOptions> = {}): Promise<Lock> {
  const owner = {
    id: "r1",
    host: "here",
    pid: 7,
    command: "moose migrate --clickhouse-url http://u:secret@h",
  };
  return acquireLock(engine.clickhouse, { project, owner, timeoutMs: 0, ...more });
}

async function problemOf(promise: Promise<unknown>) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
  throw new Error("nothing was refused");
}

async function countIn(clickhouse: ClickHouse, table: string, where = "1"): Promise<number> {
  const rows = await clickhouse.rows<{ n: string }>(`SELECT count() AS n FROM ${table} WHERE ${where}`);
  return Number(rows[0]?.n);
}

async function fencesOf(project: string): Promise<number> {
  return countIn(engine.clickhouse, "system.databases", `startsWith(name, '_moose_${project}_fence_')`);
}

test("a project that is new is locked at once, and let go without a trace that others wait for", async () => {
  const project = uniqueName("p");
  expect(await readLock(engine.clickhouse, project)).toBeUndefined();
  const startMs = performance.now();
  const lock = await take(project);
  expect(lock).toMatchObject({ epoch: 1, database: `_moose_${project}_e1` });
  expect(await readLock(engine.clickhouse, project)).toMatchObject({ epoch: 1, isFree: false });
  await lock.release();
  expect(await readLock(engine.clickhouse, project)).toMatchObject({ state: "released", isFree: true });
  const next = await take(project);
  expect(next.epoch).toBe(2);
  await next.release();
  expect(performance.now() - startMs).toBeLessThan(2_000);
  expect(await fencesOf(project)).toBe(0);
});

test("who waits is told who holds the lock, without secrets", async () => {
  const project = uniqueName("p");
  const lock = await take(project);
  onTestFinished(() => lock.release());
  const holders: LockHolder[] = [];
  const startMs = performance.now();
  const problem = await problemOf(take(project, { timeoutMs: 1_200, onWaiting: (one) => holders.push(one) }));
  expect(performance.now() - startMs).toBeGreaterThan(1_100);
  expect(problem).toMatchObject({
    code: "clickhouse/lock-held",
    summary: `moose migrate --clickhouse-url http://u:[HIDDEN]@h on here (process 7) holds the lock of ${project}`,
    detail: expect.stringMatching(
      /^it has held it for \d\.\d s and showed life -?\d\.\d s ago; waited for 1\.\d s$/,
    ),
  });
  expect(holders).toMatchObject([{ epoch: 1, owner: { id: "r1", host: "here", pid: 7 } }]);
});

test("who waits gets the lock when it is let go", async () => {
  const project = uniqueName("p");
  const lock = await take(project);
  const waiting = take(project, { timeoutMs: 20_000 });
  await pause(700);
  await lock.release();
  const releasedMs = performance.now();
  const next = await waiting;
  expect(performance.now() - releasedMs).toBeLessThan(1_500);
  expect(next.epoch).toBe(2);
  await next.release();
});

test("waiting can be broken off", async () => {
  const project = uniqueName("p");
  const lock = await take(project);
  onTestFinished(() => lock.release());
  const stop = new AbortController();
  const waiting = take(project, { timeoutMs: 60_000, signal: stop.signal });
  setTimeout(() => stop.abort(new Error("stopped by hand")), 300);
  await expect(waiting).rejects.toThrow("stopped by hand");
});

test("of ten that begin at once exactly one gets a new lock, and exactly one a free one", async () => {
  const project = uniqueName("p");
  for (const round of [1, 2, 3]) {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => take(project)));
    const locks = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(locks, `round ${round}`).toHaveLength(1);
    for (const one of results)
      if (one.status === "rejected") expect(one.reason.diagnostics[0].code).toBe("clickhouse/lock-held");
    await locks[0]?.release();
  }
});

test("ten that wait each get it, one after the other, and never two at once", async () => {
  const project = uniqueName("p");
  let owners = 0;
  const epochs: number[] = [];
  const work = async () => {
    const lock = await take(project, { timeoutMs: 25_000 });
    expect(++owners).toBe(1);
    epochs.push(lock.epoch);
    await lock.clickhouse.command("SELECT 1 FORMAT Null");
    owners--;
    await lock.release();
  };
  await Promise.all(Array.from({ length: 10 }, work));
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  expect(new Set(epochs).size).toBe(10);
});

test("after it was let go the server takes nothing more, and neither does the client", async () => {
  const project = uniqueName("p");
  const lock = await take(project);
  const fence = (
    await engine.clickhouse.rows<{ name: string }>(
      `SELECT name FROM system.databases WHERE startsWith(name, '_moose_${project}_fence_1_')`,
    )
  )[0]?.name;
  const late = engine.clickhouse.view({ database: fence ?? "" });
  onTestFinished(() => late.close());
  await late.command("SELECT 1 FORMAT Null");
  await lock.release();
  expect(await problemOf(lock.clickhouse.rows("SELECT 1"))).toMatchObject({ code: "clickhouse/lock-gone" });
  const refusal = await late
    .command(`CREATE TABLE ${lock.database}.late (a Int8) ENGINE = Log`)
    .catch((e) => e);
  expect(errorCode(refusal)).toBe(81);
});

test("what a former owner left running is stopped before the next one begins", async () => {
  const project = uniqueName("p");
  const lock = await take(project);
  const other = engine.clickhouse.view({ queryIdPrefix: `moose-${project}-1-` });
  const running = other
    .rows("SELECT sum(sleepEachRow(0.5)) FROM numbers(40) SETTINGS max_block_size = 1")
    .catch((e) => e);
  await pause(300);
  await lock.release();
  const next = await take(project);
  const outcome = await running;
  expect(errorCode(outcome)).toBe(394);
  expect(next).toMatchObject({ epoch: 2, isTakenOver: false });
  await other.close();
  await next.release();
});

describe.concurrent("over many seconds, a holder in a process of its own", { timeout: 60_000 }, () => {
  test("that is killed loses the lock to who waits, within 20 s", async ({ expect, onTestFinished }) => {
    const { project, table, child } = await startHolder(onTestFinished);
    child.process.kill("SIGKILL");
    const killedMs = performance.now();
    const lock = await take(project, { timeoutMs: 30_000 });
    const tookMs = performance.now() - killedMs;
    process.stdout.write(`took over from a killed owner in ${Math.round(tookMs)} ms\n`);
    expect(tookMs).toBeLessThan(20_000);
    expect(lock).toMatchObject({ epoch: 2, isTakenOver: true });
    await lock.clickhouse.insert(table, [{ epoch: 2, n: 0 }]);
    await lock.release();
  });

  test("that is stopped and goes on after the takeover gets nothing more accepted", async ({
    expect,
    onTestFinished,
  }) => {
    const { project, table, child } = await startHolder(onTestFinished);
    child.process.kill("SIGSTOP");
    const lock = await take(project, { timeoutMs: 30_000 });
    const before = await countIn(engine.clickhouse, table, "epoch = 1");
    expect(before).toBeGreaterThan(0);
    child.process.kill("SIGCONT");
    await until(
      () => child.output.includes("over"),
      10_000,
      () => child.output,
    );
    expect(child.output).toContain("clickhouse/lock-lost");
    expect(child.output).toContain("stopped: clickhouse/lock-lost");
    // It also sent statements past its own guard: the server alone stopped those.
    expect(child.output).toContain("refused by the server: 50");
    expect(await countIn(engine.clickhouse, table, "epoch = 1")).toBe(before);
    await lock.clickhouse.insert(table, [{ epoch: 2, n: 0 }]);
    await lock.release();
  });
});

async function startHolder(atEnd: typeof onTestFinished) {
  const project = uniqueName("p");
  const table = `${project}_db.rows`;
  await engine.clickhouse.command(`CREATE DATABASE ${project}_db`);
  await engine.clickhouse.command(
    `CREATE TABLE ${table} (epoch UInt64, n UInt64) ENGINE = MergeTree ORDER BY n`,
  );
  const file = fileURLToPath(new URL("lock-holder.ts", import.meta.url));
  const started: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", file, engine.url, project, table],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const child = { process: started, output: "" };
  started.stdout?.on("data", (piece) => {
    child.output += piece;
  });
  atEnd(() => void started.kill("SIGKILL"));
  await until(
    () => child.output.includes("epoch 1"),
    20_000,
    () => child.output,
  );
  await until(
    async () => (await countIn(engine.clickhouse, table)) > 5,
    10_000,
    () => "no rows came",
  );
  return { project, table, child };
}

test("a connection that other work keeps busy does not keep the owner from showing life", async () => {
  const project = uniqueName("p");
  const lock = await take(project);
  const busy = Array.from({ length: 8 }, () =>
    lock.clickhouse.rows("SELECT sum(sleepEachRow(0.5)) FROM numbers(14) SETTINGS max_block_size = 1"),
  );
  await Promise.all(busy);
  expect(lock.lost.aborted).toBe(false);
  expect((await readLock(engine.clickhouse, project))?.silentForMs).toBeLessThan(6_000);
  await lock.release();
});

test("a view begins the query ids of its requests", async () => {
  const other = await connect({ url: engine.url, user: "default", password: "" });
  const view = other.view({ queryIdPrefix: "moose-x-9-" });
  const ids = await view.rows<{ id: string }>(
    "SELECT query_id AS id FROM system.processes WHERE query LIKE '%processes%'",
  );
  expect(ids.some(({ id }) => id.startsWith("moose-x-9-"))).toBe(true);
  await view.close();
  await other.close();
});
