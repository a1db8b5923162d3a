// The lock as a server shows it: who has it while something is applied or waited for.

import type { Lock } from "../../clickhouse/lock.js";
import type { LockHolder, LockOwner } from "../../clickhouse/lock-store.js";

export interface ShownLock {
  readonly owner: LockOwner;
  readonly epoch: number;
  /** This process is the owner. */
  readonly isOurs: boolean;
  /** It was taken from an owner that had shown no life for long. */
  readonly isTakenOver: boolean;
  /** In Unix time. */
  readonly sinceMs: number;
}

export function ourLock({
  owner,
  epoch,
  isTakenOver,
}: Pick<Lock, "owner" | "epoch" | "isTakenOver">): ShownLock {
  return { owner, epoch, isTakenOver, isOurs: true, sinceMs: Date.now() };
}

export function lockOf({ owner, epoch, heldForMs }: LockHolder): ShownLock {
  return { owner, epoch, isTakenOver: false, isOurs: false, sinceMs: Date.now() - heldForMs };
}

/** `moose prod on host-1 (process 17)` */
export function ownerText({ command, host, pid }: LockOwner): string {
  return `${command} on ${host} (process ${pid})`;
}
