// What a server of moose says of itself at any moment: the one status report of `moose prod` and `moose dev`.

import type { Diagnostic } from "../diagnostic.js";
import type { Address } from "../infra/address.js";
import type { LifeCycle } from "../infra/lifecycle.js";
import type { CostClass, Operation, OperationKind } from "../plan/operation.js";
import { lifeCycleOf } from "../policy/approval.js";
import type { JudgedOperation, Verdict } from "../policy/verdict.js";
import type { DriftEntry } from "./drift-entry.js";
import type { StreamMessages } from "./stream-messages.js";

/** All times are RFC 3339 in UTC, as `2026-11-25T04:39:51.123Z`. */
export type Time = string;

export type Phase =
  | "starting"
  | "waiting-for-clickhouse"
  | "waiting-for-lock"
  | "planning"
  | "applying"
  | "ready"
  | "blocked"
  | "drifted"
  | "failed"
  | "stopping";

export const phases: readonly Phase[] = [
  "starting",
  "waiting-for-clickhouse",
  "waiting-for-lock",
  "planning",
  "applying",
  "ready",
  "blocked",
  "drifted",
  "failed",
  "stopping",
];

export type ConditionType = "Ready" | "Progressing" | "Blocked" | "Drifted";

export const conditionTypes: readonly ConditionType[] = ["Ready", "Progressing", "Blocked", "Drifted"];

/** Why a condition is as it is: a closed list, so that alerts can be built on it. */
export type ConditionReason =
  | "AsDesired"
  | "Starting"
  | "ClickHouseUnreachable"
  | "KafkaUnreachable"
  | "LockHeldByOther"
  | "Planning"
  | "Applying"
  | "NeedsApproval"
  | "LifecycleForbids"
  | "PlanDoesNotFit"
  | "CodeDoesNotLoad"
  | "DatabaseDiffers"
  | "OperationFailed"
  | "UnknownOutcome"
  | "NotConverged"
  | "AuthFailed"
  | "Stopping"
  | "InternalError"
  | "NotChecked";

export interface Condition {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: ConditionReason;
  /** For people; may name tables. */
  readonly message: string;
  /** When `status` last changed. */
  readonly since: Time;
}

export type Conditions = Readonly<Record<ConditionType, Condition>>;

/** The verdict on an operation, with what people have decided about it since. */
export type Decision =
  | Verdict
  | { readonly decision: "needs-approval"; readonly reason: string }
  | { readonly decision: "approved"; readonly by: string; readonly at: Time }
  | { readonly decision: "rejected"; readonly by: string; readonly at: Time };

/** `skipped`: not tried, because an earlier operation on the same resource failed. */
export type OperationState = "pending" | "running" | "applied" | "failed" | "unknown" | "blocked" | "skipped";

/** One operation of a plan: what it is, what was decided, and how far it is. */
export interface OperationStatus {
  readonly id: string;
  readonly target: "clickhouse" | "kafka";
  /** `CreateTable`, or what the file of a migration calls it. */
  readonly kind: OperationKind | (string & {});
  /** `local.events`, or the name of a topic. */
  readonly address: string;
  /** Name of the column, index or projection that it is about, where it is about one. */
  readonly part?: string | undefined;
  readonly reason: string;
  readonly cost: CostClass | (string & {});
  readonly destructive: boolean;
  readonly lifeCycle: LifeCycle | undefined;
  readonly verdict: Decision;
  readonly state: OperationState;
  /** From 0 to 1; undefined where it cannot be told. */
  readonly progress: number | undefined;
  /** Rows and bytes that it concerns. */
  readonly rows: number | undefined;
  readonly bytes: number | undefined;
  readonly sql: readonly string[];
  readonly durationMs: number | undefined;
  readonly error: string | undefined;
  /** Statement that takes it back, where there is one. */
  readonly undo: string | undefined;
}

/** How the status of an operation differs from that of one which has not begun. */
export type OperationProgress = Partial<
  Pick<OperationStatus, "verdict" | "state" | "progress" | "durationMs" | "error">
>;

