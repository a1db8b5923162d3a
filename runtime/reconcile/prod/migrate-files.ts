// The reviewed files of a project, where it has them: a server executes these and nothing else.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { hasErrors } from "../../../src/diagnostic.js";
import { type ChainLink, foldChain } from "../../../src/format/chain.js";
import type { MigrationOperation } from "../../../src/format/operation.js";
import { stepsOf } from "../../../src/format/operation-steps.js";
import { isTopicOperation } from "../../../src/format/topic-operation.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import type { OperationResult } from "../../../src/status/migration-report.js";
import type { OperationProgress, OperationStatus } from "../../../src/status/server-status.js";
import type { ClickHouse } from "../../clickhouse/client.js";
import { JournalReader } from "../../clickhouse/journal.js";
import { Normaliser } from "../../clickhouse/normalise.js";
import type { Settings } from "../../config/settings.js";
import { readChain } from "../../migrations/chain-files.js";
import { type PlanFiles, readPlanFile } from "../../migrations/plan-files.js";
import { planFileProblems } from "../agreement.js";
import { migrateChain } from "../chain-migrate.js";
import { behindCode, planChain } from "../chain-plan.js";
import { refuseSeen, seenFiles } from "../chain-records.js";
import { isGoodEnd } from "../journalled-steps.js";
import { migrate } from "../migrate.js";
import type { MigrateEvent } from "../migrate-options.js";
import { type MigrationSource, sourceOf, subjectOf } from "../migration.js";
import { newRun, ownerOf, type Tool } from "../run.js";
import type { KafkaAccess } from "../topics/access.js";
import { tablesAtOnce } from "./pauses.js";
import type { ProdOperation } from "./prod-state.js";
import { ourLock, type ShownLock } from "./shown-lock.js";
import { isLockHeld } from "./take-lock.js";

export type MigrationFiles =
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "plan"; readonly files: PlanFiles }
  | { readonly kind: "chain"; readonly links: readonly ChainLink[]; readonly map: InfraMap };

export async function readMigrationFiles(settings: Settings): Promise<MigrationFiles> {
  const { folder, clickhouse, migration, topics } = settings;
  if (migration.mode === "plan") {
    const read = await readPlanFile(folder);
    return read.kind === "read" ? { kind: "plan", files: read.files } : read;
  }
  const { files, diagnostics } = await readChain(folder, clickhouse.database, topics.namespace);
  if (hasErrors(diagnostics)) return { kind: "refused", diagnostics };
  const { links, map, problems } = foldChain(files, clickhouse.database, topics.namespace);
  if (problems.length > 0) return { kind: "refused", diagnostics: problems };
  return links.length === 0 ? { kind: "absent" } : { kind: "chain", links, map };
}

/**
 * Whether something of the files is still to be done, or looked at, where the database is as the code says already:
 * statements of the user's own change no table. Needs no lock.
 */
export async function isPending(
  clickhouse: ClickHouse,
  project: string,
  files: Extract<MigrationFiles, { kind: "plan" | "chain" }>,
): Promise<boolean> {
  const reader = new JournalReader(clickhouse, project);
  if (files.kind === "chain") {
    const seen = seenFiles(await reader.migrations(), files.links);
    const isUnseen = files.links.some(({ file }) => !seen.applied.has(file.id));
    return isUnseen || refuseSeen(files.links, seen).length > 0;
  }
  const source = sourceOfPlan(files.files);
  if (!source.operations.some(({ kind }) => kind === "RawSql")) return false;
  return !(await reader.read(source.id)).some(isGoodEnd);
}

function sourceOfPlan({ plan, remoteState, localInfraMap }: PlanFiles): MigrationSource {
  return sourceOf(plan.operations, remoteState, localInfraMap);
}

export interface MigrateFilesOptions {
  readonly settings: Settings;
  readonly tool: Tool;
  /** What the code declares. */
  readonly desired: InfraMap;
  readonly kafka: KafkaAccess | undefined;
  readonly lockTimeoutMs: number;
  readonly statementDeadlineMs: number;
  readonly stop: AbortSignal;
  readonly onOperations: (operations: readonly ProdOperation[]) => void;
  readonly onOperation: (id: string, progress: OperationProgress) => void;
  readonly onLock: (lock: ShownLock) => void;
  /** A rewrite in the background has so many parts left. */
  readonly onPartsToDo: (id: string, left: number) => void;
}

