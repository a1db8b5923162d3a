// Plans that the existing tool has written are executed from beginning to end.

import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { JournalReader } from "../../runtime/clickhouse/journal.js";
import { readPlanFile } from "../../runtime/migrations/plan-files.js";
import { createTable } from "../../src/sql/create-table.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { FlowProject, refusal } from "./flow-project.js";

const samples = fileURLToPath(new URL("../format/samples/", import.meta.url));

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test.each([
  ["00-base-create", ["id", "n", "at", "s", "user_name", "st"], []],
  ["01-add-column", ["id", "n", "at", "s", "user_name", "st", "extra"], []],
  ["12-index", ["id", "n", "at", "s", "user_name", "st"], ["ix_n"]],
])("%s", async (sample, columns, indexes) => {
  const { clickhouse } = engine;
  const project = new FlowProject(clickhouse, "sem");
  onTestFinished(() => project.remove());
  cpSync(join(samples, sample), join(project.folder, "migrations"), { recursive: true });
  const read = await readPlanFile(project.folder);
  if (read.kind !== "read") throw new Error(JSON.stringify(read));
  await clickhouse.command("CREATE DATABASE sem");
  for (const one of read.files.remoteState.tables.values()) {
    await clickhouse.command(createTable(one));
    await clickhouse.command(`INSERT INTO sem.${one.name} (id, at, st) SELECT 'kept', now(), 'b'`);
  }
  const isFirst = read.files.remoteState.tables.size === 0;

  const result = await project.migrate({ withCode: false });
  expect(refusal(result)).toBe("");
  expect(result.state).toBe("applied");
  expect((await project.migrate({ withCode: false })).state).toBe("already-applied");

  const found = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = 'sem' AND table = 'tt' ORDER BY position",
  );
  expect(found.map(({ name }) => name)).toEqual(columns);
  const parts = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.data_skipping_indices WHERE database = 'sem' AND table = 'tt'",
  );
  expect(parts.map(({ name }) => name)).toEqual(indexes);
  expect(await clickhouse.rows("SELECT id, st FROM sem.tt")).toEqual(
    isFirst ? [] : [{ id: "kept", st: "b" }],
  );

  const runs = await new JournalReader(clickhouse, project.name).runs({ limit: 10 });
  const done = read.files.plan.operations.length;
  expect(runs).toMatchObject([{ who: "tester", done, failed: 0, unknown: 0, error: "" }]);
  expect(runs[0]?.endedAt).not.toBe("");

  // What the existing tool declares is what is there now, in the eyes of a new plan.
  project.code = [...read.files.localInfraMap.tables.values()];
  expect((await project.plan()).report.operations).toEqual([]);
});

test("every sample is executed here", () => {
  expect(readdirSync(samples).filter((name) => /^\d\d-/.test(name))).toHaveLength(3);
});
