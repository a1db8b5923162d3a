// Executes the operations that were approved, and says of each what became of it.

import { randomUUID } from "node:crypto";
import type { Address } from "../../src/infra/address.js";
import {
  isOnSqlResource,
  isOnView,
  type Operation,
  type OperationOnTable,
} from "../../src/plan/operation.js";
import { restoreParts } from "../../src/plan/parts.js";
import type { JudgedOperation, JudgedPlan } from "../../src/policy/verdict.js";
import { createTable } from "../../src/sql/create-table.js";
import type { OperationReport, Outcome } from "../../src/status/report.js";
import { type ClickHouse, errorCode, errorText } from "./client.js";
import { passDroppedColumns } from "./dropped-columns.js";
import { executeOnSqlResource } from "./execute-sql-resource.js";
import { awaitMutations, killMutations, unfinishedMutations } from "./mutations.js";
import { namesOf, type ObjectRecord } from "./object-record.js";
import { Interrupted, type SendStep, StepRefused, StepUnknown } from "./send-step.js";
import type { State } from "./state.js";
import { claimViews, identifiedView, releaseViews } from "./view-claims.js";

const usualTablesAtOnce = 8;

/** Called when an operation begins and with the parts that a background rewrite has left. */
export type OnProgress = (operation: Operation, partsToDo: number | undefined) => void;

export interface ExecuteOptions {
  readonly onProgress?: OnProgress | undefined;
  /** How statements are sent. Default: at once, and a lost connection is thrown. */
  readonly send?: SendStep | undefined;
  /**
   * Called when moose's own records say which tables it is about to make, before anything is sent.
   *
   * @param first - the first operation on each table; none waits for another
   */
  readonly onClaimed?: ((first: readonly OperationOnTable[]) => Promise<void>) | undefined;
  /** Tables worked on at a time; within a table operations go one after the other. Default: 8. */
  readonly tablesAtOnce?: number | undefined;
  /** Called with each operation that has come to its end, well or not. */
  readonly onOutcome?: ((operation: Operation, outcome: Outcome) => void) | undefined;
  /** Ends the waiting for rewrites in the background; they go on in the server. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Runs what the verdicts allow. A refused statement fails its operation and skips the rest of its table;
 * a lost connection is thrown, for then nothing is known until reality has been looked at again.
 */
export async function execute(
  clickhouse: ClickHouse,
  state: State,
  judged: JudgedPlan,
  options: ExecuteOptions = {},
): Promise<readonly OperationReport[]> {
  const { onProgress = () => {}, onOutcome = () => {}, stop, tablesAtOnce = usualTablesAtOnce } = options;
  const send = options.send ?? sendDirectly(clickhouse);
  const uuids = new Map([
    ...(await claimNewTables(state, judged)),
    ...(await claimViews(state, judged.operations)),
  ]);
  await options.onClaimed?.(firstOperations(judged));
  const reports = new Map<string, OperationReport>();
  const failed = new Set<Address>();
  const context = { clickhouse, state, uuids, failed, send, onProgress, onOutcome, stop };
  for (const stage of stagesOf(judged.operations)) {
    const queue = [...groupByAddress(stage).values()];
    const worker = async (): Promise<void> => {
      for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
        for (const report of await executeTable(context, group)) reports.set(report.operation.id, report);
      }
    };
    // A view may read another one, so that they go one after the other; and so do statements of the user's own.
    const workers = stage.every(({ operation }) => classOf(operation) === "table") ? tablesAtOnce : 1;
    await allEnded(Array.from({ length: Math.min(workers, queue.length) }, worker), () => {
      queue.length = 0;
    });
  }
  const ordered = judged.operations.flatMap(({ operation }) => reports.get(operation.id) ?? []);
  await releaseTables(state, ordered);
  await releaseViews(state, ordered, uuids);
  return ordered;
}

