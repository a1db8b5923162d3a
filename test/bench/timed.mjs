// Runs whole processes and gives their times.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The command line of moose, as it was built. */
export const main = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

/** Runs a process to its end and gives its time in milliseconds. */
export function timed(args, expected, env) {
  return timedOutput(args, expected, env).durationMs;
}

/** The same with what it printed. */
export function timedOutput(args, expected, env = process.env) {
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  const durationMs = performance.now() - startMs;
  if (status !== expected)
    throw new Error(
      `${args.join(" ")} ended with ${status}:\n${stdout.slice(-2_000)}${stderr.slice(-2_000)}`,
    );
  return { durationMs, stdout };
}
