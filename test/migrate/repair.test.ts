import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../dev/wait.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column } from "./harness.js";
import { Trial } from "./kill-trial.js";
import type { Story } from "./migration-stories.js";
import { letTimePass } from "./passing-time.js";
import { Processes } from "./processes.js";

let engine: LiveEngine;
let processes: Processes;
beforeAll(async () => {
  engine = await startLive();
  processes = await Processes.open();
});
afterAll(async () => {
  await processes.close();
  await engine.stop();
});

const story: Story = {
  name: "makes numbers of texts",
  setup: (db) => [
    `CREATE TABLE ${db}.t (id UInt64, a String, INDEX ix a TYPE set(0) GRANULARITY 1)
     ENGINE = MergeTree PARTITION BY id % 4 ORDER BY id`,
    `INSERT INTO ${db}.t SELECT number, toString(number) FROM numbers(1000)`,
  ],
  operations: (db) => [
    {
      kind: "ModifyTableColumn",
      table: { database: db, name: "t" },
      before: column("a", "String"),
      after: column("a", "UInt32"),
      isKey: false,
    },
    { kind: "ModifyTableComment", table: { database: db, name: "t" }, before: "", after: "done" },
  ],
};

/** A row that does not convert comes in after the values were looked at; the process dies before it sees what came of it. */
async function spoilt(dieAt: "served" | "killed"): Promise<Trial> {
  const trial = await Trial.prepare(engine, processes, story);
  const migrating = processes.start(trial.job);
  trial.proxy.gate = {
    async arrived({ step, text }) {
      if (step !== undefined && / MODIFY COLUMN `?a`? /.test(text))
        await engine.clickhouse.command(`INSERT INTO ${trial.database}.t VALUES (5000, 'x')`);
      return true;
    },
    async served({ step, text }) {
      const isMoment =
        dieAt === "served"
          ? step !== undefined && / MODIFY COLUMN `?a`? /.test(text)
          : /^KILL MUTATION /.test(text);
      if (isMoment) await migrating.kill();
      return !isMoment;
    },
  };
  expect(await migrating.ended).toBeUndefined();
  trial.proxy.gate = { arrived: () => true, served: () => true };
  await letTimePass(engine.clickhouse, trial.job.project);
  return trial;
}

async function definition(trial: Trial): Promise<string | undefined> {
  const rows = await engine.clickhouse.rows<{ create_table_query: string }>(
    `SELECT create_table_query FROM system.tables WHERE database = '${trial.database}'`,
  );
  return rows[0]?.create_table_query;
}

test.each(["served", "killed"] as const)(
  "a rewrite that failed stops the next run until the user has it repaired (%s)",
  { timeout: 120_000 },
  async (dieAt) => {
    const trial = await spoilt(dieAt);
    const before = await definition(trial);
    expect(before).toContain("`a` UInt32");
    const refused = await processes.run(trial.job);
    expect(refused, JSON.stringify(refused)).toMatchObject({
      state: "refused",
      problems: [{ code: "reconcile/failed-mutation" }],
    });
    expect(refused?.problems[0]?.detail).toMatch(/Cannot parse|CANNOT_PARSE/);
    expect(await definition(trial)).toBe(before);

    const repaired = await processes.run({ ...trial.job, repair: true });
    // The value is there still, so that the column cannot become what the migration wants.
    expect(repaired, JSON.stringify(repaired)).toMatchObject({
      state: "refused",
      problems: [{ code: "reconcile/blocked-operation" }],
    });
    const rows = () =>
      engine.clickhouse.rows(`SELECT toString(count()) AS n, countIf(a = 'x') AS x FROM ${trial.database}.t`);
    expect(await rows()).toEqual([{ n: "1001", x: "1" }]);

    await engine.clickhouse.command(`ALTER TABLE ${trial.database}.t UPDATE a = '7' WHERE a = 'x'`);
    await until(
      async () => (await rows())[0] !== undefined && JSON.stringify(await rows()).includes('"x":"0"'),
      10_000,
      () => "the value was not changed",
    );
    const applied = await processes.run(trial.job);
    expect(applied, JSON.stringify(applied)).toMatchObject({ state: "applied" });
    expect(await engine.clickhouse.rows(`SELECT toString(sum(a)) AS s FROM ${trial.database}.t`)).toEqual([
      { s: String((999 * 1000) / 2 + 7) },
    ]);
    expect(await definition(trial)).toContain("INDEX ix a TYPE set(0)");
    await trial.close();
  },
);

test("a rewrite that fails while it is waited for is put back by the same run", async () => {
  const trial = await Trial.prepare(engine, processes, story);
  trial.proxy.gate = {
    async arrived({ step, text }) {
      if (step !== undefined && / MODIFY COLUMN `?a`? /.test(text))
        await engine.clickhouse.command(`INSERT INTO ${trial.database}.t VALUES (5000, 'x')`);
      return true;
    },
    served: () => true,
  };
  const ending = await processes.run(trial.job);
  expect(ending, JSON.stringify(ending)).toMatchObject({
    state: "unfinished",
    problems: [{ code: "reconcile/failed-operation" }],
  });
  expect(
    await engine.clickhouse.rows(`SELECT toString(count()) AS n FROM ${trial.database}.t WHERE a != ''`),
  ).toEqual([{ n: "1001" }]);
  await trial.close();
});
