import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../runtime/clickhouse/client.js";
import { natureOf } from "../../src/apply/statement-nature.js";
import { type Fault, FaultProxy } from "../faults/proxy.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { fingerprint } from "./fingerprint.js";
import { runMigration } from "./harness.js";
import { Trial } from "./kill-trial.js";
import { stories } from "./migration-stories.js";
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

const faults: readonly Fault[] = [
  { kind: "reset-before" },
  { kind: "reset-after" },
  { kind: "half-answer" },
  { kind: "delay-request", ms: 300 },
  { kind: "delay-answer", ms: 300 },
  { kind: "status-before", status: 502 },
  { kind: "status-before", status: 503 },
  { kind: "status-after", status: 503 },
  { kind: "exception-after-200", marked: true },
];

/** Every statement of the migration meets the fault, but for the first so many. */
async function underFault(story: (typeof stories)[number], fault: Fault, wanted: unknown): Promise<void> {
  const trial = await Trial.prepare(engine, processes, story);
  const { project, id, operations, before } = trial.job;
  const map = { tables: new Map(before.map((one) => [`${one.database}.${one.name}`, one])) };
  // Behind the one that misbehaves is the one that counts what comes through.
  const proxy = await FaultProxy.start(trial.proxy.url);
  const clickhouse = await connect({ url: proxy.url, user: "default", password: "" });
  const run = (more: Parameters<typeof runMigration>[4]) =>
    runMigration(clickhouse, project, operations, map, { id, ...more });
  let epoch = 0;
  const prefix = `moose-${project}-`;
  const result = await run({
    onEvent: (event) => {
      if (event.event !== "step" || event.step.moment !== "sending") return;
      const { queryId } = event.step;
      // The epoch is part of the id on the wire, and moves on with each look.
      for (epoch = 1; epoch < 60; epoch++) proxy.inject(`${prefix}${epoch}-${queryId}`, fault);
    },
  });
  const message = `${story.name}, ${JSON.stringify(fault)}: ${JSON.stringify(result)}`;
  let last = result;
  for (let runs = 0; last.state !== "applied" && last.state !== "already-applied" && runs < 6; runs++) {
    if (last.state === "refused") expect(last.diagnostics[0]?.summary, message).toBeTruthy();
    expect(last.state, message).toBe("unfinished");
    const text = last.state === "unfinished" ? JSON.stringify(last.diagnostics) : "";
    const [, step] = /statement (\d+): (?:it was sent|it broke off)/.exec(text) ?? [];
    const sql = step === undefined ? undefined : story.rowsOf?.(trial.database, 0, Number(step) - 1);
    const [found] = sql === undefined ? [] : await engine.clickhouse.rows<{ n: string }>(sql);
    const mark = found === undefined ? undefined : found.n === "0" ? "not-applied" : "applied";
    last = await run({ mark });
  }
  expect(["applied", "already-applied"], `${message} ${JSON.stringify(last)}`).toContain(last.state);
  expect(await fingerprint(engine.clickhouse, trial.database), message).toEqual(wanted);
  const tooOften = [...trial.proxy.executed].filter(
    ([sql, times]) =>
      times > 1 && !(natureOf(sql).repeatable && / (MATERIALIZE|MODIFY|REMOVE|COMMENT) /.test(sql)),
  );
  expect(tooOften, message).toEqual([]);
  await clickhouse.close();
  await proxy.stop();
  await trial.close();
}

test("whatever happens to its statements on the way, a migration comes to its end", {
  timeout: 300_000,
}, async () => {
  const wanted = new Map(
    await Promise.all(
      stories.map(async (story) => {
        const trial = await Trial.prepare(engine, processes, story);
        expect(await processes.run(trial.job)).toMatchObject({ state: "applied" });
        const found = await fingerprint(engine.clickhouse, trial.database);
        await trial.close();
        return [story, found] as const;
      }),
    ),
  );
  const cases = stories.flatMap((story, index) =>
    faults
      .filter((_, place) => (place + index) % Number(process.env.MOOSE_TEST_SKIP ?? 3) === 0)
      .map((fault) => ({ story, fault })),
  );
  const worker = async (): Promise<void> => {
    for (let one = cases.shift(); one !== undefined; one = cases.shift())
      await underFault(one.story, one.fault, wanted.get(one.story));
  };
  await Promise.all(Array.from({ length: 6 }, worker));
});
