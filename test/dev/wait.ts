// Waiting with a deadline, and an error that says what was waited for.

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