/** A plan and how far it is. */
export interface PlanStatus {
  readonly id: string;
  /** Fingerprint of the state that it was made for. */
  readonly basedOn: string;
  readonly operations: readonly OperationStatus[];
}

export type ResourceState = "in-sync" | "pending" | "applying" | "blocked" | "drifted" | "failed";

export type ResourceKind = "table" | "view" | "materialized-view" | "dictionary" | "topic" | "sql-resource";

export interface ResourceStatus {
  readonly address: string;
  readonly kind: ResourceKind;
  readonly lifeCycle: LifeCycle;
  readonly state: ResourceState;
  /** Why it is not in sync, in one clause. */
  readonly detail: string | undefined;
  /** Of a declared topic alone. */
  readonly messages?: StreamMessages | undefined;
}

/** Something that has to work for the server to be of use. */
export interface Check {
  readonly name: "clickhouse" | "kafka" | "schema";
  readonly ok: boolean;
  readonly reason: ConditionReason;
}

export interface LockStatus {
  readonly holder: string;
  /** True where this process is the holder. */
  readonly isOurs: boolean;
  readonly epoch: number;
  readonly since: Time;
}

export interface Versions {
  readonly moose: string;
  /** Undefined until the server was reached. */
  readonly clickhouse: string | undefined;
}

export interface ServerStatus {
  readonly project: string;
  readonly mode: "dev" | "prod";
  readonly phase: Phase;
  readonly startedAt: Time;
  /** When this report was made. */
  readonly at: Time;
  /** Counts what was asked for: each version of the code or of the plan file that was read. */
  readonly generation: number;
  /** The last generation that was compared with the database to the end. */
  readonly observedGeneration: number;
  readonly conditions: Conditions;
  readonly checks: readonly Check[];
  /** The plan that is being worked on or waits; undefined while there is none. */
  readonly plan: PlanStatus | undefined;
  readonly resources: readonly ResourceStatus[];
  /** Tables that moose neither made nor was told of. */
  readonly unmanaged: readonly Address[];
  readonly drift: readonly DriftEntry[];
  readonly lock: LockStatus | undefined;
  readonly versions: Versions;
  /** Problems of the code, the plan file or the last round. */
  readonly diagnostics: readonly Diagnostic[];
}

export function isReady(status: ServerStatus): boolean {
  return status.conditions.Ready.status === "True";
}

/** The condition as it is now; `since` is kept where its status has not changed. */
export function nextCondition(
  before: Condition | undefined,
  now: Omit<Condition, "since"> & { readonly at: Time },
): Condition {
  const { status, reason, message, at } = now;
  return { status, reason, message, since: before?.status === status ? before.since : at };
}

/** Reports on an operation that has just been judged, or that has got further since. */
export function operationStatus(
  { operation, verdict }: JudgedOperation,
  progress: OperationProgress = {},
): OperationStatus {
  const { id, kind, address, reason, cost, destructive, stake, undo } = operation;
  return {
    id,
    target: "clickhouse",
    kind,
    address,
    part: partOf(operation),
    reason,
    cost,
    destructive,
    lifeCycle: lifeCycleOf(operation),
    verdict,
    state: verdict.decision === "blocked" ? "blocked" : "pending",
    progress: undefined,
    rows: stake?.rows,
    bytes: stake?.bytes,
    sql: statementsOf(operation),
    durationMs: undefined,
    error: undefined,
    undo,
    ...progress,
  };
}

function partOf(operation: Operation): string | undefined {
  if ("column" in operation) return operation.column.name;
  if ("index" in operation) return operation.index.name;
  if ("projection" in operation) return operation.projection.name;
  if (operation.kind === "ModifyTableColumn" || operation.kind === "RenameTableColumn")
    return operation.from.name;
  return undefined;
}

function statementsOf(operation: Operation): readonly string[] {
  return operation.steps.map(({ sql }) => sql);
}

/** Whether an approval would let it go on. */
export function awaitsApproval({ verdict, state }: OperationStatus): boolean {
  return verdict.decision === "needs-approval" && state !== "applied" && state !== "running";
}
