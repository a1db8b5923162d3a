// Waits for the background rewrite that an ALTER started, says what holds it up, and clears one that failed.

import { setTimeout as sleep } from "node:timers/promises";
import { passes } from "../../src/apply/outcome.js";
import { quoteString, stringArray } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode, errorText } from "./client.js";

export interface TableName {
  readonly database: string;
  readonly name: string;
}

export interface MutationProgress {
  readonly partsToDo: number;
  /** What was left on the first look. */
  readonly partsAtFirst: number;
}

export type MutationOutcome =
  | { readonly state: "done" }
  /** The rewrite met a value or a rule that it cannot pass; the server tries again for ever, in vain. */
  | { readonly state: "failed"; readonly reason: string }
  /** It goes on in the server, but not as fast as it must. */
  | { readonly state: "stalled"; readonly reason: string };

export interface MutationLimits {
  /** For the whole rewrite; without it only standing still ends the waiting. */
  readonly deadlineMs?: number;
  /** Without any progress for this long a mutation counts as stalled. */
  readonly stallMs?: number;
  readonly signal?: AbortSignal;
}

interface MutationRow {
  readonly mutation_id: string;
  readonly command: string;
  readonly parts_to_do: string;
  readonly latest_fail_reason: string;
  readonly parts_in_progress: string;
  readonly postponed: readonly string[];
}

const shortestPauseMs = 4;
const longestPauseMs = 500;
const defaultStallMs = 60_000;

/** Ids of the mutations that are under way on the table. */
export async function unfinishedMutations(
  clickhouse: ClickHouse,
  table: TableName,
): Promise<ReadonlySet<string>> {
  return new Set((await readUnfinished(clickhouse, table)).map((mutation) => mutation.mutation_id));
}

/** How many mutations are under way in these databases, whoever has started them. */
export async function countUnfinished(clickhouse: ClickHouse, databases: readonly string[]): Promise<number> {
  const [row] = await clickhouse.rows<{ n: string }>(
    `SELECT count() AS n FROM system.mutations WHERE NOT is_done AND database IN ${stringArray(databases)}`,
  );
  return Number(row?.n ?? 0);
}

/**
 * Waits until the table has no unfinished mutation but for those in `others`, which are somebody else's.
 *
 * @param onProgress called on each look with the number of parts that are left
 */
