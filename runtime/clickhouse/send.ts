// Sends one statement and says honestly what became of it. What may have been applied is never sent again.

import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouseSettings } from "@clickhouse/client";
import { classify, type Failure } from "../../src/apply/outcome.js";
import { natureOf, type StatementNature } from "../../src/sql/statement-nature.js";
import type { ClickHouse } from "./client.js";
import { type LogEntry, readQueryLog } from "./query-log.js";
import { isRunning, killQuery } from "./running.js";
import { failureOfError } from "./statement.js";

export interface StatementToSend {
  readonly sql: string;
  /** Never used for another statement: it finds this one among those that run. */
  readonly queryId: string;
  readonly settings?: ClickHouseSettings;
  /** Where names without a database are looked for, in a statement of the user's own. */
  readonly inDatabase?: string | undefined;
  /** It starts a rewrite in the background, which is waited for by itself: the answer comes at once. */
  readonly mutation?: boolean;
}

export interface SendOptions {
  /**
   * For sending, sending again what was not applied, and waiting for what may be. The connection's own time-out
   * has to be longer for a statement that takes long.
   */
  readonly deadlineMs: number;
  /** Ends a statement that still runs at the deadline, and waits for its end. */
  readonly killAtDeadline?: boolean;
  readonly onWait?: (wait: Wait) => void;
  /** Ends waiting and sending again; a statement in flight is let finish. */
  readonly signal?: AbortSignal;
}

export type Wait =
  /** Nothing was applied; it is sent again after the pause. */
  | { readonly for: "retry"; readonly reason: string; readonly pauseMs: number }
  /** The answer was lost, and the statement runs. */
  | { readonly for: "end"; readonly reason: string };

export type Outcome =
  | { readonly state: "done" }
  /** Nothing was applied, as the object was so already; it is done if the object is as wanted. */
  | { readonly state: "already"; readonly code: number; readonly reason: string }
  /** Nothing was applied. Without a code it was not ClickHouse that refused. */
  | { readonly state: "refused"; readonly code: number | undefined; readonly reason: string }
  /**
   * It may have been applied, wholly or in part. Before anything is decided, look at the object. Before it is sent
   * again, move the fence on: a copy that is held up on the way would come after all. `running` says that it was
   * still at work when last seen.
   */
  | { readonly state: "unknown"; readonly reason: string; readonly running: boolean }
  | { readonly state: "fence-lost"; readonly reason: string };

const shortestPauseMs = 50;
const longestPauseMs = 2_000;
const mostAttempts = 100;
/** Memory that is short for a statement is short again for the same one. */
const mostAttemptsForMemory = 3;
const memoryLimitExceeded = 241;

