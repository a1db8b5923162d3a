import { expect, test } from "vitest";
import { fuzzRequests } from "../http/fuzz.js";
import { withSlowConnections } from "../http/slow-connections.js";

test("100,000 odd requests: no fault, nobody gets in without a token, and the server goes on", async () => {
  const report = await fuzzRequests(Number(process.env.SEED ?? 2), 100_000);
  expect(report.problems).toEqual([]);
});

test("1,000 slow connections: the others are answered, and the slow ones are ended", async () => {
  const { connections, codes, durationsMs, leftOpen } = await withSlowConnections(1_000);
  expect(connections).toBe(1_000);
  expect(new Set(codes)).toEqual(new Set([200]));
  expect(durationsMs.at(-1)).toBeLessThan(5_000);
  expect(leftOpen).toBe(0);
});
