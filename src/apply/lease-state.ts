// The words of the lock: what a process knows of it, what it hears, and what it does next.

/** How a claim stands. After a clean release nothing of its owner can still run; after an unsettled one it may. */
export type ClaimState = "held" | "released" | "unsettled";

/** The newest claim on a project's lock, as the server showed it. */
export interface Claim {
  /** Each owner has one of its own, higher than all before. */
  readonly epoch: number;
  /** Whose it is: unique to one process, and to the tries that follow on each other in it. */
  readonly token: string;
  /** Number of the newest beat; 0 before the first. */
  readonly seq: number;
  readonly state: ClaimState;
  /** Time since the newest beat, by the server's clock alone. */
  readonly ageMs: number;
  /**
   * The server was started anew since the newest beat, and whoever had the lock before ended with the one before it:
   * neither the owner nor anything that it sent is left.
   */
  readonly isGone: boolean;
}

export interface LeaseTimes {
  /** Between two looks at a lock that another holds. */
  readonly pollMs: number;
  readonly beatMs: number;
  /** Before a request is tried again whose answer was lost. */
  readonly retryMs: number;
  /** An owner without an acknowledged beat for so long stops by itself. */
  readonly selfStopMs: number;
  /** An owner is taken for dead when nothing changed for so long. */
  readonly staleMs: number;
  /** No statement of earlier owners may be seen for so long, before a new owner begins. */
  readonly quietMs: number;
  readonly drainPollMs: number;
}

export const leaseTimes: LeaseTimes = {
  pollMs: 500,
  beatMs: 5_000,
  retryMs: 500,
  selfStopMs: 10_000,
  staleMs: 15_000,
  quietMs: 2_000,
  drainPollMs: 250,
};

/**
 * Without a fence, all that an owner sent has to have arrived, and be seen to run, before the next one begins: those
 * who follow wait for longer, and an owner stops sooner, so that a dead one is still replaced within 20 s.
 */
export const clusterLeaseTimes: LeaseTimes = {
  ...leaseTimes,
  beatMs: 4_000,
  selfStopMs: 8_000,
  staleMs: 13_000,
  quietMs: 5_000,
};

/** What is asked of the server. Each is answered by exactly one reply, at the latest when its time is over. */
export type Request =
  /** Read the newest claim. */
  | { readonly kind: "look" }
  /** Make the claim of this epoch; the server lets one process do so. */
  | { readonly kind: "claim"; readonly epoch: number }
  /** Make the fence without which the server refuses the statements of this epoch; sent once, never again. */
  | { readonly kind: "raise"; readonly epoch: number }
  /** Take down the fences of all earlier epochs. */
  | { readonly kind: "lower"; readonly below: number }
  /** Kill what earlier owners still run, and count it. */
  | { readonly kind: "drain"; readonly below: number }
  /** Through the fence. */
  | { readonly kind: "beat"; readonly epoch: number; readonly seq: number }
  /** The last beat, which says that the owner went; then its fence is taken down. */
  | { readonly kind: "letGo"; readonly epoch: number; readonly seq: number; readonly state: GoneState };

export type GoneState = Exclude<ClaimState, "held">;

export type Reply =
  | { readonly kind: "looked"; readonly claim: Claim | undefined }
  | { readonly kind: "done" }
  /** Somebody has that claim. */
  | { readonly kind: "taken" }
  /** The fence is down. */
  | { readonly kind: "refused" }
  | { readonly kind: "drained"; readonly running: number }
  /** No answer came; the request may have been done, may be done later, or never. */
  | { readonly kind: "unknown" };

export interface Answer {
  readonly kind: "answer";
  /** The id of the action. */
  readonly id: number;
  /** When the request left, by the clock of the process. */
  readonly sentMs: number;
  readonly reply: Reply;
}

export type LeaseEvent =
  | { readonly kind: "tick" }
  | Answer
  /** A statement was refused because the fence is down. */
  | { readonly kind: "refused" }
  /** The owner goes. `settled`: it has the outcome of every statement that it sent. */
  | { readonly kind: "release"; readonly settled: boolean };

export interface LeaseAction {
  readonly id: number;
  readonly request: Request;
}

/** A request that is to be sent at some time, or was sent and is not answered. */
export type Pending =
  | { readonly kind: "due"; readonly atMs: number; readonly request: Request }
  | { readonly kind: "sent"; readonly id: number; readonly request: Request }
  | { readonly kind: "none" };

/** Not owner, trying to become it. */
export interface Contending {
  readonly phase: "contending";
  readonly next: Pending;
  readonly nextId: number;
  /** The claim of another that is waited for, and since when it has not changed, by this process's clock. */
  readonly seen: { readonly claim: Claim; readonly sinceMs: number } | undefined;
  /** The newest claim of ours that was sent, and how long its predecessor wants to be waited for. */
  readonly sent: { readonly epoch: number; readonly quietMs: number } | undefined;
}

/** The steps from a claim to being owner, in order; then owner; then leaving. */
export interface Holding {
  readonly phase: "raising" | "lowering" | "verifying" | "draining" | "owner" | "leaving";
  readonly epoch: number;
  readonly next: Pending;
  readonly beat: Pending;
  readonly nextId: number;
  readonly seq: number;
  /** When the newest acknowledged beat, or the claim, was sent. */
  readonly aliveMs: number;
  readonly quietMs: number;
  /** Since when no statement of an earlier owner was seen. */
  readonly quietSinceMs: number | undefined;
  readonly letGoTriesLeft: number;
}

export type LossReason =
  /** The server refused a beat: another process took over. */
  | "refused"
  /** No beat was acknowledged in time. */
  | "unacknowledged";

/** Over: the process has to stop, or let go by itself. */
export type Ended =
  | { readonly phase: "deposed"; readonly epoch: number; readonly reason: LossReason }
  | { readonly phase: "released" };

export type Lease = Contending | Holding | Ended;

/** `self` is the token of our claims; `nowMs` a clock that never goes back. */
export interface LeaseContext {
  readonly self: string;
  readonly nowMs: number;
  readonly times: LeaseTimes;
}

export function isEnded(lease: Lease): lease is Ended {
  return lease.phase === "deposed" || lease.phase === "released";
}

export function isHolding(lease: Lease): lease is Holding {
  return lease.phase !== "contending" && !isEnded(lease);
}

export function due(request: Request, atMs: number): Pending {
  return { kind: "due", atMs, request };
}

export function answers(pending: Pending, answer: Answer): boolean {
  return pending.kind === "sent" && pending.id === answer.id;
}
