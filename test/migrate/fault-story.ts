// Migrations whose statements meet a fault between client and server, each at its first sending.

import { expect } from "vitest";
import { connect } from "../../runtime/clickhouse/client.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { type Fault, FaultProxy } from "../faults/proxy.js";
import { fingerprint } from "./fingerprint.js";
import { runMigration } from "./harness.js";
import { Trial, tooOften } from "./kill-trial.js";
import { stories } from "./migration-stories.js";
import type { Processes } from "./processes.js";

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

type Engine = Parameters<typeof Trial.prepare>[0];

interface Case {
  readonly story: (typeof stories)[number];
  readonly fault: Fault;
  /** The fingerprint of an undisturbed run. */
  readonly wanted: unknown;
}

async function underFault(
  engine: Engine,
  processes: Processes,
  { story, fault, wanted }: Case,
): Promise<void> {
  const trial = await Trial.prepare(engine, processes, story);
  const { project, id, operations, before } = trial.job;
  const map = {
    ...emptyInfraMap,
    tables: new Map(before.map((one) => [`${one.database}.${one.name}`, one])),
  };
  // Behind the one that misbehaves is the one that counts what comes through.
  const proxy = await FaultProxy.start(trial.proxy.url);
  const clickhouse = await connect({ url: proxy.url, user: "default", password: "" });
  const run = (more: Parameters<typeof runMigration>[4]) =>
    runMigration(clickhouse, project, operations, map, { id, ...more });
  const prefix = `moose-${project}-`;
  const result = await run({
    onEvent: (event) => {
      if (event.event !== "step" || event.step.moment !== "sending") return;
      const { queryId } = event.step;
      // The epoch is part of the id on the wire, and moves on with each look.
      for (let epoch = 1; epoch < 60; epoch++) proxy.inject(`${prefix}${epoch}-${queryId}`, fault);
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
  expect(tooOften(trial.proxy.executed), message).toEqual([]);
  const met = proxy.seen.filter(({ queryId }) => /-\d+-\d+-\d+-[0-9a-f]{8}$/.test(queryId));
  expect(met.length).toBeGreaterThanOrEqual(operations.length);
  // The server has not heard of these.
  const unheard = (await Promise.all(met.map(({ answer }) => answer))).filter(
    (answer) => answer === undefined,
  );
  expect(unheard.length > 0, message).toBe(fault.kind.endsWith("-before"));
  await clickhouse.close();
  await proxy.stop();
  await trial.close();
}

/** @param each - of the faults, every so many meets a story; each story another */
export async function faultStory(engine: Engine, processes: Processes, each: number): Promise<void> {
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
    faults.filter((_, place) => (place + index) % each === 0).map((fault) => ({ story, fault })),
  );
  const worker = async (): Promise<void> => {
    for (let one = cases.shift(); one !== undefined; one = cases.shift())
      await underFault(engine, processes, { ...one, wanted: wanted.get(one.story) });
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
