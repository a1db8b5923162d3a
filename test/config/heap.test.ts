// The options that keep processes small have to have an effect, also in a process that runs already.

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { exposesCollection, heapOptions, heapOptionsWhileRunning } from "../../runtime/config/heap.js";

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
