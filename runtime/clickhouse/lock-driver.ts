// Runs the lock's state machine: hears answers and the clock, sends what the machine wants sent.

import { contend } from "../../src/apply/contend.js";
import { step, wakeAtMs } from "../../src/apply/lease.js";
import {
  isEnded,
  type Lease,
  type LeaseAction,
  type LeaseEvent,
  leaseTimes,
} from "../../src/apply/lease-state.js";
import type { LockStore } from "./lock-store.js";

export class LockDriver {
  readonly store: LockStore;
  /** Called after everything that was heard. */
  onStep: (lease: Lease) => void = () => undefined;
  /** What a request failed with that was answered as unknown. */
  lastError: unknown;
  #lease: Lease;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: LockStore) {
    this.store = store;
    this.#lease = contend(performance.now());
  }

  get lease(): Lease {
    return this.#lease;
  }

  hear(event: LeaseEvent): void {
    const context = { self: this.store.place.token, nowMs: performance.now(), times: leaseTimes };
    const { lease, actions } = step(this.#lease, event, context);
    this.#lease = lease;
    for (const action of actions) void this.#perform(action);
    clearTimeout(this.#timer);
    const wakeMs = wakeAtMs(lease, leaseTimes);
    if (wakeMs !== undefined)
      this.#timer = setTimeout(() => this.hear({ kind: "tick" }), Math.max(0, wakeMs - context.nowMs));
    // A process that is done with its work may end without letting go; then the lock is free after a while.
    if (lease.phase === "owner") this.#timer?.unref();
    this.onStep(lease);
  }

  /** Stops for good, without telling the server. */
  async close(): Promise<void> {
    this.onStep = () => undefined;
    clearTimeout(this.#timer);
    this.#lease = isEnded(this.#lease) ? this.#lease : { phase: "released" };
    await this.store.close();
  }

  async #perform({ id, request }: LeaseAction): Promise<void> {
    const sentMs = performance.now();
    try {
      const reply = await this.store.handle(request);
      this.hear({ kind: "answer", id, sentMs, reply });
    } catch (error) {
      this.lastError = error;
      this.hear({ kind: "answer", id, sentMs, reply: { kind: "unknown" } });
    }
  }
}
