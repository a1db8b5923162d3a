import { afterAll, beforeAll, expect, test } from "vitest";
import { random } from "../faults/random.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { killStory } from "../migrate/kill-story.js";
import { Processes } from "../migrate/processes.js";

const chance = random();
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

test(`400 kills leave every migration to be finished by the next run (MOOSE_TEST_SEED=${chance.seed})`, {
  timeout: 3_600_000,
}, async () => {
  expect(await killStory(engine, processes, chance, { kills: 400, atOnce: 8 })).toBeGreaterThanOrEqual(400);
});
