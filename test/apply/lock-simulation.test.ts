// The lock in virtual time: thousands of random schedules with lost and late messages, stopped and killed processes.

import { expect, test } from "vitest";
import { clusterLeaseTimes } from "../../src/apply/lease-state.js";
import { random } from "../faults/random.js";
import { badNetwork, simulateMany } from "./lock-simulation.js";

const firstSeed = random().seed * 1_000;

test(`2,000 random schedules let in one owner at a time, and the dead are replaced in 20 s (first seed ${firstSeed})`, () => {
  const tally = simulateMany(2_000, {
    firstSeed,
    guard: "fence",
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
    guard: "none",
    longestPauseMs: 25_000,
    network: badNetwork,
  });
  expect(tally.broken?.violations[0]).toMatch(/a statement of epoch \d+ (after one|while one) of \d+/);
});

// Nothing keeps out what arrives after the next owner began; so what is late has to be late by less than that takes.
test("without a fence, as on a cluster, it holds while nothing is late by more than 3 s and clocks run on", () => {
  const tally = simulateMany(1_000, {
    firstSeed,
    guard: "look",
    times: clusterLeaseTimes,
    longestPauseMs: 3_000,
    clocksStop: false,
    network: { lossPercent: 3, latePercent: 8, latestMs: 2_000 },
  });
  expect(tally).toMatchObject({ schedules: 1_000, broken: undefined, stuckSeed: undefined });
  expect(tally.longestTakeoverMs).toBeLessThanOrEqual(20_000);
});

test("where the server starts anew, and all who used it with it, nobody waits for the dead", () => {
  const tally = simulateMany(2_000, {
    firstSeed,
    guard: "fence",
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
    guard: "fence",
    longestPauseMs: 25_000,
    network: badNetwork,
    restarts: "false",
  });
  expect(tally.broken?.violations[0]).toMatch(/a statement of epoch \d+ while one of \d+/);
});
