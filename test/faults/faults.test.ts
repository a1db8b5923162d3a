import { test } from "vitest";
import { faultStory } from "./fault-story.js";
import { random } from "./random.js";

const chance = random();

test(`24 statements through random faults are executed as often as is said (MOOSE_TEST_SEED=${chance.seed})`, {
  timeout: 120_000,
}, async () => {
  await faultStory(chance, 24);
});
