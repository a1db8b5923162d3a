// The lock as seen by a process that does not have it: look, wait, claim.

import {
  type Answer,
  type Claim,
  type Contending,
  due,
  type Holding,
  type LeaseContext,
} from "./lease-state.js";

/** A process that begins to try. The first tick sends the first request. */
export function contend(nowMs: number, nextId = 1): Contending {
  return {
    phase: "contending",
    next: due({ kind: "look" }, nowMs),
    nextId,
    seen: undefined,
    sent: undefined,
  };
}

/** What follows from the answer to a look or a claim. */
export function consider(lease: Contending, answer: Answer, context: LeaseContext): Contending | Holding {
  const { reply } = answer;
  const { nowMs, times } = context;
  switch (reply.kind) {
    case "looked":
      return reply.claim === undefined
        ? claimEpoch(lease, 1, 0, context)
        : judge(lease, reply.claim, answer, context);
    case "done":
      return won(lease, answer.sentMs, context);
    case "taken":
      return { ...lease, next: due({ kind: "look" }, nowMs) };
    default:
      return { ...lease, next: due({ kind: "look" }, nowMs + times.pollMs) };
  }
}

function judge(lease: Contending, claim: Claim, answer: Answer, context: LeaseContext): Contending | Holding {
  const { quietMs } = context.times;
  const after = (ms: number) => claimEpoch(lease, claim.epoch + 1, ms, context);
  if (claim.token === context.self)
    // Either the answer to our claim was lost, or we gave up a claim of ours or lost it, and nobody else can use it.
    return lease.sent?.epoch === claim.epoch ? won(lease, answer.sentMs, context) : after(quietMs);
  if (claim.isGone) return after(0);
  switch (claim.state) {
    case "released":
      return after(0);
    case "unsettled":
      return after(quietMs);
    case "held":
      return watch(lease, claim, answer, context);
  }
}

/** Another process holds it: wait, unless it has shown no sign of life for long. */
function watch(lease: Contending, claim: Claim, answer: Answer, context: LeaseContext): Contending {
  const { nowMs, times } = context;
  // From the arrival of the first answer to the sending of the last question: what lies between is no longer.
  const sinceMs =
    lease.seen !== undefined && isSameBeat(lease.seen.claim, claim) ? lease.seen.sinceMs : nowMs;
  const isOldAtFirstSight = lease.seen === undefined && claim.ageMs > times.staleMs;
  if (isOldAtFirstSight || answer.sentMs - sinceMs >= times.staleMs)
    return claimEpoch(lease, claim.epoch + 1, times.quietMs, context);
  const nextMs = Math.min(nowMs + times.pollMs, Math.max(nowMs, sinceMs + times.staleMs));
  return { ...lease, seen: { claim, sinceMs }, next: due({ kind: "look" }, nextMs) };
}

function isSameBeat(a: Claim, b: Claim): boolean {
  return a.epoch === b.epoch && a.token === b.token && a.seq === b.seq;
}

function claimEpoch(lease: Contending, epoch: number, quietMs: number, { nowMs }: LeaseContext): Contending {
  return { ...lease, sent: { epoch, quietMs }, next: due({ kind: "claim", epoch }, nowMs) };
}

function won(lease: Contending, sentMs: number, { nowMs }: LeaseContext): Contending | Holding {
  if (lease.sent === undefined) return lease;
  const { epoch, quietMs } = lease.sent;
  return {
    phase: "raising",
    epoch,
    next: due({ kind: "raise", epoch }, nowMs),
    beat: { kind: "none" },
    nextId: lease.nextId,
    seq: 0,
    aliveMs: sentMs,
    quietMs,
    quietSinceMs: undefined,
    letGoTriesLeft: 0,
  };
}
