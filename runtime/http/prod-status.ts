// The status report of moose prod, made from what its session knows.

import { topicAddress } from "../../src/infra/topic.js";
import { conditionsOf, type Standing } from "../../src/status/conditions.js";
import { decisionOf, isApprovable } from "../../src/status/decision.js";
import { type DriftEntry, driftEntries } from "../../src/status/drift-entry.js";
import {
  type Check,
  type ConditionReason,
  type OperationStatus,
  operationStatus,
  type Phase,
  type ResourceState,
  type ResourceStatus,
  type ServerStatus,
} from "../../src/status/server-status.js";
import type { StreamMessages } from "../../src/status/stream-messages.js";
import { topicOperationStatus } from "../../src/status/topic-operation-status.js";
import type { ProdOperation, ProdResource, ProdState } from "../reconcile/prod/prod-state.js";
import { ownerText } from "../reconcile/prod/shown-lock.js";
import { messagesOf } from "../reconcile/topics/message-watch.js";

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
  return {
    project: parts.project,
    mode: "prod",
    phase: state.phase,
    startedAt: parts.startedAt.toISOString(),
    at,
    generation: hasDesired ? 1 : 0,
    observedGeneration: state.observedHash === undefined ? 0 : 1,
    conditions: conditionsOf(standingOf(state, drift), parts.before?.conditions, at),
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
    resources: resourcesOf(state, drift, parts.before?.resources),
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

function standingOf(state: ProdState, drift: readonly DriftEntry[]): Standing {
  const { phase, message, isReady, operations } = state;
  const isStuck = ["blocked", "failed", "drifted"].includes(phase);
  const isBlocked = isStuck || operations.some(({ state: of }) => of === "blocked");
  const drifted = phase === "drifted" ? "PlanDoesNotFit" : undefined;
  return {
    ...{ phase, message, isReady, reason: reasonOf(state) },
    blocked: isBlocked ? blockedReason(state) : undefined,
    drifted: drift.length > 0 ? "DatabaseDiffers" : drifted,
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

/** What has not changed is the same object in each report, so that it is written to JSON once. */
const known = new WeakMap<ProdOperation, OperationStatus>();

function operationOf(operation: ProdOperation): OperationStatus {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const status = newOperationOf(operation);
  known.set(operation, status);
  return status;
}

function newOperationOf(operation: ProdOperation): OperationStatus {
  const { id, judged, state, durationMs, error } = operation;
  const { parts } = operation;
  const done = parts && (parts.atFirst === 0 ? 1 : 1 - parts.left / parts.atFirst);
  const progress = { state, durationMs, error, progress: done };
  const { topic } = operation;
  if (topic !== undefined) return topicOperationStatus(topic, progress);
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

function resourcesOf(
  { operations, phase, resources, counts }: ProdState,
  drift: readonly DriftEntry[],
  before: readonly ResourceStatus[] | undefined,
): readonly ResourceStatus[] {
  const blocked = new Set(operations.filter((one) => one.state === "blocked").map(({ target }) => target));
  const drifted = new Set<string>(drift.map(({ address }) => address));
  return resources.map((one, index) => {
    const key = one.kind === "topic" ? topicAddress(one.address) : one.address;
    const now = resourceState(one, { isBlocked: blocked.has(key), isDrifted: drifted.has(key), phase });
    const last = before?.[index];
    const isCounted = one.kind === "topic" && one.state !== "to be removed";
    const messages = isCounted ? messagesOf(counts, one.address) : undefined;
    return last !== undefined && isSame(last, one, { now, messages }) ? last : resourceOf(one, now, messages);
  });
}

interface ShownAs {
  readonly now: ResourceState;
  readonly messages: StreamMessages | undefined;
}

function isSame(last: ResourceStatus, one: ProdResource, { now, messages }: ShownAs): boolean {
  const isOfObject = last.address === one.address && last.lifeCycle === one.lifeCycle;
  const isAsBefore = last.state === now && last.kind === one.kind && last.detail === detailOf(one);
  return isOfObject && isAsBefore && JSON.stringify(last.messages) === JSON.stringify(messages);
}

function detailOf({ state }: ProdResource): string | undefined {
  return state === "in line" ? undefined : state;
}

function resourceOf(
  one: ProdResource,
  state: ResourceState,
  messages: StreamMessages | undefined,
): ResourceStatus {
  const { address, kind, lifeCycle } = one;
  return { address, kind, lifeCycle, state, detail: detailOf(one), ...(messages && { messages }) };
}

function resourceState(
  { state }: ProdResource,
  on: { readonly isBlocked: boolean; readonly isDrifted: boolean; readonly phase: Phase },
): ResourceState {
  if (on.isDrifted) return "drifted";
  if (state === "in line" || on.phase === "ready") return "in-sync";
  if (on.isBlocked) return "blocked";
  return on.phase === "applying" ? "applying" : "pending";
}
