// A hundred moments at which a server is stopped while changes are applied.

import { afterAll, beforeAll, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { stopStory } from "../prod/stop-story.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("stopped in the middle of a migration it ends with 0, and the next start converges", async () => {
  await stopStory(engine, { moments: 100 });
}, 7_200_000);
