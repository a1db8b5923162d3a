import { expect, test } from "vitest";
import { fuzzPlanFiles } from "./fuzz.js";

test("2,000 harmed plan files are read or refused, each within a second", async () => {
  const { read, refused } = await fuzzPlanFiles(2000, 1);
  // Harm that is in a comment or a free text hurts nobody; most is noticed.
  expect(read).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(1000);
}, 300_000);
