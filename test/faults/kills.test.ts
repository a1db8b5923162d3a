import { test } from "vitest";
import { killStory } from "./kill-story.js";
import { random } from "./random.js";

const chance = random();

test(`fifteen kills at any moment lose nothing (MOOSE_TEST_SEED=${chance.seed})`, {
  timeout: 180_000,
}, async () => {
  await killStory(chance, 15);
});
