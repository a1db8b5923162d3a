// What is told when the lock cannot be had, or is lost.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { ClickHouse } from "./client.js";
import type { LockHolder } from "./lock-store.js";

export function lockHeld(project: string, holder: LockHolder, waitedMs: number): Diagnostic {
  const { owner } = holder;
  return {
    code: "clickhouse/lock-held",
    severity: "error",
    summary: `${owner.command} on ${owner.host} (process ${owner.pid}) holds the lock of ${project}`,
    detail: `it has held it for ${seconds(holder.heldForMs)} and showed life ${seconds(holder.silentForMs)} ago; waited for ${seconds(waitedMs)}`,
    hint: "wait until it is done, or raise --lock-timeout; the lock of a process that died is free within 20 s",
  };
}

/** A former owner is gone, but not what it had started. */
export function stillRunning(project: string, running: number, waitedMs: number): Diagnostic {
  return {
    code: "clickhouse/lock-not-quiet",
    severity: "error",
    summary: `${running} statement(s) of the former owner of the lock of ${project} still run after ${seconds(waitedMs)}`,
    detail: "they were told to stop; nothing is done beside them",
    hint: `look at system.processes for query ids that begin with moose-${project}-, and try again`,
  };
}

export function lockLost(project: string, reason: "refused" | "unacknowledged"): Diagnostic {
  return {
    code: "clickhouse/lock-lost",
    severity: "error",
    summary: `this process has lost the lock of ${project}, and has stopped`,
    detail:
      reason === "refused"
        ? "another process took over, and the server refuses what this one sends"
        : "the server did not acknowledge a sign of life for 10 s, so another process may take over",
    hint: "run the command again: it looks at what was done and goes on from there",
  };
}

export function lockGone(project: string): Diagnostic {
  return {
    code: "clickhouse/lock-gone",
    severity: "error",
    summary: `this process has let go of the lock of ${project}; nothing more is sent`,
  };
}

export function cannotLock(clickhouse: ClickHouse, database: string, reason: string): Diagnostic {
  return {
    code: "clickhouse/cannot-lock",
    severity: "error",
    summary: `the ClickHouse user may not make the lock of this project at ${clickhouse.url}`,
    detail: reason,
    hint: `GRANT CREATE DATABASE, DROP DATABASE ON *.*, and CREATE TABLE, DROP TABLE, SELECT, INSERT ON ${database}.* TO this user; without CREATE DATABASE the lock cannot be fenced`,
  };
}

/** Where the user may make tables but not databases. */
export function unfenced(project: string): Diagnostic {
  return {
    code: "clickhouse/lock-not-fenced",
    severity: "warning",
    summary: `the lock of ${project} is kept, but the server does not enforce it: the user may not make databases`,
    detail:
      "one process at a time still gets it; but a process that hung for longer than 10 s may send one more statement after another took over",
    hint: "GRANT CREATE DATABASE, DROP DATABASE ON *.* TO this user",
  };
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
