// Who works on a project, as the lock shows it to others and the journal keeps it.

import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { JournalRun } from "../clickhouse/journal.js";
import type { LockOwner } from "../clickhouse/lock-store.js";

/** The tool that runs. */
export interface Tool {
  readonly version: string;
  /** `moose dev --project .` */
  readonly command: string;
}

/** A run of this process, under a new id. */
export function newRun({ version }: Tool): JournalRun {
  return { runId: randomUUID(), who: userName(), host: hostname(), pid: process.pid, toolVersion: version };
}

export function ownerOf({ runId, who, host, pid }: JournalRun, { command }: Tool): LockOwner {
  return { id: runId, who, host, pid, command };
}

/** In a container the user may have a number only. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
