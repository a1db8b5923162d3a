// moose migrate: executes a migration under the lock, and goes on from wherever an earlier run was killed.

import type { Diagnostic } from "../../src/diagnostic.js";
import { isTopicOperation } from "../../src/format/topic-operation.js";
import type { Address } from "../../src/infra/address.js";
import { emptyInfraMap, type InfraMap } from "../../src/infra/inframap.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { readTopology, refuseToApply } from "../clickhouse/cluster.js";
import { ensureDatabases } from "../clickhouse/databases.js";
import { inspect, type LiveTable } from "../clickhouse/inspect.js";
import { acquireLock, type Lock } from "../clickhouse/lock.js";
import { awaitMutations, repairMutations } from "../clickhouse/mutations.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { recordMigratedSqlResources } from "../clickhouse/sql-resource-records.js";
import { State } from "../clickhouse/state.js";
import { isCircle, recordFound } from "./chain-records.js";
import { Comparison } from "./comparison.js";
import { driftOf } from "./drift.js";
import { finishDrops } from "./finish-drops.js";
import { openJournalledRun } from "./journalled-run.js";
import type { MigrateOptions } from "./migrate-options.js";
import type { MigrateResult, Unsure } from "./migrate-result.js";
import { areSqlResourcesDone, sqlResourceDrift } from "./migrated-sql-resources.js";
import { type Migration, type MigrationSource, prepareMigration } from "./migration.js";
import { MigrationRun } from "./migration-run.js";
import { recordMigrated } from "./ownership.js";
import { type FailedMutation, failedMutations, putBackTypes, unreadableColumns } from "./repair.js";
import { hasTopics } from "./topics/topic-history.js";
import { areViewsDone, SeenViews, unconvergedViews, viewDrift } from "./view-drift.js";
import { recordMigratedViews } from "./view-ownership.js";

/** @throws DiagnosticError when the lock cannot be had, or was lost */
export async function migrate(clickhouse: ClickHouse, options: MigrateOptions): Promise<MigrateResult> {
  const refusal = refuseToApply(await readTopology(clickhouse));
  if (refusal !== undefined) return { state: "refused", diagnostics: [refusal] };
  for (let looks = 1; ; looks++) {
    // The word of the user is about what an earlier run has left, not about what this one does.
    const mark = looks === 1 ? options.mark : undefined;
    const result = await underLock(clickhouse, options, (lock) => migrateAll(lock, { ...options, mark }));
    if (result.state !== "unsure") return result;
    // Under another epoch nothing that is still on its way from this one can arrive any more.
    if (looks === mostLooks) return { ...result, state: "unfinished" };
  }
}

/** The client for Kafka is loaded only for a migration that is about topics. */
export async function migrateAll(lock: Lock, options: MigrateOptions): Promise<MigrateResult | Unsure> {
  if (!hasTopics(options.source)) return migrateUnderLock(lock, options);
  const { withTopics } = await import("./topics/with-topics.js");
  return withTopics(lock, options, (ofTables) => migrateUnderLock(lock, ofTables));
}

/** After an answer that was lost one looks, and goes on; when that happens again and again, a person has to look. */
export const mostLooks = 5;

