// Being stopped while changes are applied.

import { afterAll, beforeAll, test } from "vitest";
import { random } from "../faults/random.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { stopStory } from "./stop-story.js";

const chance = random();
let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test(`stopped in the middle of a migration it ends with 0, and the next start converges (MOOSE_TEST_SEED=${chance.seed})`, async () => {
  await stopStory(engine, { moments: 4, chance });
}, 180_000);
