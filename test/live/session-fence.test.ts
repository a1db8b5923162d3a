// Statements of the user's own under the lock: names without a database are the project's, and late ones are refused.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type ClickHouse, errorCode } from "../../runtime/clickhouse/client.js";
import { acquireLock, type Lock } from "../../runtime/clickhouse/lock.js";
import { commandInSession } from "../../runtime/clickhouse/session-fence.js";
import { pause } from "../dev/wait.js";
import { type LiveEngine, startLive, uniqueName } from "./live-engine.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

async function lockedProject(): Promise<{ readonly lock: Lock; readonly database: string; fence: string }> {
  const project = uniqueName("p");
  const database = `${project}_db`;
  await engine.clickhouse.command(`CREATE DATABASE ${database}`);
  const owner = { id: "r1", host: "here", pid: 7, command: "moose migrate" };
  const lock = await acquireLock(engine.clickhouse, { project, owner, timeoutMs: 0 });
  onTestFinished(() => lock.release());
  const fences = await engine.clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.databases WHERE startsWith(name, {prefix:String})",
    { prefix: `_moose_${project}_fence_` },
  );
  return { lock, database, fence: fences[0]?.name ?? "" };
}

async function tablesIn(database: string): Promise<readonly string[]> {
  const rows = await engine.clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = {database:String}",
    { database },
  );
  return rows.map(({ name }) => name);
}

async function codeOf(promise: Promise<unknown>): Promise<number | undefined> {
  return promise.then(
    () => 0,
    (error: unknown) => errorCode(error),
  );
}

const create = "CREATE TABLE made (id UInt8) ENGINE = MergeTree ORDER BY id";

test("what a statement makes under the lock without naming a database is the project's, and stays", async () => {
  const { lock, database } = await lockedProject();
  await lock.clickhouse.command(create, { inDatabase: database });
  await lock.clickhouse.command("INSERT INTO made VALUES (3)", { inDatabase: database });
  await lock.release();
  expect(await tablesIn(database)).toEqual(["made"]);
  expect(await codeOf(lock.clickhouse.command(create, { inDatabase: database }))).toBeUndefined();
});

test("without a fence it is the project's too", async () => {
  const { database } = await lockedProject();
  await engine.clickhouse.command(create, { inDatabase: database });
  expect(await tablesIn(database)).toEqual(["made"]);
});

/** As a process that stood still between its last look and its statement. */
function late(plain: ClickHouse, ms: number): ClickHouse {
  return {
    ...plain,
    async command(sql, options) {
      await pause(ms);
      await plain.command(sql, options);
    },
  };
}

test("one that comes in late is refused by the server, whether or not the fence still stands", async () => {
  const { database, fence } = await lockedProject();
  const fenced = engine.clickhouse.view({ database: fence });
  onTestFinished(() => fenced.close());
  const through = { fenced, plain: late(engine.clickhouse, 3_500) };
  expect(await codeOf(commandInSession(through, create, { inDatabase: database }))).toBe(372);
  await engine.clickhouse.command(`DROP DATABASE ${fence}`);
  expect(await codeOf(commandInSession(through, create, { inDatabase: database }))).toBe(81);
  expect(await tablesIn(database)).toEqual([]);
});

test("a statement whose answer is lost counts as over only when no copy of it can come in any more", async () => {
  const { database, fence } = await lockedProject();
  const fenced = engine.clickhouse.view({ database: fence });
  onTestFinished(() => fenced.close());
  const plain: ClickHouse = {
    ...engine.clickhouse,
    command: () => Promise.reject(new Error("socket hang up")),
  };
  const startMs = performance.now();
  expect(await codeOf(commandInSession({ fenced, plain }, create, { inDatabase: database }))).toBeUndefined();
  expect(performance.now() - startMs).toBeGreaterThan(2_900);
});
