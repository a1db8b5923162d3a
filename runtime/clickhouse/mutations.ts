// Waits for the background rewrite that an ALTER started, and clears one that failed.

import { setTimeout as sleep } from "node:timers/promises";
import type { Table } from "../../src/infra/table.js";
import { quoteString } from "../../src/sql/quote.js";
import type { ClickHouse } from "./client.js";

export interface MutationProgress {
  readonly partsToDo: number;
}

export type MutationOutcome =
  | { readonly state: "done" }
  | { readonly state: "failed"; readonly reason: string }
  | { readonly state: "stalled"; readonly reason: string };

interface MutationRow {
  readonly mutation_id: string;
  readonly parts_to_do: string;
  readonly latest_fail_reason: string;
}

const shortestPauseMs = 4;
const longestPauseMs = 500;
/** Without any progress for this long a mutation counts as stalled; it goes on in the server all the same. */
const stallMs = 60_000;

/** Ids of the mutations that are under way on the table. */
export async function unfinishedMutations(
  clickhouse: ClickHouse,
  table: Table,
): Promise<ReadonlySet<string>> {
  return new Set((await readUnfinished(clickhouse, table)).map((mutation) => mutation.mutation_id));
}

/**
 * Waits until the table has no unfinished mutation but for those in `others`, which are somebody else's.
 *
 * @param onProgress called on each look with the number of parts that are left
 */
export async function awaitMutations(
  clickhouse: ClickHouse,
  table: Table,
  others: ReadonlySet<string>,
  onProgress: (progress: MutationProgress) => void = () => {},
): Promise<MutationOutcome> {
  let pauseMs = shortestPauseMs;
  let partsToDo = Number.POSITIVE_INFINITY;
  let progressAtMs = performance.now();
  for (;;) {
    const unfinished = (await readUnfinished(clickhouse, table)).filter((m) => !others.has(m.mutation_id));
    if (unfinished.length === 0) return { state: "done" };
    const failed = unfinished.find((mutation) => mutation.latest_fail_reason !== "");
    if (failed !== undefined) return { state: "failed", reason: failed.latest_fail_reason };
    const left = unfinished.reduce((sum, mutation) => sum + Number(mutation.parts_to_do), 0);
    if (left < partsToDo) progressAtMs = performance.now();
    partsToDo = left;
    onProgress({ partsToDo });
    if (performance.now() - progressAtMs > stallMs) {
      return { state: "stalled", reason: `no progress for ${stallMs / 1_000} s, ${left} parts left` };
    }
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

const killLooks = 50;
const killPauseMs = 20;

/**
 * Takes unfinished mutations out of the table's queue, but for those in `others`. The schema stays as the mutation
 * wanted it; putting it back is the caller's.
 */
export async function killMutations(
  clickhouse: ClickHouse,
  table: Table,
  others: ReadonlySet<string>,
): Promise<void> {
  const ours = async () =>
    [...(await unfinishedMutations(clickhouse, table))].filter((id) => !others.has(id));
  for (const id of await ours()) {
    await clickhouse.command(
      `KILL MUTATION WHERE ${ofTable(table)} AND mutation_id = ${quoteString(id)} ASYNC`,
    );
  }
  for (let look = 0; look < killLooks && (await ours()).length > 0; look++) await sleep(killPauseMs);
}

function readUnfinished(clickhouse: ClickHouse, table: Table): Promise<readonly MutationRow[]> {
  return clickhouse.rows<MutationRow>(
    `SELECT mutation_id, parts_to_do, latest_fail_reason FROM system.mutations WHERE ${ofTable(table)} AND NOT is_done`,
  );
}

function ofTable(table: Table): string {
  return `database = ${quoteString(table.database)} AND table = ${quoteString(table.name)}`;
}
