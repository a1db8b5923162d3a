// The status report of moose dev, made from what is known of its session. Made only when somebody looks.

import { emptyInfraMap } from "../../src/infra/inframap.js";
import { sha256 } from "../../src/infra/sha256.js";
import { topicAddress } from "../../src/infra/topic.js";
import type { Verdict } from "../../src/policy/verdict.js";
import type { Standing } from "../../src/status/conditions.js";
import { decisionOf } from "../../src/status/decision.js";
import type { DriftEntry } from "../../src/status/drift-entry.js";
import {
  type Check,
  type Conditions,
  type Decision,
  type OperationProgress,
  type OperationState,
  type OperationStatus,
  operationStatus,
  type PlanStatus,
  type ResourceState,
  type ResourceStatus,
  type ServerStatus,
} from "../../src/status/server-status.js";
import type { StreamMessages } from "../../src/status/stream-messages.js";
import { topicOperationStatus } from "../../src/status/topic-operation-status.js";
import type { DevFacts, OnOperation } from "./dev-facts.js";
import { resourcesOf } from "./prod/resources.js";
import { messagesOf } from "./topics/message-watch.js";

export function devStatus(facts: DevFacts, conditions: Conditions, at: Date): ServerStatus {
  const { phase, generation, observedGeneration, lock, diagnostics } = facts;
  const operations = operationsOf(facts);
  return {
    ...{ mode: "dev", project: facts.project, phase, generation, observedGeneration, conditions },
    startedAt: facts.startedAt.toISOString(),
    at: at.toISOString(),
    checks: checksOf(facts),
    plan: planOf(operations),
    resources: resourcesIn(facts, operations),
    unmanaged: [...(facts.planned?.unmanaged ?? []), ...(facts.topics?.unmanaged ?? [])],
    drift: driftOf(facts),
    lock,
    versions: { moose: facts.mooseVersion, clickhouse: facts.clickhouseVersion },
    diagnostics: [...diagnostics, ...(facts.topics?.diagnostics ?? [])],
  };
}

export function standingOf(facts: DevFacts): Standing {
  const { phase, reason } = facts;
  const isHeldUp = phase === "blocked" || phase === "failed";
  const size = driftOf(facts).reduce((sum, { parts }) => sum + parts.length, 0);
  const others = `${size} ${size === 1 ? "thing was" : "things were"} changed by others`;
  const message = size === 0 ? facts.message : `${facts.message}; ${others}`;
  return {
    ...{ phase, reason, message, isReady: phase === "ready" },
    drifted: size === 0 ? undefined : "DatabaseDiffers",
    blocked: isHeldUp ? reason : undefined,
  };
}

function driftOf({ drift, topicDrift }: DevFacts): readonly DriftEntry[] {
  return [...drift, ...topicDrift];
}

function checksOf({ phase, reason, topics, counts }: DevFacts): readonly Check[] {
  const isAway = phase === "waiting-for-clickhouse" || phase === "starting";
  const kafka = topics?.kafka.state === "reached" && counts?.problem === undefined;
  return [
    { name: "clickhouse", ok: !isAway, reason: isAway ? reason : "AsDesired" },
    ...(topics === undefined
      ? []
      : [{ name: "kafka", ok: kafka, reason: kafka ? "AsDesired" : "KafkaUnreachable" } as const]),
    { name: "schema", ok: phase === "ready", reason },
  ];
}

/** Named by what is to be done and what was decided about it: a plan that has changed has another id. */
function planOf(operations: readonly OperationStatus[]): PlanStatus | undefined {
  if (operations.length === 0) return undefined;
  const text = JSON.stringify(
    operations.map(({ kind, address, sql, verdict }) => [kind, address, sql, verdict]),
  );
  const id = sha256(text, 16);
  return { id, basedOn: "", operations };
}

function operationsOf({ judged, progress, topics, rejected }: DevFacts): readonly OperationStatus[] {
  return [
    ...judged.map((one) =>
      operationStatus(one, {
        ...progressOf(progress.get(one.operation.id)),
        verdict: devDecision(one.verdict, rejected.get(one.operation.cause)),
      }),
    ),
    ...(topics?.operations ?? []).map((one) =>
      topicOperationStatus(one, {
        ...progressOf({ parts: undefined, outcome: one.outcome }),
        verdict: devDecision(one.verdict, rejected.get(one.operation.cause)),
      }),
    ),
  ];
}

/** Nobody is asked in moose dev but whether something that exists may be taken over. */
function devDecision(verdict: Verdict, rejectedBy: string | undefined): Decision {
  if (verdict.decision !== "blocked" || verdict.adopts === undefined) return decisionOf({ verdict });
  const refusal = rejectedBy === undefined ? "" : `, and ${rejectedBy} has rejected to take it over`;
  return {
    decision: "needs-approval",
    reason: `${verdict.reason}${refusal}; approved, it is moose's to change`,
  };
}

function progressOf(on: OnOperation | undefined): OperationProgress {
  if (on === undefined) return {};
  const { parts, outcome } = on;
  if (outcome === undefined) {
    const share = parts && (parts.atFirst === 0 ? 1 : 1 - parts.left / parts.atFirst);
    return { state: "running", progress: share };
  }
  return {
    state: outcome.state,
    ...(outcome.state === "applied" && { durationMs: outcome.durationMs }),
    ...("reason" in outcome && { error: outcome.reason }),
  };
}

/** By what is left to do on each; what was dropped is no resource any more. */
function resourcesIn(facts: DevFacts, operations: readonly OperationStatus[]): readonly ResourceStatus[] {
  const { planned, desired, phase, topics } = facts;
  if (planned === undefined) return [];
  const states = statesByAddress(operations);
  const drifted = new Set<string>(driftOf(facts).map(({ address }) => address));
  return resourcesOf(planned, desired ?? emptyInfraMap).flatMap(({ address, kind, lifeCycle, state }) => {
    if (state === "to be removed" && phase === "ready") return [];
    const isInLine = kind === "topic" ? topics?.kafka.state === "reached" : state === "in line";
    const key = kind === "topic" ? topicAddress(address) : address;
    const asPlanned = stateOf(states.get(key) ?? new Set(), isInLine ? "in-sync" : "pending");
    const now = drifted.has(key) ? "drifted" : asPlanned;
    const detail = now === "in-sync" || state === "in line" ? undefined : state;
    const isCounted = kind === "topic" && state !== "to be removed";
    const messages = isCounted ? { messages: messagesIn(facts, address) } : {};
    return [{ address, kind, lifeCycle, state: now, detail, ...messages }];
  });
}

function messagesIn({ counts, topics }: DevFacts, name: string): StreamMessages {
  const kafka = topics?.kafka;
  const isAway = counts === undefined && kafka?.state === "unreachable";
  const away = { streams: new Map(), problem: { code: "", message: isAway ? kafka.reason : "" } };
  return messagesOf(isAway ? away : counts, name);
}

function statesByAddress(
  operations: readonly OperationStatus[],
): ReadonlyMap<string, ReadonlySet<OperationState>> {
  const states = new Map<string, Set<OperationState>>();
  for (const { address, state } of operations)
    states.set(address, (states.get(address) ?? new Set<OperationState>()).add(state));
  return states;
}

function stateOf(states: ReadonlySet<OperationState>, otherwise: ResourceState): ResourceState {
  if (states.has("failed") || states.has("unknown")) return "failed";
  if (states.has("blocked")) return "blocked";
  if (states.has("running")) return "applying";
  if (states.has("pending") || states.has("skipped")) return "pending";
  return states.size === 0 ? otherwise : "in-sync";
}
