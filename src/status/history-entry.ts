// One run of the past, as the journal tells it.

import type { Time } from "./server-status.js";

export interface HistoryEntry {
  readonly runId: string;
  /** Of the plan, or of the file of a chain. */
  readonly migrationId: string;
  /** The user, or what CI says. */
  readonly who: string;
  readonly host: string;
  readonly toolVersion: string;
  readonly startedAt: Time;
  /** Undefined while it runs, and for ever when it was killed. */
  readonly endedAt: Time | undefined;
  readonly durationMs: number;
  /** Statements by how they ended. */
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  readonly error: string | undefined;
}
