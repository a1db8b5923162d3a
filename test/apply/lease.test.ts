// The steps of the lock, one at a time.

import { expect, test } from "vitest";
import { contend } from "../../src/apply/contend.js";
import { step, wakeAtMs } from "../../src/apply/lease.js";
import {
  type Claim,
  type Lease,
  type LeaseAction,
  leaseTimes,
  type Reply,
  type Request,
} from "../../src/apply/lease-state.js";

/** A process, to whom the test answers what it asks. */
class Machine {
  lease: Lease = contend(0);
  nowMs = 0;
  #open: LeaseAction[] = [];

  constructor() {
    this.tick(0);
  }

  get asked(): readonly Request["kind"][] {
    return this.#open.map(({ request }) => request.kind);
  }

  tick(ms: number): this {
    this.nowMs += ms;
    return this.#step({ kind: "tick" });
  }

  /** Answers the open request of this kind, which was sent just now or `agoMs` before. */
  answer(kind: Request["kind"], reply: Reply, agoMs = 0): this {
    const action = this.#open.find(({ request }) => request.kind === kind);
    if (action === undefined) throw new Error(`it asks for ${this.asked.join(", ")}, not for ${kind}`);
    this.#open = this.#open.filter((one) => one !== action);
    return this.#step({ kind: "answer", id: action.id, sentMs: this.nowMs - agoMs, reply });
  }

  release(settled: boolean): this {
    return this.#step({ kind: "release", settled });
  }

  refused(): this {
    return this.#step({ kind: "refused" });
  }

  request(kind: Request["kind"]): Request | undefined {
    return this.#open.find(({ request }) => request.kind === kind)?.request;
  }

  /** On to being the owner of epoch 1. */
  own(): this {
    this.answer("look", looked(undefined)).answer("claim", done).answer("raise", done).answer("lower", done);
    return this.answer("beat", done)
      .answer("look", looked(claim({ token: "me" })))
      .answer("drain", quiet);
  }

  #step(event: Parameters<typeof step>[1]): this {
    const context = { self: "me", nowMs: this.nowMs, times: leaseTimes };
    const { lease, actions } = step(this.lease, event, context);
    this.lease = lease;
    this.#open.push(...actions);
    return this;
  }
}

const done: Reply = { kind: "done" };
const quiet: Reply = { kind: "drained", running: 0 };

function claim(more: Partial<Claim> = {}): Claim {
  return { epoch: 1, token: "other", seq: 3, state: "held", ageMs: 100, isGone: false, ...more };
}

function looked(seen: Claim | undefined): Reply {
  return { kind: "looked", claim: seen };
}

test("a fresh project is claimed, fenced, looked at again, and then owned", () => {
  const machine = new Machine();
  expect(machine.asked).toEqual(["look"]);
  expect(machine.answer("look", looked(undefined)).asked).toEqual(["claim"]);
  expect(machine.answer("claim", done).asked).toEqual(["raise"]);
  expect(machine.answer("raise", done).asked).toEqual(["lower", "beat"]);
  expect(machine.answer("lower", done).asked).toEqual(["beat", "look"]);
  expect(machine.answer("look", looked(claim({ token: "me" }))).asked).toEqual(["beat", "drain"]);
  expect(machine.answer("drain", quiet).lease.phase).toBe("owner");
});

test("the loser of a claim looks again", () => {
  const machine = new Machine().answer("look", looked(undefined)).answer("claim", { kind: "taken" });
  expect(machine.asked).toEqual(["look"]);
  expect(machine.answer("look", looked(claim())).lease.phase).toBe("contending");
});

test("a claim whose answer was lost is recognised as one's own", () => {
  const machine = new Machine().answer("look", looked(undefined)).answer("claim", { kind: "unknown" });
  machine.tick(leaseTimes.pollMs).answer("look", looked(claim({ token: "me", seq: 0 })));
  expect(machine.request("raise")).toEqual({ kind: "raise", epoch: 1 });
});

test("a fence whose making is in doubt is given up for the next epoch", () => {
  const machine = new Machine().answer("look", looked(undefined)).answer("claim", done);
  machine.answer("raise", { kind: "unknown" }).answer("look", looked(claim({ token: "me", seq: 0 })));
  expect(machine.request("claim")).toEqual({ kind: "claim", epoch: 2 });
});

test("who finds a newer claim behind its own fence is not the owner", () => {
  const machine = new Machine().answer("look", looked(undefined)).answer("claim", done).answer("raise", done);
  machine.answer("lower", done).answer("look", looked(claim({ epoch: 2 })));
  expect(machine.lease.phase).toBe("contending");
});

test("an owner that was silent for long at first sight is taken over at once", () => {
  const machine = new Machine().answer("look", looked(claim({ ageMs: 15_001 })));
  expect(machine.request("claim")).toEqual({ kind: "claim", epoch: 2 });
});

