// A server in virtual time: names that only one can make, fences, running statements; and a watch over who is let in.

import type { ClaimState, Reply, Request } from "../../src/apply/lease-state.js";
import type { Random } from "../faults/random.js";
import type { EventQueue } from "./event-queue.js";

interface StoredClaim {
  readonly token: string;
  seq: number;
  state: ClaimState;
  beatMs: number;
}

interface Running {
  readonly epoch: number;
  /** From when on it is listed among the running statements. */
  readonly listedMs: number;
  endMs: number;
}

/**
 * What keeps out the statements of a deposed owner: the server refuses them; or, as on a cluster, the owner looks
 * before each one whether its claim is the newest; or nothing.
 */
export type Guard = "fence" | "look" | "none";

/** Old claims are kept for a while, as the real lock does. */
const keptClaims = 4;

export class SimulatedServer {
  readonly violations: string[] = [];
  /** How many statements were let in. */
  accepted = 0;
  refused = 0;
  newestEpochAtWork = 0;
  starts = 0;
  readonly #queue: EventQueue;
  readonly #chance: Random;
  readonly #guard: Guard;
  readonly #claims = new Map<number, StoredClaim>();
  readonly #fences = new Map<string, number>();
  #running: Running[] = [];
  #ownersGoneBeforeMs = 0;

  constructor(queue: EventQueue, chance: Random, guard: Guard) {
    this.#queue = queue;
    this.#chance = chance;
    this.#guard = guard;
  }

  /** Nothing runs any more, nothing that was sent before arrives, and all who had the lock are said to be gone. */
  restart(): void {
    this.vouch();
    this.#running = [];
    this.starts++;
  }

  /** Says that all who had the lock so far are gone, this moment included: nothing is sent and arrives in the same. */
  vouch(): void {
    this.#ownersGoneBeforeMs = this.#queue.nowMs + 1;
  }

  /** Does what a request asks for, some of it in two steps between which others get in; then gives the reply. */
  handle(token: string, request: Request, reply: (reply: Reply) => void): void {
    const { nowMs } = this.#queue;
    switch (request.kind) {
      case "look":
        return this.#look(reply);
      case "claim":
        if (this.#claims.has(request.epoch)) return reply({ kind: "taken" });
        this.#claims.set(request.epoch, { token, seq: 0, state: "held", beatMs: nowMs });
        return reply({ kind: "done" });
      case "raise":
        this.#fences.set(fenceOf(request.epoch, token), request.epoch);
        return reply({ kind: "done" });
      case "lower":
        return this.#lower(request.below, reply);
      case "drain":
        return reply({ kind: "drained", running: this.#kill(request.below) });
      case "beat":
        if (!this.#passes(request.epoch, token)) return reply({ kind: "refused" });
        this.#write(request.epoch, request.seq, "held");
        return reply({ kind: "done" });
      case "letGo":
        this.#write(request.epoch, request.seq, request.state);
        return this.#later(() => {
          this.#fences.delete(fenceOf(request.epoch, token));
          reply({ kind: "done" });
        });
    }
  }

  /** A statement of an owner arrives. */
  statement(epoch: number, token: string, durationMs: number): "refused" | { readonly endMs: number } {
    const { nowMs } = this.#queue;
    if (!this.#passes(epoch, token)) {
      this.refused++;
      return "refused";
    }
    this.accepted++;
    this.#running = this.#running.filter((one) => one.endMs > nowMs);
    if (epoch < this.newestEpochAtWork)
      this.violations.push(`${nowMs}: a statement of epoch ${epoch} after one of ${this.newestEpochAtWork}`);
    const other = this.#running.find((one) => one.epoch !== epoch);
    if (other !== undefined)
      this.violations.push(`${nowMs}: a statement of epoch ${epoch} while one of ${other.epoch} runs`);
    this.newestEpochAtWork = Math.max(this.newestEpochAtWork, epoch);
    const listedMs = nowMs + (this.#chance.between(1, 6) === 1 ? this.#chance.between(0, 1_500) : 0);
    const running = { epoch, listedMs, endMs: listedMs + durationMs };
    this.#running.push(running);
    return running;
  }

  isNewest(epoch: number): boolean {
    return epoch === this.#newestEpoch;
  }

  get #newestEpoch(): number {
    return Math.max(0, ...this.#claims.keys());
  }

  #look(reply: (reply: Reply) => void): void {
    const epoch = this.#newestEpoch;
    if (epoch === 0) return reply({ kind: "looked", claim: undefined });
    this.#later(() => {
      const claim = this.#claims.get(epoch);
      if (claim === undefined) return reply({ kind: "unknown" });
      const { token, seq, state, beatMs } = claim;
      const ageMs = this.#queue.nowMs - beatMs;
      reply({
        kind: "looked",
        claim: { epoch, token, seq, state, ageMs, isGone: beatMs < this.#ownersGoneBeforeMs },
      });
    });
  }

  #lower(below: number, reply: (reply: Reply) => void): void {
    const listed = [...this.#fences].filter(([, epoch]) => epoch < below);
    this.#later(() => {
      for (const [fence] of listed) this.#fences.delete(fence);
      for (const epoch of this.#claims.keys()) if (epoch < below - keptClaims) this.#claims.delete(epoch);
      reply({ kind: "done" });
    });
  }

  #kill(below: number): number {
    const { nowMs } = this.#queue;
    const listed = this.#running.filter(
      (one) => one.epoch < below && one.listedMs <= nowMs && one.endMs > nowMs,
    );
    for (const one of listed) one.endMs = Math.min(one.endMs, nowMs + this.#chance.between(1, 500));
    return listed.length;
  }

  #write(epoch: number, seq: number, state: ClaimState): void {
    const claim = this.#claims.get(epoch);
    if (claim === undefined || claim.seq > seq) return;
    Object.assign(claim, { seq, state, beatMs: this.#queue.nowMs });
  }

  #passes(epoch: number, token: string): boolean {
    return this.#guard !== "fence" || this.#fences.has(fenceOf(epoch, token));
  }

  #later(run: () => void): void {
    this.#queue.at(this.#queue.nowMs + this.#chance.between(0, 30), run);
  }
}

function fenceOf(epoch: number, token: string): string {
  return `${epoch} ${token}`;
}
