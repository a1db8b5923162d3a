// The long run of the lock's simulation.

import { expect, test } from "vitest";
import { badNetwork, simulateMany } from "../apply/lock-simulation.js";
import { random } from "../faults/random.js";

const firstSeed = random().seed * 1_000_000;

test(`100,000 random schedules let in one owner at a time (first seed ${firstSeed})`, () => {
  const tally = simulateMany(100_000, {
    firstSeed,
    guard: "fence",
    longestPauseMs: 25_000,
    network: badNetwork,
  });
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  expect(tally).toMatchObject({ schedules: 100_000, broken: undefined, stuckSeed: undefined });
  expect(tally.longestTakeoverMs).toBeLessThanOrEqual(20_000);
});
