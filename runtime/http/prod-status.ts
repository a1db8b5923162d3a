// The status report of moose prod, made from what its session knows.

import type { JudgedTopicOperation } from "../../src/policy/judge-topics.js";
import type { Verdict } from "../../src/policy/verdict.js";
import { type DriftEntry, driftEntries } from "../../src/status/drift-entry.js";
import {
  type Check,
  type Condition,
  type ConditionReason,
  type Conditions,
  type Decision,
  nextCondition,
  type OperationStatus,
  operationStatus,
  type Phase,
  type ResourceStatus,
  type ServerStatus,
} from "../../src/status/server-status.js";
import type { ProdOperation, ProdResource, ProdState } from "../reconcile/prod/prod-state.js";
import { ownerText } from "../reconcile/prod/shown-lock.js";

export interface StatusParts {
  readonly project: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly at: Date;
  readonly before: ServerStatus | undefined;
}

export function prodStatus(state: ProdState, parts: StatusParts): ServerStatus {
  const at = parts.at.toISOString();
  const { lock } = state;
  const hasDesired = state.desiredHash !== undefined;
  const drift = driftEntries(state.drift);
  const isDrifted = new Set(drift.map(({ address }) => address));
  return {
    project: parts.project,
    mode: "prod",
    phase: state.phase,
    startedAt: parts.startedAt.toISOString(),
    at,
    generation: hasDesired ? 1 : 0,
    observedGeneration: state.observedHash === undefined ? 0 : 1,
    conditions: conditionsOf(state, drift, { before: parts.before?.conditions, at }),
    checks: [
      {
        name: "clickhouse",
        ok: state.clickhouseVersion !== undefined && state.phase !== "waiting-for-clickhouse",
        reason: state.phase === "waiting-for-clickhouse" ? "ClickHouseUnreachable" : "AsDesired",
      },
      ...kafkaCheck(state),
      { name: "schema", ok: state.isReady, reason: reasonOf(state) },
    ],
    plan:
      state.planId === undefined
        ? undefined
        : { id: state.planId, basedOn: "", operations: state.operations.map(operationOf) },
    resources: state.resources.map((one) => resourceOf(one, state, isDrifted.has(one.address))),
    unmanaged: state.unmanaged,
    drift,
    lock: lock && {
      holder: ownerText(lock.owner),
      isOurs: lock.isOurs,
      epoch: lock.epoch,
      since: new Date(lock.sinceMs).toISOString(),
    },
    versions: { moose: parts.version, clickhouse: state.clickhouseVersion },
    diagnostics: state.diagnostics,
  };
}

/** Absent where the code has no streams. */
function kafkaCheck({ isKafkaReached: ok }: ProdState): readonly Check[] {
  if (ok === undefined) return [];
  return [{ name: "kafka", ok, reason: ok ? "AsDesired" : "KafkaUnreachable" }];
}

function conditionsOf(
  state: ProdState,
  drift: readonly DriftEntry[],
  { before, at }: { readonly before: Conditions | undefined; readonly at: string },
): Conditions {
  const isBusy = ["starting", "planning", "applying", "waiting-for-lock"].includes(state.phase);
  const isStuck = ["blocked", "failed", "drifted"].includes(state.phase);
  const isBlocked = isStuck || state.operations.some(({ state: of }) => of === "blocked");
  const next = (type: keyof Conditions, is: boolean, reason: ConditionReason, message: string): Condition =>
    nextCondition(before?.[type], { status: is ? "True" : "False", reason, message, at });
  return {
    Ready: next("Ready", state.isReady && state.phase !== "stopping", reasonOf(state), state.message),
    Progressing: next("Progressing", isBusy, reasonOf(state), isBusy ? state.message : ""),
    Blocked: next(
      "Blocked",
      isBlocked,
      isBlocked ? blockedReason(state) : "AsDesired",
      isBlocked ? state.message : "",
    ),
    Drifted: next(
      "Drifted",
      drift.length > 0 || state.phase === "drifted",
      drift.length > 0 ? "DatabaseDiffers" : state.phase === "drifted" ? "PlanDoesNotFit" : "AsDesired",
      drift.length > 0 || state.phase === "drifted" ? state.message : "",
    ),
  };
}

