import { afterAll, beforeAll, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { Processes } from "../migrate/processes.js";
import { raceStory } from "../migrate/race-story.js";

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

test("20 processes that start at once execute each statement once, 20 times", {
  timeout: 3_600_000,
}, async () => {
  await raceStory(engine, processes, { racers: 20, rounds: 20 });
});
