// Random pairs of schemas: whatever the change, rows stay, and what is not done is not done for a reason.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive } from "./live-engine.js";
import { chosenPairs, chosenSeed, runPairs } from "./run-pairs.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("a change from any schema to any other keeps every row, and converges or says why not", async () => {
  const pairs = chosenPairs(300);
  const tally = await runPairs(engine, { pairs, seed: chosenSeed(), deadlineMs: 600_000 });
  expect(tally.pairs).toBeGreaterThanOrEqual(pairs);
  expect(tally.applied).toBeGreaterThan(pairs * 2);
}, 630_000);