export async function awaitMutations(
  clickhouse: ClickHouse,
  table: TableName,
  others: ReadonlySet<string>,
  onProgress: (progress: MutationProgress) => void = () => {},
  limits: MutationLimits = {},
): Promise<MutationOutcome> {
  const { deadlineMs = Number.POSITIVE_INFINITY, stallMs = defaultStallMs, signal } = limits;
  const startMs = performance.now();
  let progressAtMs = startMs;
  let pauseMs = shortestPauseMs;
  let partsToDo = Number.POSITIVE_INFINITY;
  let partsAtFirst: number | undefined;
  for (;;) {
    const unfinished = (await readUnfinished(clickhouse, table)).filter((m) => !others.has(m.mutation_id));
    if (unfinished.length === 0) return { state: "done" };
    const failed = unfinished.find(hasFailed);
    if (failed !== undefined) return { state: "failed", reason: failed.latest_fail_reason };
    const left = unfinished.reduce((sum, mutation) => sum + Number(mutation.parts_to_do), 0);
    const nowMs = performance.now();
    if (left < partsToDo) progressAtMs = nowMs;
    partsToDo = left;
    partsAtFirst ??= left;
    onProgress({ partsToDo, partsAtFirst });
    const over = overdue(
      { sinceStartMs: nowMs - startMs, deadlineMs },
      { quietMs: nowMs - progressAtMs, stallMs },
    );
    if (over !== undefined || signal?.aborted)
      return {
        state: "stalled",
        reason: `${over ?? "not waited for"}, ${await holdUp(clickhouse, table, unfinished)}`,
      };
    await sleep(pauseMs, undefined, signal && { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

function overdue(
  { sinceStartMs, deadlineMs }: { readonly sinceStartMs: number; readonly deadlineMs: number },
  { quietMs, stallMs }: { readonly quietMs: number; readonly stallMs: number },
): string | undefined {
  if (sinceStartMs > deadlineMs) return `not finished within ${deadlineMs / 1_000} s`;
  return quietMs > stallMs ? `no progress for ${stallMs / 1_000} s` : undefined;
}

/** The server tries again by itself: what passes, such as too little memory, is not yet a failure. */
function hasFailed({ latest_fail_reason: reason }: MutationRow): boolean {
  return isLastingFailure(reason);
}

/** @param reason - as system.mutations has it; empty where no try has failed */
export function isLastingFailure(reason: string): boolean {
  if (reason === "") return false;
  const code = errorCode(reason);
  if (code === undefined) return true;
  return !passes(code);
}

/** Why unfinished mutations are not done, as far as the server tells. */
async function holdUp(
  clickhouse: ClickHouse,
  table: TableName,
  unfinished: readonly MutationRow[],
): Promise<string> {
  const left = unfinished.reduce((sum, mutation) => sum + Number(mutation.parts_to_do), 0);
  const parts = `${left} parts left`;
  const failing = unfinished.find((mutation) => mutation.latest_fail_reason !== "");
  if (failing !== undefined) return `${parts}; last error: ${errorText(failing.latest_fail_reason)}`;
  const postponed = [...new Set(unfinished.flatMap((mutation) => mutation.postponed))];
  if (postponed.length > 0) return `${parts}; postponed: ${postponed.slice(0, mostReasons).join("; ")}`;
  const begun = unfinished.some((mutation) => Number(mutation.parts_in_progress) > 0);
  if (begun || left === 0) return parts;
  const merges = await clickhouse.rows<{ running: string }>(
    `SELECT toString(count()) AS running FROM system.merges WHERE ${ofTable(table)}`,
  );
  if (merges[0]?.running !== "0") return `${parts}; the server is busy merging this table`;
  return `${parts}; the server has begun none of them: merges may be stopped (SYSTEM START MERGES ${table.database}.${table.name} starts them), or all of its background threads are busy`;
}

const mostReasons = 3;
const killLooks = 50;
const killPauseMs = 20;

/**
 * Takes unfinished mutations out of the table's queue, but for those in `others`. The schema stays as the mutation
 * wanted it; putting it back is the caller's.
 */
export async function killMutations(
  clickhouse: ClickHouse,
  table: TableName,
  others: ReadonlySet<string>,
): Promise<void> {
  const ours = async () =>
    [...(await unfinishedMutations(clickhouse, table))].filter((id) => !others.has(id));
  await kill(clickhouse, table, await ours(), ours);
}

/** A failed mutation that was taken out of the queue, or that is still in it. */
export interface RepairedMutation {
  readonly table: TableName;
  readonly mutationId: string;
  readonly command: string;
  readonly reason: string;
  readonly gone: boolean;
}

/**
 * Takes the failed mutations of the tables out of their queues, and leaves those alone that only take long. The types
 * stay as the mutations wanted them, and the columns unreadable: the caller puts the old types back, as the next
 * statement on each table.
 */
export async function repairMutations(
  clickhouse: ClickHouse,
  tables: readonly TableName[],
): Promise<readonly RepairedMutation[]> {
  const repaired: RepairedMutation[] = [];
  for (const table of tables) {
    const failed = (await readUnfinished(clickhouse, table)).filter(hasFailed);
    const ids = new Set(failed.map((mutation) => mutation.mutation_id));
    if (ids.size === 0) continue;
    const left = async () => [...(await unfinishedMutations(clickhouse, table))].filter((id) => ids.has(id));
    await kill(clickhouse, table, [...ids], left);
    const still = new Set(await left());
    for (const { mutation_id: mutationId, command, latest_fail_reason } of failed)
      repaired.push({
        table,
        mutationId,
        command,
        reason: errorText(latest_fail_reason),
        gone: !still.has(mutationId),
      });
  }
  return repaired;
}

async function kill(
  clickhouse: ClickHouse,
  table: TableName,
  ids: readonly string[],
  left: () => Promise<readonly string[]>,
): Promise<void> {
  for (const id of ids) {
    await clickhouse.command(
      `KILL MUTATION WHERE ${ofTable(table)} AND mutation_id = ${quoteString(id)} ASYNC`,
    );
  }
  for (let look = 0; look < killLooks && (await left()).length > 0; look++) await sleep(killPauseMs);
}

async function readUnfinished(clickhouse: ClickHouse, table: TableName): Promise<readonly MutationRow[]> {
  const { inProgress, postponed } = await columnsOf(clickhouse);
  return clickhouse.rows<MutationRow>(
    `SELECT mutation_id, command, parts_to_do, latest_fail_reason, ${inProgress} AS parts_in_progress, ${postponed} AS postponed
     FROM system.mutations WHERE ${ofTable(table)} AND NOT is_done`,
  );
}

interface MutationColumns {
  readonly inProgress: string;
  readonly postponed: string;
}

const knownColumns = new WeakMap<ClickHouse, MutationColumns>();

/** What only newer servers tell, as expressions. */
async function columnsOf(clickhouse: ClickHouse): Promise<MutationColumns> {
  const known = knownColumns.get(clickhouse);
  if (known !== undefined) return known;
  const rows = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = 'system' AND table = 'mutations'",
  );
  const names = new Set(rows.map((row) => row.name));
  const columns = {
    inProgress: names.has("parts_in_progress_names") ? "toString(length(parts_in_progress_names))" : "'0'",
    postponed: names.has("parts_postpone_reasons")
      ? "mapValues(parts_postpone_reasons)"
      : "[]::Array(String)",
  };
  knownColumns.set(clickhouse, columns);
  return columns;
}

function ofTable(table: TableName): string {
  return `database = ${quoteString(table.database)} AND table = ${quoteString(table.name)}`;
}
