import { expect, test } from "vitest";
import { fuzzPlanFiles } from "../migrations/fuzz.js";

test("100,000 harmed plan files are read or refused, each within a second", async () => {
  const { read, refused } = await fuzzPlanFiles(100_000, 1_000_000);
  expect(read + refused).toBe(100_000);
});
