// Half of the ten thousand random pairs of schemas; the halves run side by side.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { chosenPairs, chosenSeed, runPairs } from "../live/run-pairs.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("thousands of changes from any schema to any other keep every row, and converge or say why not", async () => {
  const pairs = chosenPairs(5_000);
  const seed = chosenSeed() + 2_000_000;
  const tally = await runPairs(engine, { pairs, seed, deadlineMs: 7_000_000 });
  expect(tally.pairs).toBeGreaterThanOrEqual(pairs);
});