const reasons: Readonly<Record<Phase, ConditionReason>> = {
  starting: "Starting",
  "waiting-for-clickhouse": "ClickHouseUnreachable",
  "waiting-for-lock": "LockHeldByOther",
  planning: "Planning",
  applying: "Applying",
  ready: "AsDesired",
  blocked: "NeedsApproval",
  drifted: "PlanDoesNotFit",
  failed: "OperationFailed",
  stopping: "Stopping",
};

function reasonOf(state: ProdState): ConditionReason {
  return state.phase === "blocked" ? blockedReason(state) : reasons[state.phase];
}

function blockedReason(state: ProdState): ConditionReason {
  if (state.phase !== "blocked" && state.phase !== "ready") return reasons[state.phase];
  return state.operations.some(({ judged, topic }) => isApprovable(topic ?? judged ?? nothing))
    ? "NeedsApproval"
    : "LifecycleForbids";
}

const nothing = { verdict: { decision: "apply" } } as const;

/** What is refused for another reason is not let go on by anybody's word. */
export function isApprovable({ verdict }: { readonly verdict: Verdict }): boolean {
  return (
    verdict.decision === "blocked" && ["needs-approval", "rejected", "superseded"].includes(verdict.code)
  );
}

function decisionOf(judged: { readonly verdict: Verdict }): Decision {
  const { verdict } = judged;
  return isApprovable(judged) && verdict.decision === "blocked"
    ? { decision: "needs-approval", reason: verdict.reason }
    : verdict;
}

function operationOf(operation: ProdOperation): OperationStatus {
  const { id, judged, state, durationMs, error } = operation;
  const { parts } = operation;
  const done = parts && (parts.atFirst === 0 ? 1 : 1 - parts.left / parts.atFirst);
  const progress = { state, durationMs, error, progress: done };
  const { topic } = operation;
  if (topic !== undefined) return { ...topicStatus(id, topic), ...progress };
  if (judged !== undefined) return operationStatus(judged, { ...progress, verdict: decisionOf(judged) });
  return {
    id,
    target: "clickhouse",
    kind: operation.kind,
    address: operation.target,
    reason: "in the reviewed migration",
    cost: "metadata",
    destructive: false,
    lifeCycle: undefined,
    verdict: { decision: "apply" },
    rows: undefined,
    bytes: undefined,
    sql: operation.sql,
    undo: undefined,
    ...progress,
  };
}

function topicStatus(id: string, topic: JudgedTopicOperation): OperationStatus {
  const { kind, address, reason, cost, destructive, request, stake, topic: of } = topic.operation;
  return {
    ...{ id, kind, address, reason, cost, destructive, target: "kafka", lifeCycle: of.lifeCycle },
    verdict: decisionOf(topic),
    state: "pending",
    ...{ progress: undefined, bytes: undefined, durationMs: undefined, error: undefined, undo: undefined },
    rows: stake?.messages,
    sql: [request],
  };
}

function resourceOf(
  { address, kind, lifeCycle, state }: ProdResource,
  { phase, operations }: ProdState,
  isDrifted: boolean,
): ResourceStatus {
  const isBlocked = operations.some((one) => one.target === address && one.state === "blocked");
  return {
    address,
    kind: kind === "materialized view" ? "materialized-view" : kind,
    lifeCycle,
    state: isDrifted
      ? "drifted"
      : state === "in line" || phase === "ready"
        ? "in-sync"
        : isBlocked
          ? "blocked"
          : phase === "applying"
            ? "applying"
            : "pending",
    detail: state === "in line" ? undefined : state,
  };
}
