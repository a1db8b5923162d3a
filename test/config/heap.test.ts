// The options that keep processes small have to have an effect, also in a process that runs already.

import { execFileSync } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import {
  exposesCollection,
  heapOptions,
  heapOptionsWhileRunning,
  restingCollector,
} from "../../runtime/config/heap.js";

afterEach(() => {
  vi.useRealTimers();
});

/** Makes what is short-lived and what stays a while, as a program does, and gives the size of the young generation in MB. */
const script = `
  const v8 = require("node:v8");
  for (const option of process.argv.slice(1)) v8.setFlagsFromString(option);
  const kept = [];
  for (let i = 0; i < 3e6; i++) {
    kept.push({ i });
    if (kept.length > 2e5) kept.splice(0, 1e5);
  }
  const young = v8.getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
  console.log(young.space_size / 2 ** 20);
`;

function youngMb({
  atStart = [],
  later = [],
}: {
  atStart?: readonly string[];
  later?: readonly string[];
}): number {
  const args = [...atStart, "-e", script, "--", ...later];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("the young generation stays small, whether it is told at the start or later", () => {
  expect(youngMb({})).toBeGreaterThanOrEqual(16);
  expect(youngMb({ atStart: heapOptions(2) })).toBeLessThanOrEqual(6);
  expect(youngMb({ later: heapOptionsWhileRunning })).toBeLessThanOrEqual(6);
  // This one has an effect only at the start.
  expect(youngMb({ later: ["--max-semi-space-size=2"] })).toBeGreaterThanOrEqual(16);
});

test("V8 knows every option: one that it does not know would have no effect, in silence", () => {
  const known = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  for (const option of [...heapOptions(1), ...heapOptionsWhileRunning])
    expect(known).toMatch(new RegExp(`^\\s+${option.replace(/=.*/, "")} `, "m"));
});

/** Work as an engine's: what lives for a while and is then let go. Gives the largest heap in MB. */
const workload = `
  import { getHeapStatistics } from "node:v8";
  import { earlyCollector } from ${JSON.stringify(new URL("../../runtime/config/heap.ts", import.meta.url).href)};
  const collect = process.argv[1] === "early" ? earlyCollector(2) : () => undefined;
  const kept = [];
  let most = 0;
  for (let i = 0; i < 4e5; i++) {
    kept[i % 3000] = { a: [i, {}], s: "x" + i };
    if (i % 1000 === 0) {
      collect();
      most = Math.max(most, getHeapStatistics().used_heap_size);
    }
  }
  console.log(most / 2 ** 20);
`;

test("a small heap is collected before it has doubled", () => {
  const mostMb = (how: string) =>
    Number(
      execFileSync(
        process.execPath,
        [
          ...[...heapOptions(1), exposesCollection, "--import", "tsx"],
          ...["--input-type=module", "-e", workload, "--", how],
        ],
        { encoding: "utf8" },
      ),
    );
  const [early, late] = [mostMb("early"), mostMb("late")];
  expect(early).toBeLessThan(late - 4);
});

/** A heap full of gaps, as after many saves; then work, or a rest, and the resident memory in MB before and after. */
const gaps = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { restingCollector } from ${JSON.stringify(new URL("../../runtime/config/heap.ts", import.meta.url).href)};
  const pieces = [];
  for (let i = 0; i < 6e5; i++) pieces.push({ a: i, b: "x" + i, c: [i] });
  globalThis.kept = pieces.filter((_, i) => i % 50 === 0);
  pieces.length = 0;
  const rss = () => process.memoryUsage.rss() / 2 ** 20;
  const before = rss();
  const worked = restingCollector({ quietMs: 50 });
  for (let n = 0; n < 10; n++) worked();
  await sleep(300);
  console.log(JSON.stringify({ before, after: rss(), kept: globalThis.kept.length }));
`;

test("at rest, memory that is not needed goes back to the system", () => {
  const { before, after, kept } = JSON.parse(
    execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", gaps], {
      encoding: "utf8",
    }),
  ) as { before: number; after: number; kept: number };
  expect(kept).toBe(12_000);
  expect(after).toBeLessThan(before - 20);
});

test("a rest is what follows some work, and work that goes on is none", () => {
  vi.useFakeTimers();
  let collections = 0;
  const worked = restingCollector({
    collect: () => {
      collections++;
    },
  });
  const work = (times: number) => {
    for (let n = 0; n < times; n++) {
      worked();
      vi.advanceTimersByTime(2_000);
    }
  };
  work(9);
  vi.advanceTimersByTime(60_000);
  expect(collections, "too little was done").toBe(0);
  work(20);
  expect(collections, "it goes on").toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(collections).toBe(1);
  vi.advanceTimersByTime(60_000);
  expect(collections, "a rest is one").toBe(1);
});