export async function send(
  clickhouse: ClickHouse,
  statement: StatementToSend,
  options: SendOptions,
): Promise<Outcome> {
  const nature = natureOf(statement.sql);
  const endMs = performance.now() + options.deadlineMs;
  let pauseMs = shortestPauseMs;
  for (let attempt = 1; ; attempt++) {
    const failure = await sendOnce(clickhouse, statement, endMs);
    if (failure === undefined) return { state: "done" };
    const settled = settledOutcome(failure, nature);
    if (settled !== undefined) return settled;
    if (classify(failure, nature) === "unknown")
      return await lookFor(clickhouse, statement, { nature, endMs, failure, options });
    const isLast =
      attempt >= (codeOf(failure) === memoryLimitExceeded ? mostAttemptsForMemory : mostAttempts);
    if (isLast || performance.now() + pauseMs >= endMs || options.signal?.aborted)
      return { state: "refused", code: codeOf(failure), reason: failure.text };
    options.onWait?.({ for: "retry", reason: failure.text, pauseMs });
    await pause(pauseMs, options.signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

async function sendOnce(
  clickhouse: ClickHouse,
  statement: StatementToSend,
  endMs: number,
): Promise<Failure | undefined> {
  try {
    await clickhouse.command(statement.sql, {
      queryId: statement.queryId,
      inDatabase: statement.inDatabase,
      settings: {
        ...statement.settings,
        ...(statement.mutation && { alter_sync: "0", mutations_sync: "0" }),
      },
      timeoutMs: Math.max(1, Math.round(endMs - performance.now())),
    });
    return undefined;
  } catch (error) {
    return failureOfError(error);
  }
}

/** What a failure says by itself; undefined when one has to look, or may send again. */
function settledOutcome(failure: Failure, nature: StatementNature): Outcome | undefined {
  const reason = failure.text;
  switch (classify(failure, nature)) {
    case "fence-lost":
      return { state: "fence-lost", reason };
    case "fatal":
      return { state: "refused", code: codeOf(failure), reason };
    case "already":
      return { state: "already", code: codeOf(failure) ?? 0, reason };
    default:
      return undefined;
  }
}

function codeOf(failure: Failure): number | undefined {
  return failure.kind === "server" ? failure.code : undefined;
}

interface Lost {
  readonly nature: StatementNature;
  readonly endMs: number;
  readonly failure: Failure;
  readonly options: SendOptions;
}

/** Waits until the statement is at work no more, then asks the server's log whether it knows more than we do. */
async function lookFor(clickhouse: ClickHouse, statement: StatementToSend, lost: Lost): Promise<Outcome> {
  let end = await untilGone(clickhouse, statement.queryId, lost, lost.endMs);
  if (end === "running" && lost.options.killAtDeadline && !lost.options.signal?.aborted) {
    await killQuery(clickhouse, statement.queryId);
    end = await untilGone(clickhouse, statement.queryId, lost, performance.now() + killMs);
  }
  if (typeof end === "object") return end;
  const reason = lost.failure.text;
  if (end !== "gone") return { state: "unknown", reason, running: end === "running" };
  return (
    fromLog(await readQueryLog(clickhouse, statement.queryId), lost.nature) ?? {
      state: "unknown",
      reason,
      running: false,
    }
  );
}

/** How long a killed statement may take to end. */
const killMs = 10_000;
/** A statement counts as gone when it was not seen for so long: it may not have arrived when we first look. */
const quietMs = 500;
const shortestLookMs = 20;
const longestLookMs = 500;

type End = "gone" | "running" | "unseen" | (Outcome & { readonly state: "fence-lost" });

async function untilGone(clickhouse: ClickHouse, queryId: string, lost: Lost, endMs: number): Promise<End> {
  let goneSinceMs: number | undefined;
  let last: "running" | "unseen" = "unseen";
  let lookMs = shortestLookMs;
  // One look at least is had by the quiet time after the deadline, for the server may answer again by then.
  const lastLookMs = Math.max(endMs, performance.now() + 2 * quietMs);
  for (;;) {
    const seen = await look(clickhouse, queryId);
    if (typeof seen === "object") return seen;
    const nowMs = performance.now();
    if (seen === "gone") {
      goneSinceMs ??= nowMs;
      if (nowMs - goneSinceMs >= quietMs) return "gone";
    } else {
      goneSinceMs = undefined;
      last = seen;
      if (seen === "running") lost.options.onWait?.({ for: "end", reason: lost.failure.text });
    }
    if (lost.options.signal?.aborted || (nowMs >= lastLookMs && goneSinceMs === undefined)) return last;
    await pause(lookMs, lost.options.signal);
    lookMs = Math.min(lookMs * 2, longestLookMs);
  }
}

async function look(clickhouse: ClickHouse, queryId: string): Promise<End> {
  try {
    return (await isRunning(clickhouse, queryId)) ? "running" : "gone";
  } catch (error) {
    const failure = failureOfError(error);
    return classify(failure, natureOf("SELECT")) === "fence-lost"
      ? { state: "fence-lost", reason: failure.text }
      : "unseen";
  }
}

/** What the log says counts as if the server had answered it. */
function fromLog(entry: LogEntry | undefined, nature: StatementNature): Outcome | undefined {
  if (entry === undefined) return undefined;
  if (entry.end === "finished") return { state: "done" };
  const { code, text } = entry;
  const settled = settledOutcome({ kind: "server", code, httpStatus: 500, text }, nature);
  return settled ?? (entry.end === "never-began" ? { state: "refused", code, reason: text } : undefined);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}
