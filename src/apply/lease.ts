// The lock as a state machine: from what a process hears to what it sends. Has no clock and sends nothing itself.
//
// A claim is won by making a name that the server lets only one process make. The winner raises a fence of its own,
// which each of its statements must pass, takes down all earlier fences, and only then looks whether its claim is still
// the newest: so either it sees who came after it, or who came after it found its fence. No name is ever made twice,
// hence nothing that arrives late brings an old fence back.

import { consider } from "./contend.js";
import { checkAlive, hearAnswer, leave, lose } from "./hold.js";
import {
  answers,
  type Contending,
  type Holding,
  isEnded,
  isHolding,
  type Lease,
  type LeaseAction,
  type LeaseContext,
  type LeaseEvent,
  type LeaseTimes,
  type Pending,
} from "./lease-state.js";

export interface LeaseStep {
  readonly lease: Lease;
  readonly actions: readonly LeaseAction[];
}

/** The next state, and what is to be sent. A tick is wanted at {@link wakeAtMs}; more of them do no harm. */
export function step(lease: Lease, event: LeaseEvent, context: LeaseContext): LeaseStep {
  if (isEnded(lease)) return { lease, actions: [] };
  const heard = hear(lease, event, context);
  return isEnded(heard) ? { lease: heard, actions: [] } : send(heard, context.nowMs);
}

/** When the next tick is wanted; undefined while only an answer can bring news. */
export function wakeAtMs(lease: Lease, times: LeaseTimes): number | undefined {
  if (isEnded(lease)) return undefined;
  const pending = isHolding(lease) ? [lease.next, lease.beat] : [lease.next];
  const moments = pending.flatMap((one) => (one.kind === "due" ? [one.atMs] : []));
  if (isHolding(lease)) moments.push(lease.aliveMs + times.selfStopMs);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

function hear(lease: Contending | Holding, event: LeaseEvent, context: LeaseContext): Lease {
  switch (event.kind) {
    case "tick":
      return isHolding(lease) ? checkAlive(lease, context) : lease;
    case "refused":
      return isHolding(lease) ? lose(lease, "refused", context) : lease;
    case "release":
      return isHolding(lease) ? leave(lease, event.settled, context) : { phase: "released" };
    case "answer":
      if (isHolding(lease)) return hearAnswer(lease, event, context);
      return answers(lease.next, event) ? consider(lease, event, context) : lease;
  }
}

/** Sends what is due. */
function send(lease: Contending | Holding, nowMs: number): LeaseStep {
  const actions: LeaseAction[] = [];
  const sent = (pending: Pending): Pending => {
    if (pending.kind !== "due" || pending.atMs > nowMs) return pending;
    const action = { id: lease.nextId + actions.length, request: pending.request };
    actions.push(action);
    return { kind: "sent", ...action };
  };
  const next = sent(lease.next);
  const after = isHolding(lease) ? { ...lease, next, beat: sent(lease.beat) } : { ...lease, next };
  return { lease: { ...after, nextId: lease.nextId + actions.length }, actions };
}
