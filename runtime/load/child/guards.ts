// Keeps this process in hand: user code cannot end it unnoticed, and it does not outlive the process that started it.

import { Worker } from "node:worker_threads";

/** Thrown in place of `process.exit`, so that it has a place in the user's file. */
export class ExitCalled extends Error {
  constructor(code: unknown) {
    super(`process.exit(${code === undefined ? "" : String(code)}) was called`);
    this.name = "ExitCalled";
  }
}

/** @param onExit - called before the throw, for code that catches everything */
export function replaceExit(onExit: (called: ExitCalled) => void): void {
  process.exit = (code) => {
    const called = new ExitCalled(code);
    onExit(called);
    throw called;
  };
}

const watchIntervalMs = 250;

/**
 * Ends this process when its parent is gone. A thread of its own, because user code may block the main one for ever.
 *
 * @param parentPid - as the parent knows it; when this process has booted, the parent may already be gone
 */
export function dieWithParent(parentPid: number): void {
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  const source = `
    setInterval(() => { if (process.ppid !== ${parentPid}) process.kill(process.pid, "SIGKILL"); }, ${watchIntervalMs});`;
  const worker = new Worker(source, {
    eval: true,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  worker.unref();
}