/** Runs `work` with the lock of the project, and lets it go. */
export async function underLock<T>(
  clickhouse: ClickHouse,
  options: Pick<MigrateOptions, "project" | "owner" | "lockTimeoutMs" | "stop" | "onEvent">,
  work: (lock: Lock) => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(clickhouse, {
    project: options.project,
    owner: options.owner,
    timeoutMs: options.lockTimeoutMs,
    signal: options.stop,
    onWaiting: (holder) => options.onEvent({ event: "lock-waiting", holder }),
  });
  options.onEvent({ event: "lock-taken", lock });
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/** The same for a caller that has the lock, and keeps it. */
export async function migrateUnderLock(lock: Lock, options: MigrateOptions): Promise<MigrateResult | Unsure> {
  const { clickhouse } = lock;
  const { source, project } = options;
  const state = await State.open(clickhouse, project, { database: lock.database });
  const comparison = new Comparison(new Normaliser(clickhouse, state.database));
  const databases = databasesOf(source);
  const live = await look(clickhouse, databases);
  const prepared = await prepareMigration(source, tablesOf(live), comparison);
  if ("diagnostics" in prepared) return { state: "refused", diagnostics: prepared.diagnostics };
  const { migration } = prepared;

  const { records, journal, steps } = await openJournalledRun(clickhouse, state, source.id, options);
  const run = new MigrationRun({ clickhouse, state, steps, migration, records, options });
  run.standing.see(live);
  const stalled = await settle(run, clickhouse, options);
  if (stalled.length > 0) return { state: "refused", diagnostics: stalled };
  const concerned = live.filter(
    ({ address }) => run.standing.touchedAddresses.has(address) || migration.before.tables.has(address),
  );
  const inQueue = await failedMutations(clickhouse, concerned);
  const failed = inQueue.length > 0 ? inQueue : await unreadableColumns(clickhouse, run.standing.begunTables);
  if (failed.length > 0 && !options.repair)
    return { state: "refused", diagnostics: failed.map(stuckMutation) };
  const found = failed.length === 0 ? live : await repaired(run, failed, { live, databases, lock, options });
  await finishDrops(clickhouse, ownTables(found, state));
  run.standing.see(found);
  const isOfChain = options.isOfChain === true;
  const scratch = state.database;
  const seen = await SeenViews.look(clickhouse, migration, { databases, scratch, tables: found });
  const isUntold = isOfChain && records.length === 0 && source.operations.length > 0 && isCircle(migration);
  const isSeenDone = run.standing.isDone && areSqlResourcesDone(migration, state);
  if (isSeenDone && !isUntold && (await areViewsDone(migration, seen))) {
    const parts = { state, journal, migration, records, live: found };
    return isOfChain ? recordFound(parts, run.standing.touchedAddresses) : { state: "already-applied" };
  }
  const refused = [
    ...driftOf(migration, found, state, run.standing),
    ...(await viewDrift(migration, seen, run.standing.hasBegun)),
    ...sqlResourceDrift(migration, state),
    ...(await run.judge()),
  ];
  if (refused.length > 0) return { state: "refused", diagnostics: refused };

  await journal.append([{ kind: "run-started", migrationId: source.id }]);
  if (run.standing.hasBegun) await journal.append([{ kind: "resumed", migrationId: source.id }]);
  options.onEvent({ event: "started", operations: source.operations.length, resumed: run.standing.hasBegun });
  const hasStatements = source.operations.some(({ kind }) => kind === "RawSql");
  await ensureDatabases(clickhouse, hasStatements ? [...databases, options.database] : databases);
  const end = await run.execute();
  const after = await look(clickhouse, databases);
  run.standing.see(after);
  const views = await SeenViews.look(clickhouse, migration, { databases, scratch, tables: after });
  const problems =
    end.kind === "done"
      ? [...run.standing.unconverged(), ...(await unconvergedViews(migration, views))]
      : end.diagnostics;
  // A table that could not be made because somebody else has one of this name is not ours.
  if (problems.length === 0) {
    await recordMigrated(state, after, migration, run.standing.touchedAddresses);
    await recordMigratedViews(state, views.live, { ...migration, desired: source.desired });
    await recordMigratedSqlResources(state, declaredTeardowns(migration));
  }
  const error = problems.map(({ summary, detail }) => `${summary}: ${detail ?? ""}`).join("; ");
  await journal.append([{ kind: "run-ended", migrationId: source.id, error }]);
  if (problems.length === 0) return { state: "applied", operations: run.results.all };
  return {
    state: end.kind === "look" ? "unsure" : "unfinished",
    operations: run.results.all,
    diagnostics: problems,
  };
}

/** What the migration leads to; a teardown that the code has changed since the setup is only remembered. */
function declaredTeardowns({ after, source }: Migration): InfraMap["sqlResources"] {
  return new Map(
    [...after.sqlResources].map(([address, one]) => {
      const declared = source.desired?.sqlResources.get(address);
      return [address, declared?.setupHash === one.setupHash ? declared : one];
    }),
  );
}

/** Waits for the rewrites that an earlier run has started: what is seen of their tables is not the end. */
async function settle(
  run: MigrationRun,
  clickhouse: ClickHouse,
  { statementDeadlineMs: deadlineMs, stop: signal }: MigrateOptions,
): Promise<readonly Diagnostic[]> {
  const stalled: Diagnostic[] = [];
  for (const { address, table } of run.standing.begunTables) {
    const limits = { deadlineMs, signal };
    const outcome = await awaitMutations(clickhouse, table, new Set(), () => {}, limits);
    if (outcome.state !== "stalled") continue;
    stalled.push({
      code: "reconcile/stalled-rewrite",
      severity: "error",
      summary: `the rewrite of ${address} that an earlier run began has not come to its end`,
      detail: outcome.reason,
      hint: "run moose migrate again when it has: it goes on from there",
    });
  }
  return stalled;
}

/** Databases whose tables a migration is about. */
function databasesOf({ before, operations }: MigrationSource): readonly string[] {
  const named = operations.flatMap((operation) => {
    if (isTopicOperation(operation)) return [];
    switch (operation.kind) {
      case "RawSql":
        return [];
      case "CreateView":
      case "DropView":
      case "CreateMaterializedView":
      case "DropMaterializedView":
      case "ModifyViewQuery":
      case "ModifyViewRefresh":
      case "CreateDictionary":
      case "ReplaceDictionary":
      case "DropDictionary":
        return [operation.view.database];
      case "RecreateTable":
        return [operation.after.database];
      default:
        return [operation.table.database];
    }
  });
  const known = [...before.tables.values(), ...before.views.values()].map(({ database }) => database);
  return [...new Set([...known, ...named])].sort();
}

export async function look(
  clickhouse: ClickHouse,
  databases: readonly string[],
): Promise<readonly LiveTable[]> {
  return databases.length === 0 ? [] : inspect(clickhouse, { databases });
}

export function tablesOf(live: readonly LiveTable[]): InfraMap {
  return {
    ...emptyInfraMap,
    tables: new Map(live.map(({ address, table }): [Address, LiveTable["table"]] => [address, table])),
  };
}

function ownTables(live: readonly LiveTable[], state: State) {
  return live
    .filter(({ address, uuid }) => state.get(address)?.owned === true && state.get(address)?.uuid === uuid)
    .map(({ table }) => table);
}

interface Broken {
  readonly live: readonly LiveTable[];
  readonly databases: readonly string[];
  readonly lock: Lock;
  readonly options: MigrateOptions;
}

/** A rewrite that failed blocks every other of its table; it is cleared only when the user says so. */
async function repaired(
  run: MigrationRun,
  failed: readonly FailedMutation[],
  { live, databases, lock, options }: Broken,
): Promise<readonly LiveTable[]> {
  const tables = failed.map(({ database, table }) => ({ database, name: table }));
  const mutations = await repairMutations(lock.clickhouse, tables);
  options.onEvent({ event: "repaired", mutations });
  const broken = live.filter(({ table }) =>
    failed.some((one) => one.database === table.database && one.table === table.name),
  );
  return putBackTypes(lock.clickhouse, run, { live, broken, databases });
}

function stuckMutation(mutation: FailedMutation): Diagnostic {
  return {
    code: "reconcile/failed-mutation",
    severity: "error",
    summary: `a rewrite of ${mutation.database}.${mutation.table} has failed, and ClickHouse tries it for ever`,
    detail: `${mutation.command}\n${mutation.reason}`,
    hint: "moose migrate --repair takes it out of the queue and puts the column back as it was",
  };
}
