// Random pairs of schemas: whatever the change, rows stay, and what is not done is not done for a reason.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive } from "./live-engine.js";
import { chosenPairs, chosenSeed, runPairs } from "./run-pairs.js";

/** The same pairs in every run, so that a failure comes from the change at hand; the long test looks for new ones. */
const usualSeed = 20_261_123;

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("a change from any schema to any other keeps every row, and converges or says why not", async () => {
  const pairs = chosenPairs(300);
  const tally = await runPairs(engine, { pairs, seed: chosenSeed(usualSeed), deadlineMs: 600_000 });
  expect(tally.pairs).toBeGreaterThanOrEqual(pairs);
  expect(tally.applied).toBeGreaterThan(pairs * 2);
}, 630_000);
