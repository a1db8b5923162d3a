// Replicas of one server that start together.

import { afterAll, beforeAll, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { replicaStory } from "../prod/replica-story.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("of many replicas that start at once each statement is sent once, and none is ready before the schema matches", async () => {
  await replicaStory(engine, { replicas: 20, rounds: 20 });
}, 3_600_000);
