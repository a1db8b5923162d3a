// A process in virtual time that wants the lock, works while it has it, and can be stopped, continued and killed.

import { contend } from "../../src/apply/contend.js";
import { step, wakeAtMs } from "../../src/apply/lease.js";
import {
  isEnded,
  type Lease,
  type LeaseAction,
  type LeaseEvent,
  type LeaseTimes,
  type Reply,
} from "../../src/apply/lease-state.js";
import type { Random } from "../faults/random.js";
import type { EventQueue } from "./event-queue.js";
import type { Guard, SimulatedServer } from "./simulated-server.js";

/** How bad the network is. A request or an answer is lost, late, or neither. */
export interface Network {
  readonly lossPercent: number;
  readonly latePercent: number;
  readonly latestMs: number;
}

export interface World {
  readonly queue: EventQueue;
  readonly chance: Random;
  readonly server: SimulatedServer;
  readonly guard: Guard;
  readonly times: LeaseTimes;
  network: Network;
  /** Processes are also stopped at the worst moments, for at most so long. */
  longestPauseMs: number;
  /** Some machines are suspended as a whole, clock and all. */
  readonly clocksStop: boolean;
  /** While true, an owner keeps the lock. */
  holdsOn: boolean;
}

const requestTimeoutMs = 3_000;
const statementTimeoutMs = 10_000;
let tokens = 0;

export class SimulatedProcess {
  lease: Lease;
  #token = "";
  /** Counts the tries; what was sent in an earlier one is no longer heard of. */
  #life = 0;
  #pausedSinceMs = 0;
  #pausedUntilMs = 0;
  #isDead = false;
  #isSettled = true;
  #running = 0;
  #wakes = 0;
  readonly #world: World;
  /** A clock of its own, which started at another time. */
  #offsetMs: number;
  /** As on a machine that is suspended as a whole: then the process does not notice that it was stopped. */
  readonly #clockStops: boolean;

  constructor(world: World) {
    this.#world = world;
    this.#offsetMs = world.chance.between(0, 1_000_000);
    this.#clockStops = world.clocksStop && world.chance.between(1, 3) === 1;
    this.lease = { phase: "released" };
    this.#begin();
  }

  get isOwner(): boolean {
    return this.lease.phase === "owner" && !this.#isDead;
  }

  /** When it is no longer stopped. */
  get goesOnMs(): number {
    return this.#pausedUntilMs;
  }

  kill(): void {
    this.#isDead = true;
  }

  /** Who is stopped already is stopped for longer, up to the longest time in all. */
  pause(ms: number): void {
    const { nowMs } = this.#world.queue;
    if (this.#pausedUntilMs <= nowMs) this.#pausedSinceMs = nowMs;
    const latestMs = this.#pausedSinceMs + this.#world.longestPauseMs;
    const untilMs = Math.max(this.#pausedUntilMs, Math.min(nowMs + ms, latestMs));
    if (this.#clockStops) this.#offsetMs -= untilMs - Math.max(this.#pausedUntilMs, nowMs);
    this.#pausedUntilMs = untilMs;
  }

  release(): void {
    this.#hear({ kind: "release", settled: this.#isSettled && this.#running === 0 });
  }

  get #nowMs(): number {
    return this.#world.queue.nowMs + this.#offsetMs;
  }

  /** Who has lost the lock may try again as the same. */
  #begin(): void {
    const isSame = this.lease.phase === "deposed" && this.#world.chance.between(1, 2) === 1;
    if (!isSame) this.#token = `t${++tokens}`;
    this.#life++;
    this.#isSettled = true;
    this.lease = contend(this.#nowMs);
    this.#hear({ kind: "tick" });
  }

  /** Later, and not while stopped: then at the moment of going on. */
  #at(atMs: number, run: () => void): void {
    this.#world.queue.at(atMs, () => {
      if (this.#isDead) return;
      if (this.#pausedUntilMs > this.#world.queue.nowMs) this.#at(this.#pausedUntilMs, run);
      else run();
    });
  }

  #hear(event: LeaseEvent): void {
    const before = this.lease.phase;
    const context = { self: this.#token, nowMs: this.#nowMs, times: this.#world.times };
    const { lease, actions } = step(this.lease, event, context);
    this.lease = lease;
    if (lease.phase !== before) this.#maybeStop();
    // It may have been stopped between reading its clock and sending.
    for (const action of actions) {
      if (this.#pausedUntilMs <= this.#world.queue.nowMs) this.#send(action, context.nowMs);
      else this.#at(this.#pausedUntilMs, () => this.#send(action, context.nowMs));
    }
    if (lease.phase === "owner" && before !== "owner") {
      const life = this.#life;
      this.#at(this.#world.queue.nowMs, () => this.#work(life));
    }
    if (isEnded(lease))
      return this.#at(this.#world.queue.nowMs + this.#world.chance.between(1, 3_000), () => {
        if (isEnded(this.lease)) this.#begin();
      });
    const wakeMs = wakeAtMs(lease, this.#world.times);
    const wake = ++this.#wakes;
    if (wakeMs !== undefined)
      this.#at(wakeMs - this.#offsetMs, () => {
        if (wake === this.#wakes) this.#hear({ kind: "tick" });
      });
  }

