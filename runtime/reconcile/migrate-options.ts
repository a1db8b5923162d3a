// What moose migrate is given, and what it tells while it runs.

import type { OperationResult } from "../../src/status/migration-report.js";
import type { Lock } from "../clickhouse/lock.js";
import type { LockHolder, LockOwner } from "../clickhouse/lock-store.js";
import type { RepairedMutation } from "../clickhouse/mutations.js";
import type { StepEvent } from "./journalled-steps.js";
import type { MigrationSource } from "./migration.js";
import type { KafkaAccess } from "./topics/access.js";

export interface MigrateOptions {
  readonly project: string;
  readonly source: MigrationSource;
  /** Tables worked on at a time. Default: 8. */
  readonly tablesAtOnce?: number | undefined;
  /** Of the project: where names without a database are looked for in statements of the user's own. */
  readonly database: string;
  readonly owner: LockOwner;
  readonly who: string;
  readonly toolVersion: string;
  readonly lockTimeoutMs: number;
  /** For one statement, in milliseconds. */
  readonly statementDeadlineMs: number;
  /** Clears mutations that failed, and puts the types back that they left. */
  readonly repair: boolean;
  /** What the user says of the statement whose outcome nobody knows. */
  readonly mark: "applied" | "not-applied" | undefined;
  /** Of a file of a chain it is written down that it is applied, also where there was nothing left to do. */
  readonly isOfChain?: boolean | undefined;
  /** The way to Kafka; without it a migration that is about topics leaves them undone, and says so. */
  readonly kafka?: KafkaAccess | undefined;
  readonly stop: AbortSignal;
  readonly onEvent: (event: MigrateEvent) => void;
}

export type MigrateEvent =
  | { readonly event: "lock-waiting"; readonly holder: LockHolder }
  | { readonly event: "lock-taken"; readonly lock: Pick<Lock, "owner" | "epoch" | "isTakenOver"> }
  | { readonly event: "started"; readonly operations: number; readonly resumed: boolean }
  | { readonly event: "step"; readonly step: StepEvent }
  | { readonly event: "progress"; readonly index: number; readonly partsToDo: number }
  | { readonly event: "operation"; readonly result: OperationResult }
  | { readonly event: "repaired"; readonly mutations: readonly RepairedMutation[] };
