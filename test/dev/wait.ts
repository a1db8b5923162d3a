// Waiting with a deadline, and an error that says what was waited for.

import { spawnSync } from "node:child_process";

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks until `check` gives something other than false or undefined, and gives that. */
export async function until<T>(
  check: () => T | Promise<T>,
  deadlineMs: number,
  failure: () => string,
): Promise<Exclude<T, false | undefined>> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const found = await check();
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>;
    if (performance.now() > endMs) throw new Error(`After ${deadlineMs} ms: ${failure()}`);
    await pause(10);
  }
}

/** Three seconds; more on a machine that is so busy that Node alone takes long to start. */
export function threeSeconds(): number {
  const startMs = performance.now();
  spawnSync(process.execPath, ["-e", ""]);
  const usualMs = 100;
  return 3_000 * Math.max(1, (performance.now() - startMs) / usualMs);
}