  /** Between two steps of taking the lock. */
  #maybeStop(): void {
    const { chance, longestPauseMs } = this.#world;
    if (longestPauseMs > 0 && chance.between(1, 20) === 1) this.pause(chance.between(100, longestPauseMs));
  }

  #send({ id, request }: LeaseAction, sentMs: number): void {
    const { queue, server } = this.#world;
    const token = this.#token;
    const life = this.#life;
    let isAnswered = false;
    const answer = (reply: Reply) => {
      if (isAnswered || life !== this.#life) return;
      isAnswered = true;
      this.#hear({ kind: "answer", id, sentMs, reply });
    };
    this.#at(queue.nowMs + requestTimeoutMs, () => answer({ kind: "unknown" }));
    this.#transfer(() =>
      server.handle(token, request, (reply) =>
        this.#transfer(() => this.#at(queue.nowMs, () => answer(reply))),
      ),
    );
  }

  /** Over the network, one way. What is on its way when the server ends is gone with the connection. */
  #transfer(send: () => void): void {
    const { queue, chance, network, server } = this.#world;
    const { starts } = server;
    const arrive = () => {
      if (starts === server.starts) send();
    };
    const roll = chance.between(1, 100);
    if (roll <= network.lossPercent) return;
    const isLate = roll <= network.lossPercent + network.latePercent;
    queue.at(queue.nowMs + (isLate ? chance.between(50, network.latestMs) : chance.between(1, 10)), arrive);
  }

  /** Statement after statement, for as long as it believes that it has the lock. */
  #work(life: number): void {
    if (life !== this.#life || this.lease.phase !== "owner") return;
    const { queue, chance } = this.#world;
    if (!this.#world.holdsOn && chance.between(1, 10) === 1) return this.release();
    if (this.#world.guard === "look") this.#lookThenStatement(life, this.lease.epoch);
    else this.#statement(life, this.lease.epoch);
    this.#at(queue.nowMs + chance.between(20, 2_500), () => this.#work(life));
  }

  /** An answer that does not come is no permission. */
  #lookThenStatement(life: number, epoch: number): void {
    const { queue, server } = this.#world;
    const hear = (isNewest: boolean) => {
      if (life !== this.#life || this.lease.phase !== "owner") return;
      if (isNewest) this.#statement(life, epoch);
      else this.#hear({ kind: "refused" });
    };
    this.#transfer(() => {
      const isNewest = server.isNewest(epoch);
      this.#transfer(() => this.#at(queue.nowMs, () => hear(isNewest)));
    });
  }

  #statement(life: number, epoch: number): void {
    const token = this.#token;
    const { queue, chance, server } = this.#world;
    const isLong = chance.between(1, 4) === 1;
    const durationMs = isLong ? chance.between(100, 8_000) : chance.between(1, 50);
    let isAnswered = false;
    this.#running++;
    const over = (outcome: "done" | "refused" | "unknown") => {
      if (isAnswered || life !== this.#life) return;
      isAnswered = true;
      this.#running--;
      if (outcome === "unknown") this.#isSettled = false;
      if (outcome === "refused") this.#hear({ kind: "refused" });
    };
    this.#at(queue.nowMs + statementTimeoutMs, () => over("unknown"));
    this.#transfer(() => {
      const outcome = server.statement(epoch, token, durationMs);
      if (outcome === "refused") return this.#transfer(() => this.#at(queue.nowMs, () => over("refused")));
      queue.at(outcome.endMs, () => this.#transfer(() => this.#at(queue.nowMs, () => over("done"))));
    });
  }
}
