// Ten thousand random pairs of schemas, in two halves side by side, each on an engine of its own.

import { expect, test } from "vitest";
import { startLive } from "../live/live-engine.js";
import { chosenPairs, chosenSeed, runPairs } from "../live/run-pairs.js";

const seed = chosenSeed();

test.concurrent.each([1, 2])(
  "thousands of changes from any schema to any other keep every row, and converge or say why not: half %i",
  async (half) => {
    const pairs = chosenPairs(5_000);
    const engine = await startLive();
    try {
      const run = { pairs, seed: seed + half * 1_000_000, deadlineMs: 7_000_000, isLong: true };
      const tally = await runPairs(engine, run);
      expect(tally.pairs).toBeGreaterThanOrEqual(pairs);
    } finally {
      await engine.stop();
    }
  },
);
