// The lock in virtual time: thousands of random schedules with lost and late messages, stopped and killed processes.

import { expect, test } from "vitest";
import { random } from "../faults/random.js";
import { badNetwork, simulateMany } from "./lock-simulation.js";

const firstSeed = random().seed * 1_000;

test(`2,000 random schedules let in one owner at a time, and the dead are replaced in 20 s (first seed ${firstSeed})`, () => {
  const tally = simulateMany(2_000, {
    firstSeed,
    isFenced: true,
    longestPauseMs: 25_000,
    network: badNetwork,
  });
  expect(tally).toMatchObject({ schedules: 2_000, broken: undefined, stuckSeed: undefined });
  expect(tally.longestTakeoverMs).toBeLessThanOrEqual(20_000);
  // The schedules are worth something only if owners change and late statements come.
  expect(tally.epochs).toBeGreaterThan(4_000);
  expect(tally.refused).toBeGreaterThan(50);
});

test("with the fence taken out, the simulation finds a statement of a deposed owner", () => {
  const tally = simulateMany(2_000, {
    firstSeed,
    isFenced: false,
    longestPauseMs: 25_000,
    network: badNetwork,
  });
  expect(tally.broken?.violations[0]).toMatch(/a statement of epoch \d+ (after one|while one) of \d+/);
});

test("without a fence, as on a cluster, it holds for as long as nothing is late by more than a few seconds", () => {
  const tally = simulateMany(1_000, {
    firstSeed,
    isFenced: false,
    longestPauseMs: 3_000,
    network: { lossPercent: 3, latePercent: 8, latestMs: 2_000 },
  });
  expect(tally).toMatchObject({ schedules: 1_000, broken: undefined, stuckSeed: undefined });
});

test("where the server starts anew, and all who used it with it, nobody waits for the dead", () => {
  const tally = simulateMany(2_000, {
    firstSeed,
    isFenced: true,
    longestPauseMs: 25_000,
    network: badNetwork,
    restarts: "true",
  });
  expect(tally).toMatchObject({ schedules: 2_000, broken: undefined, stuckSeed: undefined });
  expect(tally.longestTakeoverMs).toBeLessThanOrEqual(5_000);
  expect(tally.epochs).toBeGreaterThan(4_000);
});

test("where owners are said to be gone that are not, the simulation finds two at once", () => {
  const tally = simulateMany(2_000, {
    firstSeed,
    isFenced: true,
    longestPauseMs: 25_000,
    network: badNetwork,
    restarts: "false",
  });
  expect(tally.broken?.violations[0]).toMatch(/a statement of epoch \d+ while one of \d+/);
});