test("an owner that ended with the server before is taken over at once, and so is what it left unsettled", () => {
  for (const state of ["held", "unsettled"] as const) {
    const machine = new Machine().answer("look", looked(claim({ state, isGone: true })));
    machine.answer("claim", done).answer("raise", done).answer("lower", done);
    machine.answer("look", looked(claim({ epoch: 2, token: "me" }))).answer("drain", quiet);
    expect(machine.lease).toMatchObject({ phase: "owner", epoch: 2 });
  }
});

test("a former claim of one's own is not waited for, but what was sent under it is", () => {
  const machine = new Machine().answer("look", looked(claim({ token: "me" })));
  machine.answer("claim", done).answer("raise", done).answer("lower", done);
  machine.answer("look", looked(claim({ epoch: 2, token: "me" }))).answer("drain", quiet);
  expect(machine.lease.phase).toBe("draining");
  for (let n = 0; n < 8; n++) machine.tick(250).answer("drain", quiet);
  expect(machine.lease).toMatchObject({ phase: "owner", epoch: 2 });
});

test("an owner is taken over when nothing changed for 15 s by one's own clock, not before", () => {
  const machine = new Machine().answer("look", looked(claim()));
  const lookAgain = (untilMs: number) => {
    while (machine.nowMs < untilMs && machine.request("claim") === undefined)
      machine
        .tick((wakeAtMs(machine.lease, leaseTimes) ?? 0) - machine.nowMs)
        .answer("look", looked(claim({ ageMs: 99_000 })));
  };
  lookAgain(14_500);
  expect(machine.request("claim")).toBeUndefined();
  lookAgain(15_000);
  expect(machine.request("claim")).toEqual({ kind: "claim", epoch: 2 });
});

test("a beat in between begins the wait anew", () => {
  const machine = new Machine().answer("look", looked(claim()));
  machine.tick(14_000).answer("look", looked(claim({ seq: 4 })));
  machine.tick(14_000).answer("look", looked(claim({ seq: 4 })));
  expect(machine.request("claim")).toBeUndefined();
});

test("a slow look proves nothing about the time after it was sent", () => {
  const machine = new Machine().answer("look", looked(claim()));
  machine.tick(15_500).answer("look", looked(claim()), 1_000);
  expect(machine.request("claim")).toBeUndefined();
});

test("after an unclean end the former owner's statements must be gone for 2 s in a row", () => {
  const machine = new Machine().answer("look", looked(claim({ state: "unsettled" })));
  machine.answer("claim", done).answer("raise", done).answer("lower", done);
  machine.answer("look", looked(claim({ epoch: 2, token: "me" })));
  const drains = (running: number, ms: number) => {
    for (let n = 0; n < ms / 250; n++) machine.answer("drain", { kind: "drained", running }).tick(250);
  };
  drains(0, 1_500);
  drains(1, 250);
  drains(0, 2_000);
  expect(machine.lease.phase).toBe("draining");
  machine.answer("drain", quiet);
  expect(machine.lease.phase).toBe("owner");
});

test("an owner beats every 5 s, and sooner after a lost answer", () => {
  const machine = new Machine().own();
  expect(machine.tick(4_999).asked).toEqual([]);
  expect(machine.tick(1).asked).toEqual(["beat"]);
  machine.answer("beat", { kind: "unknown" });
  expect(machine.tick(500).request("beat")).toEqual({ kind: "beat", epoch: 1, seq: 3 });
});

test("an owner stops itself 10 s after it sent its last acknowledged beat", () => {
  const machine = new Machine().own().tick(5_000).answer("beat", done).tick(9_999);
  expect(machine.lease.phase).toBe("owner");
  expect(machine.tick(1).lease).toEqual({ phase: "deposed", epoch: 1, reason: "unacknowledged" });
});

test("an acknowledgement that comes after the 10 s comes too late", () => {
  const machine = new Machine().own().tick(5_000);
  machine.nowMs += 9_000;
  expect(machine.answer("beat", done, 9_000).lease.phase).toBe("owner");
  machine.tick(0);
  machine.nowMs += 11_000;
  expect(machine.answer("beat", done, 11_000).lease.phase).toBe("deposed");
});

test("a refused beat or statement deposes the owner", () => {
  const deposed = { phase: "deposed", epoch: 1, reason: "refused" };
  expect(new Machine().own().tick(5_000).answer("beat", { kind: "refused" }).lease).toEqual(deposed);
  expect(new Machine().own().refused().lease).toEqual(deposed);
});

test("who goes says whether all of its statements are over; who never began cannot say so", () => {
  expect(new Machine().own().release(true).request("letGo")).toMatchObject({ state: "released" });
  expect(new Machine().own().release(false).request("letGo")).toMatchObject({ state: "unsettled" });
  const early = new Machine().answer("look", looked(undefined)).answer("claim", done).release(true);
  expect(early.request("letGo")).toMatchObject({ state: "unsettled" });
});

test("letting go is tried three times", () => {
  const machine = new Machine().own().release(true);
  for (const _ of [1, 2]) machine.answer("letGo", { kind: "unknown" }).tick(leaseTimes.retryMs);
  expect(machine.answer("letGo", { kind: "unknown" }).lease).toEqual({ phase: "released" });
});
