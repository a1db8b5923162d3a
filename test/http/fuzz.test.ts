import { expect, test } from "vitest";
import { fuzzRequests } from "./fuzz.js";
import { withSlowConnections } from "./slow-connections.js";

test("1,500 odd requests: no fault, nobody gets in without a token, and the server goes on", async () => {
  const report = await fuzzRequests(1, 1_500);
  expect(report.problems).toEqual([]);
  expect(Object.keys(report.codes)).toEqual(
    expect.arrayContaining(["200", "400", "401", "403", "404", "415"]),
  );
});

test("100 slow connections: the others are answered, and the slow ones are ended", async () => {
  const { connections, codes, durationsMs, leftOpen } = await withSlowConnections(100);
  expect(connections).toBe(100);
  expect(new Set(codes)).toEqual(new Set([200]));
  expect(durationsMs.at(-1)).toBeLessThan(2_000);
  expect(leftOpen).toBe(0);
});
