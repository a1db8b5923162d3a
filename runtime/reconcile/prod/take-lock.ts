// The lock for a server that shares a project with others: waited for a little, then one looks again.

import { DiagnosticError } from "../../../src/diagnostic.js";
import type { ClickHouse } from "../../clickhouse/client.js";
import { acquireLock, type Lock } from "../../clickhouse/lock.js";
import type { LockHolder } from "../../clickhouse/lock-store.js";
import { newRun, ownerOf, type Tool } from "../run.js";

export interface TakeLockOptions {
  readonly project: string;
  readonly tool: Tool;
  /** How long another holder is waited for. */
  readonly patienceMs: number;
  readonly stop: AbortSignal;
  readonly onWaiting: (holder: LockHolder) => void;
}

/** Undefined while another has it. */
export async function takeLock(clickhouse: ClickHouse, options: TakeLockOptions): Promise<Lock | undefined> {
  const { project, tool, patienceMs, stop, onWaiting } = options;
  try {
    return await acquireLock(clickhouse, {
      ...{ project, onWaiting, timeoutMs: patienceMs, signal: stop },
      owner: ownerOf(newRun(tool), tool),
    });
  } catch (error) {
    if (isLockHeld(error)) return undefined;
    throw error;
  }
}

export function isLockHeld(error: unknown): boolean {
  return (
    error instanceof DiagnosticError && error.diagnostics.some(({ code }) => code === "clickhouse/lock-held")
  );
}
