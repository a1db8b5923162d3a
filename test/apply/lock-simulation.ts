// Random schedules of processes that fight for the lock, in virtual time.

import { type LeaseTimes, leaseTimes } from "../../src/apply/lease-state.js";
import { type Random, random } from "../faults/random.js";
import { EventQueue } from "./event-queue.js";
import { type Network, SimulatedProcess, type World } from "./simulated-process.js";
import { type Guard, SimulatedServer } from "./simulated-server.js";

export interface Schedule {
  readonly seed: number;
  readonly guard: Guard;
  /** By default those of a lock with a fence. */
  readonly times?: LeaseTimes;
  /** The longest time for which a process is stopped, in ms. */
  readonly longestPauseMs: number;
  /** Some machines are suspended as a whole, clock and all, so that who was stopped does not notice; by default so. */
  readonly clocksStop?: boolean;
  readonly network: Network;
  /**
   * Now and then the server is started anew, and all processes with it; then who had the lock is not waited for. Or
   * that is said, and is not true.
   */
  readonly restarts?: "true" | "false";
}

export interface Outcome {
  readonly violations: readonly string[];
  readonly accepted: number;
  readonly refused: number;
  readonly epochs: number;
  /** From the death of an owner to the next one; undefined when nobody was owner in the calm at the end. */
  readonly takeoverMs: number | undefined;
}

export const badNetwork: Network = { lossPercent: 3, latePercent: 8, latestMs: 15_000 };
const calmNetwork: Network = { lossPercent: 0, latePercent: 5, latestMs: 200 };

/** Trouble for a while, then calm; in the calm the owner is killed, and another must follow. */
export function simulate(schedule: Schedule): Outcome {
  const chance = random(schedule.seed);
  const queue = new EventQueue();
  const server = new SimulatedServer(queue, chance, schedule.guard);
  const world: World = {
    queue,
    chance,
    server,
    guard: schedule.guard,
    times: schedule.times ?? leaseTimes,
    network: schedule.network,
    longestPauseMs: schedule.longestPauseMs,
    clocksStop: schedule.clocksStop ?? true,
    holdsOn: false,
  };
  const processes = Array.from({ length: chance.between(2, 4) }, () => new SimulatedProcess(world));
  const troubleMs = chance.between(20_000, 60_000);
  trouble(world, processes, schedule.longestPauseMs, troubleMs);
  restarts(world, processes, schedule.restarts, troubleMs);
  queue.runUntil(troubleMs);
  world.network = calmNetwork;
  world.longestPauseMs = 0;
  world.holdsOn = true;
  // Until all late messages have come, all stopped processes go on, and one that seemed dead is replaced.
  const goingOnMs = Math.max(troubleMs + schedule.network.latestMs, ...processes.map((one) => one.goesOnMs));
  queue.runUntil(goingOnMs + 25_000 + chance.between(0, 5_000));
  return {
    violations: server.violations,
    accepted: server.accepted,
    refused: server.refused,
    takeoverMs: timeToNextOwner(world, processes, schedule.restarts === "true"),
    epochs: server.newestEpochAtWork,
  };
}

/** Now and then a process is stopped, or killed and started again. */
function trouble(world: World, processes: SimulatedProcess[], longestPauseMs: number, endMs: number): void {
  const { queue, chance } = world;
  for (let atMs = chance.between(0, 5_000); atMs < endMs; atMs += chance.between(500, 12_000)) {
    queue.at(atMs, () => {
      const index = pick(chance, processes);
      const victim = processes[index];
      if (chance.between(1, 5) > 1) return victim?.pause(chance.between(100, longestPauseMs));
      victim?.kill();
      queue.at(queue.nowMs + chance.between(0, 3_000), () => {
        if (processes[index] === victim) processes[index] = new SimulatedProcess(world);
      });
    });
  }
}

function restarts(
  world: World,
  processes: SimulatedProcess[],
  kind: Schedule["restarts"],
  endMs: number,
): void {
  if (kind === undefined) return;
  const { queue, chance, server } = world;
  for (let atMs = chance.between(0, 10_000); atMs < endMs; atMs += chance.between(1_000, 15_000)) {
    queue.at(atMs, () => {
      if (kind === "false") return server.vouch();
      server.restart();
      for (const [index, one] of processes.entries()) {
        one.kill();
        queue.at(queue.nowMs + chance.between(0, 1_000), () => {
          if (processes[index] === one) processes[index] = new SimulatedProcess(world);
        });
      }
    });
  }
}

function pick(chance: Random, processes: readonly SimulatedProcess[]): number {
  const owner = processes.findIndex((one) => one.isOwner);
  // Trouble of the owner is what matters.
  return owner >= 0 && chance.between(1, 3) > 1 ? owner : chance.between(0, processes.length - 1);
}

const longestTakeoverMs = 60_000;

function timeToNextOwner(
  { queue, server }: World,
  processes: readonly SimulatedProcess[],
  isRestarted: boolean,
): number | undefined {
  const owner = processes.find((one) => one.isOwner);
  if (owner === undefined) return undefined;
  owner.kill();
  if (isRestarted) server.restart();
  for (let waitedMs = 0; waitedMs < longestTakeoverMs; waitedMs += 100) {
    queue.runUntil(queue.nowMs + 100);
    if (processes.some((one) => one.isOwner)) return waitedMs + 100;
  }
  return undefined;
}

export interface Tally {
  readonly schedules: number;
  readonly accepted: number;
  readonly refused: number;
  readonly epochs: number;
  readonly longestTakeoverMs: number;
  /** The first schedule that broke the rule, with its seed. */
  readonly broken: { readonly seed: number; readonly violations: readonly string[] } | undefined;
  /** The first schedule in which nobody was owner in the end. */
  readonly stuckSeed: number | undefined;
}

/** Runs schedules of consecutive seeds, all or up to the first violation. */
export function simulateMany(
  count: number,
  schedule: Omit<Schedule, "seed"> & { readonly firstSeed: number },
): Tally {
  let [accepted, refused, epochs, slowestMs] = [0, 0, 0, 0];
  let stuckSeed: number | undefined;
  for (let seed = schedule.firstSeed; seed < schedule.firstSeed + count; seed++) {
    const outcome = simulate({ ...schedule, seed });
    accepted += outcome.accepted;
    refused += outcome.refused;
    epochs += outcome.epochs;
    slowestMs = Math.max(slowestMs, outcome.takeoverMs ?? 0);
    if (outcome.takeoverMs === undefined) stuckSeed ??= seed;
    const done = { schedules: seed - schedule.firstSeed + 1, accepted, refused, epochs };
    if (outcome.violations.length > 0)
      return {
        ...done,
        longestTakeoverMs: slowestMs,
        stuckSeed,
        broken: { seed, violations: outcome.violations },
      };
  }
  return {
    schedules: count,
    accepted,
    refused,
    epochs,
    longestTakeoverMs: slowestMs,
    stuckSeed,
    broken: undefined,
  };
}
