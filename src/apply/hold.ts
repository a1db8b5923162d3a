// The lock as seen by the process whose claim it is: from the claim to being owner, the beats, and the end.

import { contend } from "./contend.js";
import {
  type Answer,
  answers,
  due,
  type GoneState,
  type Holding,
  isHolding,
  type Lease,
  type LeaseContext,
  type LossReason,
  type Request,
} from "./lease-state.js";

const letGoTries = 3;

/** What follows from an answer, of whichever request. */
export function hearAnswer(lease: Holding, answer: Answer, context: LeaseContext): Lease {
  const beaten = answers(lease.beat, answer) ? hearBeat(lease, answer, context) : lease;
  const alive = isHolding(beaten) ? checkAlive(beaten, context) : beaten;
  return isHolding(alive) && answers(alive.next, answer) ? advance(alive, answer, context) : alive;
}

/** Who had no acknowledged beat for long has to expect that another process took over. */
export function checkAlive(lease: Holding, context: LeaseContext): Lease {
  const isOverdue = context.nowMs - lease.aliveMs >= context.times.selfStopMs;
  return isOverdue ? lose(lease, "unacknowledged", context) : lease;
}

/** Begins to let go. Who never got to be owner has not waited for its predecessors, and must not vouch for them. */
export function leave(lease: Holding, settled: boolean, { nowMs }: LeaseContext): Holding {
  if (lease.phase === "leaving") return lease;
  const state: GoneState = settled && lease.phase === "owner" ? "released" : "unsettled";
  const seq = lease.seq + 1;
  return {
    ...lease,
    phase: "leaving",
    seq,
    next: due({ kind: "letGo", epoch: lease.epoch, seq, state }, nowMs),
    beat: { kind: "none" },
    letGoTriesLeft: letGoTries - 1,
  };
}

/** The next of the steps from claim to owner, or out. */
function advance(lease: Holding, answer: Answer, context: LeaseContext): Lease {
  const { reply } = answer;
  const { nowMs, times } = context;
  const go = (phase: Holding["phase"], request: Request): Holding => ({
    ...lease,
    phase,
    next: due(request, lease.phase === phase ? nowMs + times.retryMs : nowMs),
  });
  switch (lease.phase) {
    case "raising":
      // A fence whose making is in doubt may appear at any time: its epoch is given up.
      if (reply.kind !== "done") return contend(nowMs, lease.nextId);
      return withBeat(go("lowering", { kind: "lower", below: lease.epoch }), nowMs);
    case "lowering":
      return reply.kind === "done"
        ? go("verifying", { kind: "look" })
        : go("lowering", { kind: "lower", below: lease.epoch });
    case "verifying":
      if (reply.kind !== "looked") return go("verifying", { kind: "look" });
      return reply.claim?.epoch === lease.epoch && reply.claim.token === context.self
        ? go("draining", { kind: "drain", below: lease.epoch })
        : contend(nowMs, lease.nextId);
    case "draining":
      return drain(lease, answer, context);
    case "owner":
      return lease;
    case "leaving":
      return letGo(lease, answer, context);
  }
}

function drain(lease: Holding, { reply, sentMs }: Answer, { nowMs, times }: LeaseContext): Holding {
  const isQuiet = reply.kind === "drained" && reply.running === 0;
  const quietSinceMs = isQuiet ? (lease.quietSinceMs ?? nowMs) : undefined;
  if (quietSinceMs !== undefined && (lease.quietMs === 0 || sentMs - quietSinceMs >= lease.quietMs))
    return { ...lease, phase: "owner", next: { kind: "none" }, quietSinceMs };
  return {
    ...lease,
    next: due({ kind: "drain", below: lease.epoch }, nowMs + times.drainPollMs),
    // Once something was seen to run, the word of a predecessor is no reason to hurry.
    quietMs: reply.kind === "drained" && reply.running > 0 ? times.quietMs : lease.quietMs,
    quietSinceMs,
  };
}

function letGo(lease: Holding, { reply }: Answer, { nowMs, times }: LeaseContext): Lease {
  if (reply.kind !== "unknown" || lease.letGoTriesLeft === 0 || lease.next.kind !== "sent")
    return { phase: "released" };
  return {
    ...lease,
    next: due(lease.next.request, nowMs + times.retryMs),
    letGoTriesLeft: lease.letGoTriesLeft - 1,
  };
}

/** An answered beat proves life up to when it was sent; a lost one is soon followed by another. */
function hearBeat(lease: Holding, { reply, sentMs }: Answer, context: LeaseContext): Lease {
  const { nowMs, times } = context;
  if (reply.kind === "refused") return lose(lease, "refused", context);
  if (reply.kind !== "done") return withBeat(lease, nowMs + times.retryMs);
  return withBeat({ ...lease, aliveMs: Math.max(lease.aliveMs, sentMs) }, sentMs + times.beatMs);
}

function withBeat(lease: Holding, atMs: number): Holding {
  const seq = lease.seq + 1;
  return { ...lease, seq, beat: due({ kind: "beat", epoch: lease.epoch, seq }, atMs) };
}

/** An owner that lost the lock stops for good; one that had not begun may try again. */
export function lose(lease: Holding, reason: LossReason, { nowMs }: LeaseContext): Lease {
  if (lease.phase === "owner") return { phase: "deposed", epoch: lease.epoch, reason };
  return lease.phase === "leaving" ? { phase: "released" } : contend(nowMs, lease.nextId);
}
