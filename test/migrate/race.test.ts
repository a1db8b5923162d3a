import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { fingerprint } from "./fingerprint.js";
import { Trial, undisturbed } from "./kill-trial.js";
import { stories } from "./migration-stories.js";
import { Processes } from "./processes.js";
import { raceStory } from "./race-story.js";

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

test("six processes that start at once execute each statement once", { timeout: 120_000 }, async () => {
  await raceStory(engine, processes, { racers: 6, rounds: 2 });
});

test("a process that was stopped while another took over gets nothing more accepted", {
  timeout: 120_000,
}, async () => {
  const [, story] = stories;
  if (story === undefined) throw new Error("no story");
  const { wanted } = await undisturbed(engine, processes, story);
  const trial = await Trial.prepare(engine, processes, story);
  const stopped = processes.start(trial.job);
  const held = new Promise<void>((resolve) => {
    trial.proxy.gate = {
      arrived: () => true,
      served: (request) => {
        // In the middle: the second operation is at work.
        if (request.step?.operation !== 1) return true;
        stopped.child.kill("SIGSTOP");
        trial.proxy.gate = { arrived: () => true, served: () => true };
        resolve();
        return true;
      },
    };
  });
  await held;
  const finished = await processes.run(trial.job);
  expect(finished).toMatchObject({ state: "applied" });
  const sentBefore = [...trial.proxy.executed];
  stopped.child.kill("SIGCONT");
  const ending = await stopped.ended;
  expect(ending, JSON.stringify(ending)).toMatchObject({
    state: "thrown",
    problems: [{ code: "clickhouse/lock-lost" }],
  });
  expect([...trial.proxy.executed]).toEqual(sentBefore);
  expect(await fingerprint(engine.clickhouse, trial.database)).toEqual(wanted);
  await trial.check(wanted);
  await trial.close();
});
