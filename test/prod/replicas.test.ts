// Replicas of one server that start together.

import { afterAll, beforeAll, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { replicaStory } from "./replica-story.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("of many replicas that start at once each statement is sent once, and none is ready before the schema matches", async () => {
  await replicaStory(engine, { replicas: 8, rounds: 3 });
}, 120_000);
