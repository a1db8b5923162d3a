import { afterAll, beforeAll, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { faultStory } from "../migrate/fault-story.js";
import { Processes } from "../migrate/processes.js";

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

test("whichever fault happens to its statements on the way, a migration comes to its end", {
  timeout: 3_600_000,
}, async () => {
  await faultStory(engine, processes, 1);
});