export type MigrateFilesResult =
  | { readonly state: "applied" }
  /** Another run has the lock. */
  | { readonly state: "waiting" }
  | {
      readonly state: "refused";
      /** The database or the code is not what the files were generated for. */
      readonly isDrift: boolean;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly state: "unfinished"; readonly diagnostics: readonly Diagnostic[] };

export async function migrateFiles(
  clickhouse: ClickHouse,
  files: Extract<MigrationFiles, { kind: "plan" | "chain" }>,
  options: MigrateFilesOptions,
): Promise<MigrateFilesResult> {
  const problems = await codeProblems(clickhouse, files, options);
  if (hasErrors(problems)) return { state: "refused", isDrift: true, diagnostics: problems };
  try {
    const result = await run(clickhouse, files, options);
    switch (result.state) {
      case "applied":
      case "already-applied":
        return { state: "applied" };
      case "refused":
        return {
          state: "refused",
          isDrift: result.diagnostics.some(isDrift),
          diagnostics: result.diagnostics,
        };
      case "unfinished":
        return { state: "unfinished", diagnostics: result.diagnostics };
    }
  } catch (error) {
    if (isLockHeld(error)) return { state: "waiting" };
    throw error;
  }
}

function isDrift({ code }: Diagnostic): boolean {
  return code === "reconcile/drift";
}

async function codeProblems(
  clickhouse: ClickHouse,
  files: Extract<MigrationFiles, { kind: "plan" | "chain" }>,
  { settings, desired }: MigrateFilesOptions,
): Promise<readonly Diagnostic[]> {
  const { ignoreOperations } = settings.migration;
  if (files.kind === "plan")
    return planFileProblems(clickhouse, settings.project, files.files, desired, ignoreOperations);
  return behindCode(
    await planChain(files.map, desired, new Normaliser(clickhouse, undefined), { ignored: ignoreOperations }),
  );
}

function run(
  clickhouse: ClickHouse,
  files: Extract<MigrationFiles, { kind: "plan" | "chain" }>,
  options: MigrateFilesOptions,
) {
  const { settings, tool, stop, statementDeadlineMs, lockTimeoutMs } = options;
  const journalRun = newRun(tool);
  let shown: readonly ProdOperation[] = [];
  const show = (operations: readonly MigrationOperation[]): void => {
    shown = operations.map(shownOperation);
    options.onOperations(shown);
  };
  const shared = {
    project: settings.project,
    database: settings.clickhouse.database,
    tablesAtOnce,
    owner: ownerOf(journalRun, tool),
    who: journalRun.who,
    toolVersion: tool.version,
    ...{ lockTimeoutMs, statementDeadlineMs, stop },
    repair: false,
    kafka: options.kafka,
    mark: undefined,
    onEvent: (event: MigrateEvent) => follow(event, options),
  };
  if (files.kind === "chain") {
    return migrateChain(clickhouse, {
      ...shared,
      links: files.links,
      onFile: ({ operations }) => show(operations),
    });
  }
  show(files.files.plan.operations);
  return migrate(clickhouse, { ...shared, source: sourceOfPlan(files.files) });
}

function follow(event: MigrateEvent, { onOperation, onPartsToDo, onLock }: MigrateFilesOptions): void {
  switch (event.event) {
    case "lock-taken":
      return onLock(ourLock(event.lock));
    case "step":
      if (event.step.moment === "sending")
        onOperation(String(event.step.step.operation + 1), { state: "running" });
      return;
    case "progress":
      return onPartsToDo(String(event.index + 1), event.partsToDo);
    case "operation":
      return onOperation(String(event.result.index + 1), resultOf(event.result));
    default:
  }
}

function resultOf({ state, durationMs, reason }: OperationResult): OperationProgress {
  return { state: state === "done-before" ? "applied" : state, durationMs, error: reason };
}

function shownOperation(operation: MigrationOperation, index: number): ProdOperation {
  const { kind } = operation;
  const target = isTopicOperation(operation) ? "kafka" : "clickhouse";
  const status: OperationStatus = {
    ...{ id: String(index + 1), target, kind, address: subjectOf(operation) },
    ...{ reason: "in the reviewed migration", cost: "metadata", destructive: false, lifeCycle: undefined },
    ...{ verdict: { decision: "apply" }, state: "pending", progress: undefined },
    ...{ rows: undefined, bytes: undefined },
    sql: operation.kind === "RawSql" ? operation.sql : (stepsOf(operation) ?? []).map(({ sql }) => sql),
    ...{ durationMs: undefined, error: undefined, undo: undefined },
  };
  return { status, verdict: undefined, parts: undefined };
}