/** Waits for all, also when one throws: what the others have sent is still on its way. */
async function allEnded(workers: readonly Promise<void>[], onThrow: () => void): Promise<void> {
  for (const worker of workers) worker.catch(onThrow);
  const ends = await Promise.allSettled(workers);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

interface Context {
  readonly clickhouse: ClickHouse;
  readonly state: State;
  readonly uuids: ReadonlyMap<Address, string>;
  /** What an operation failed on: nothing more is tried there. */
  readonly failed: Set<Address>;
  readonly send: SendStep;
  readonly onProgress: OnProgress;
  readonly onOutcome: NonNullable<ExecuteOptions["onOutcome"]>;
  readonly stop: AbortSignal | undefined;
}

function sendDirectly(clickhouse: ClickHouse): SendStep {
  return (_, __, { sql, mutation, inDatabase }) =>
    clickhouse.command(sql, { inDatabase, ...(mutation && { settings: { alter_sync: "0" } }) });
}

/** Operations on tables that stand together may run side by side; views come before and after them. */
function stagesOf(operations: readonly JudgedOperation[]): readonly (readonly JudgedOperation[])[] {
  const stages: JudgedOperation[][] = [];
  for (const judged of operations) {
    const last = stages.at(-1);
    const [first] = last ?? [];
    if (last !== undefined && first !== undefined && classOf(first.operation) === classOf(judged.operation))
      last.push(judged);
    else stages.push([judged]);
  }
  return stages;
}

function classOf(operation: Operation): "table" | "view" | "sql-resource" {
  if (isOnSqlResource(operation)) return "sql-resource";
  return isOnView(operation) ? "view" : "table";
}

function firstOperations({ operations }: JudgedPlan): readonly OperationOnTable[] {
  const first = new Map<Address, OperationOnTable>();
  for (const { operation, verdict } of operations) {
    if (verdict.decision === "blocked" || isOnView(operation) || isOnSqlResource(operation)) continue;
    if (first.has(operation.address)) continue;
    first.set(operation.address, operation);
  }
  return [...first.values()];
}

function groupByAddress(operations: readonly JudgedOperation[]): ReadonlyMap<Address, JudgedOperation[]> {
  const groups = new Map<Address, JudgedOperation[]>();
  for (const judged of operations) {
    const group = groups.get(judged.operation.address);
    if (group === undefined) groups.set(judged.operation.address, [judged]);
    else group.push(judged);
  }
  return groups;
}

/**
 * Says before tables are made that they will be ours, under uuids of our choice. A run that is killed on the way leaves
 * either no table, or one with this uuid; a table that somebody else made in between has another.
 */
async function claimNewTables(state: State, judged: JudgedPlan): Promise<ReadonlyMap<Address, string>> {
  const records = judged.operations.flatMap(({ operation, verdict }) =>
    operation.kind === "CreateTable" && verdict.decision === "apply"
      ? [recordOf(operation, randomUUID(), true)]
      : [],
  );
  await state.put(records);
  return new Map(records.map((record) => [record.address, record.uuid]));
}

function recordOf({ address, table }: OperationOnTable, uuid: string, owned: boolean): ObjectRecord {
  const { database, lifeCycle, cluster = "" } = table;
  return { address, database, uuid, lifeCycle, ...namesOf(table), cluster, owned };
}

/** Tables that were dropped, or that could not be made, are ours no longer. */
async function releaseTables(state: State, reports: readonly OperationReport[]): Promise<void> {
  const released = reports.flatMap(({ operation, outcome }) =>
    (operation.kind === "DropTable" && outcome.state === "applied") ||
    (operation.kind === "CreateTable" && outcome.state === "failed")
      ? [operation]
      : [],
  );
  const renamed = reports.flatMap(({ operation, outcome }) => {
    const isGone = operation.kind === "RenameTable" && outcome.state === "applied";
    const record = isGone ? state.get(operation.from) : undefined;
    return record === undefined ? [] : [{ ...record, owned: false }];
  });
  await state.put([
    ...released.map((operation) => recordOf(operation, state.get(operation.address)?.uuid ?? "", false)),
    ...renamed,
  ]);
}

async function executeTable(
  context: Context,
  group: readonly JudgedOperation[],
): Promise<readonly OperationReport[]> {
  const reports: OperationReport[] = [];
  for (const { operation, verdict } of group) {
    const outcome: Outcome =
      verdict.decision === "blocked"
        ? { state: "blocked" }
        : context.failed.has(operation.address)
          ? { state: "skipped" }
          : await executeOperation(context, operation);
    if (outcome.state === "failed" || outcome.state === "unknown") context.failed.add(operation.address);
    context.onOutcome(operation, outcome);
    reports.push({ operation, verdict, outcome });
  }
  return reports;
}

async function executeOperation(context: Context, operation: Operation): Promise<Outcome> {
  const startMs = performance.now();
  context.onProgress(operation, undefined);
  if (isOnSqlResource(operation)) return executeOnSqlResource(context, operation, startMs);
  if (isOnView(operation)) return executeOnView(context, operation, startMs);
  const others = operation.steps.some((step) => step.mutation)
    ? await unfinishedMutations(context.clickhouse, operation.table)
    : new Set<string>();
  try {
    for (const [index, { sql, mutation }] of operation.steps.entries()) {
      const text = sql.startsWith("CREATE TABLE ") ? await identified(context, operation) : sql;
      try {
        await context.send(operation, index, { sql: text, mutation });
        if (mutation) await finishMutation(context, operation, others);
      } catch (error) {
        const isPassed =
          isRewriteFailure(error) &&
          (await passDroppedColumns(context.clickhouse, operation.table, errorText(error)));
        if (!isPassed) throw error;
      }
    }
  } catch (error) {
    if (error instanceof StepUnknown) return { state: "unknown", reason: error.message };
    const isRefusal = error instanceof StepRefused || error instanceof MutationFailed;
    if (errorCode(error) === undefined && !isRefusal) throw error;
    return {
      state: "failed",
      reason: errorText(error),
      repaired: await repair(context, operation, error, others),
    };
  }
  return { state: "applied", durationMs: performance.now() - startMs };
}

async function executeOnView(
  context: Context,
  operation: Extract<Operation, { readonly view: unknown }>,
  startMs: number,
): Promise<Outcome> {
  try {
    for (const [index, { sql, mutation }] of operation.steps.entries())
      await context.send(operation, index, {
        sql: identifiedView(operation, sql, context.uuids.get(operation.address)),
        mutation,
      });
  } catch (error) {
    if (error instanceof StepUnknown) return { state: "unknown", reason: error.message };
    if (errorCode(error) === undefined && !(error instanceof StepRefused)) throw error;
    return { state: "failed", reason: errorText(error), repaired: false };
  }
  return { state: "applied", durationMs: performance.now() - startMs };
}

/** The CREATE statement with the uuid under which the table is ours; a recreated one is claimed after the old one is gone. */
async function identified(context: Context, operation: OperationOnTable): Promise<string> {
  const claimed = context.uuids.get(operation.address);
  const uuid = claimed ?? randomUUID();
  if (claimed === undefined) await context.state.put([recordOf(operation, uuid, true)]);
  return createTable(operation.table, uuid);
}

/** The change is made, but rows that are there could not be rewritten. */
function isRewriteFailure(error: unknown): boolean {
  const code = error instanceof StepRefused ? error.code : errorCode(error);
  return error instanceof MutationFailed || code === unfinished;
}

/** A background rewrite that did not come to its end. */
class MutationFailed extends Error {}

async function finishMutation(
  context: Context,
  operation: OperationOnTable,
  others: ReadonlySet<string>,
): Promise<void> {
  const outcome = await awaitMutations(
    context.clickhouse,
    operation.table,
    others,
    (progress) => context.onProgress(operation, progress.partsToDo),
    context.stop && { signal: context.stop },
  );
  // Nothing is wrong with it, and it goes on: whoever comes next waits for it again.
  if (outcome.state === "stalled" && context.stop?.aborted)
    throw new Interrupted("stopped while a rewrite went on in the background");
  if (outcome.state !== "done") throw new MutationFailed(outcome.reason);
}

/**
 * After a failed conversion the schema is already the new one and the column cannot be read. Out of the queue with
 * the mutation, then back to the old type, before anything else is done to the table.
 */
async function repair(
  context: Context,
  operation: OperationOnTable,
  error: unknown,
  others: ReadonlySet<string>,
): Promise<boolean> {
  const mutated = isRewriteFailure(error);
  const wholeRepair = mutated && "repair" in operation ? operation.repair : [];
  // Refused on the way, when indexes and projections were already set aside for it.
  const repair =
    "inTheWay" in operation && !mutated ? restoreParts(operation.table, operation.inTheWay) : wholeRepair;
  if (repair.length === 0) return false;
  if (mutated) await killMutations(context.clickhouse, operation.table, others);
  try {
    for (const sql of repair) await context.clickhouse.command(sql);
    return true;
  } catch (refusal) {
    if (errorCode(refusal) === undefined) throw refusal;
    return false;
  }
}

/** The server's code of an ALTER whose metadata is applied but whose rewrite failed. */
const unfinished = 341;
