import { test } from "vitest";
import { killStory } from "../faults/kill-story.js";
import { random } from "../faults/random.js";

const chance = random();

test(`150 kills at any moment lose nothing (MOOSE_TEST_SEED=${chance.seed})`, {
  timeout: 1_800_000,
}, async () => {
  await killStory(chance, 150);
});
