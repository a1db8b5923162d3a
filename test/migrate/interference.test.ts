// What changes between generate and migrate is found; what does not is not.

import { afterAll, beforeAll, test } from "vitest";
import { random } from "../faults/random.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { runInterferences, runUntouched } from "./interference-runs.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const { seed } = random();

test(`60 interferences are refused by name, and nothing is changed (MOOSE_TEST_SEED=${seed})`, async () => {
  await runInterferences(engine.clickhouse, seed, 60);
}, 300_000);

test(`of 60 untouched migrations none is refused (MOOSE_TEST_SEED=${seed})`, async () => {
  await runUntouched(engine.clickhouse, seed, 60);
}, 300_000);
