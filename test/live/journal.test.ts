// The journal on a real engine: what is written comes back, in order, without secrets, and without the lock.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Journal, JournalReader, type JournalRun } from "../../runtime/clickhouse/journal.js";
import { type LiveEngine, startLive, uniqueName } from "./live-engine.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

function runNamed(runId: string): JournalRun {
  return { runId, who: "jo", host: "ci-7", pid: 42, toolVersion: "0.1.0" };
}

async function newJournal(project: string, runId: string): Promise<Journal> {
  const database = `_moose_${project}_e1`;
  await engine.clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${database}`);
  return Journal.open(engine.clickhouse, database, runNamed(runId));
}

test("entries come back as they were written, in order", async () => {
  const project = uniqueName("p");
  const journal = await newJournal(project, "run-1");
  const step = {
    migrationId: "m",
    operation: 3,
    step: 0,
    attempt: 1,
    address: "local.a",
    operationKind: "DropTable",
  };
  await journal.append([{ kind: "run-started", migrationId: "m" }]);
  await journal.append([
    { ...step, kind: "intent", sql: "DROP TABLE local.a", queryId: "moose-p-1-x" },
    { ...step, kind: "done", sql: "DROP TABLE local.a", durationMs: 12.4 },
  ]);
  await journal.append([{ kind: "run-ended", migrationId: "m", error: "" }]);
  const entries = await new JournalReader(engine.clickhouse, project).read("m");
  expect(entries.map(({ kind, sequence, operation }) => [sequence, kind, operation])).toEqual([
    [0, "run-started", -1],
    [1, "intent", 3],
    [2, "done", 3],
    [3, "run-ended", -1],
  ]);
  expect(entries[1]).toEqual({
    ...runNamed("run-1"),
    ...step,
    kind: "intent",
    sequence: 1,
    sql: "DROP TABLE local.a",
    sqlHash: createHash("sha256").update("DROP TABLE local.a").digest("hex"),
    queryId: "moose-p-1-x",
    durationMs: 0,
    error: "",
    at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/),
  });
  expect(entries[2]).toMatchObject({ durationMs: 12, sqlHash: entries[1]?.sqlHash });
});

test("the same entry twice is kept twice", async () => {
  const project = uniqueName("p");
  const journal = await newJournal(project, "run-1");
  for (let time = 0; time < 5; time++)
    await journal.append([{ kind: "intent", migrationId: "m", sql: "SELECT 1" }]);
  expect(await new JournalReader(engine.clickhouse, project).run("run-1")).toHaveLength(5);
});

test("secrets are hidden in SQL and errors, and the hash still tells two texts apart", async () => {
  const project = uniqueName("p");
  const journal = await newJournal(project, "run-1");
  for (const key of ["first-key", "second-key"])
    await journal.append([
      {
        kind: "failed",
        migrationId: "m",
        sql: `CREATE TABLE t (a Int8) ENGINE = S3('http://h/b', 'id', '${key}', 'CSV')`,
        error: `cannot read http://me:${key}@host/`,
      },
    ]);
  const entries = await new JournalReader(engine.clickhouse, project).read("m");
  expect(JSON.stringify(entries)).not.toMatch(/first-key|second-key/);
  expect(entries[0]?.sql).toContain("'[HIDDEN]'");
  expect(entries[0]?.sqlHash).not.toBe(entries[1]?.sqlHash);
});

test("the runs are listed with their outcome, the newest first", async () => {
  const project = uniqueName("p");
  const first = await newJournal(project, "run-1");
  await first.append([{ kind: "run-started", migrationId: "m" }]);
  await first.append([{ kind: "failed", migrationId: "m", error: "no such table" }]);
  const second = await newJournal(project, "run-2");
  await second.append([{ kind: "run-started", migrationId: "m" }]);
  await second.append([{ kind: "done", migrationId: "m" }]);
  await second.append([{ kind: "run-ended", migrationId: "m" }]);
  const reader = new JournalReader(engine.clickhouse, project);
  const runs = await reader.runs({ limit: 10 });
  expect(runs).toMatchObject([
    { runId: "run-2", who: "jo", migrationId: "m", done: 1, failed: 0, error: "" },
    { runId: "run-1", done: 0, failed: 1, endedAt: "", error: "no such table" },
  ]);
  expect(runs[0]?.endedAt).not.toBe("");
  expect(await reader.runs({ limit: 1 })).toHaveLength(1);
});

test("a project without a journal has an empty one", async () => {
  const reader = new JournalReader(engine.clickhouse, uniqueName("p"));
  expect(await reader.runs({ limit: 5 })).toEqual([]);
  expect(await reader.read("m")).toEqual([]);
});

test("the journal survives that its database is renamed", async () => {
  const project = uniqueName("p");
  const journal = await newJournal(project, "run-1");
  await journal.append([{ kind: "intent", migrationId: "m" }]);
  await engine.clickhouse.command(`RENAME DATABASE _moose_${project}_e1 TO _moose_${project}_e2`);
  expect(await new JournalReader(engine.clickhouse, project).read("m")).toHaveLength(1);
});
