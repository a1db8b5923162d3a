// The lock of a project: one process at a time works on it, and the server refuses the statements of all others.

import { randomUUID } from "node:crypto";
import { isHolding, leaseTimes } from "../../src/apply/lease-state.js";
import { queryIdPrefix } from "../../src/apply/lock-names.js";
import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import { quoteIdentifier } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode, errorText } from "./client.js";
import { Fenced, type Traffic } from "./fenced.js";
import { LockDriver } from "./lock-driver.js";
import { cannotLock, lockHeld, lockLost, stillRunning, unfenced } from "./lock-problems.js";
import { type LockHolder, type LockOwner, LockStore, readClaim } from "./lock-store.js";
import { findStateDatabase } from "./state.js";

export interface LockOptions {
  readonly project: string;
  readonly owner: LockOwner;
  /** How long another holder is waited for; 0 looks once. */
  readonly timeoutMs: number;
  /** Another holds the lock; called again when that changes. */
  onWaiting?(holder: LockHolder): void;
  /** The lock is ours, but so many statements of a former owner still run; they are stopped and waited for. */
  onDraining?(running: number): void;
  /** The lock was lost: nothing more that this process sends is accepted. */
  onLost?(problem: Diagnostic): void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /**
   * Where the lock is kept when the user may not make databases: without a fence then, which `onUnfenced` is told.
   * All processes of a project need the same rights, else they look at two locks.
   */
  readonly databaseWithoutRights?: string;
  /**
   * Whoever had the lock and showed life last before this moment is gone, and so is all that it had sent: then it is
   * not waited for. In Unix time by the server's clock. Only who has started the server itself, after the one before
   * had ended with its users, can know that.
   */
  readonly ownersGoneBeforeMs?: number | undefined;
  /** A lock that this process had before and has lost: if nobody has taken it since, it is not waited for. */
  readonly former?: Lock | undefined;
  onUnfenced?(problem: Diagnostic): void;
}

export interface Lock {
  /** The database of the project's state. */
  readonly database: string;
  readonly epoch: number;
  readonly owner: LockOwner;
  /** Tells its claims from those of others. */
  readonly token: string;
  /** It was taken from an owner that had neither let it go nor shown life for long. */
  readonly isTakenOver: boolean;
  /** Aborted, with a `DiagnosticError` as its reason, when the lock is lost. */
  readonly lost: AbortSignal;
  /** The server, for as long as the lock is held: then it throws `clickhouse/lock-lost`. Names must be qualified. */
  readonly clickhouse: ClickHouse;
  release(): Promise<void>;
}

/**
 * Waits for the lock and takes it.
 *
 * @throws DiagnosticError `clickhouse/lock-held`, `clickhouse/lock-not-quiet`, `clickhouse/cannot-lock`
 */
export async function acquireLock(clickhouse: ClickHouse, options: LockOptions): Promise<Lock> {
  const { database, isFenced } = await lockPlace(clickhouse, options);
  const { project, former, ownersGoneBeforeMs } = options;
  const place = { project, database, isFenced, token: former?.token ?? randomUUID(), ownersGoneBeforeMs };
  const driver = new LockDriver(new LockStore(clickhouse, place, options.owner));
  try {
    await untilOwner(driver, clickhouse, options);
  } catch (error) {
    await giveUp(driver);
    throw error;
  }
  return heldLock(driver, clickhouse, options);
}

/**
 * Who holds the lock of a project, without taking it; undefined when nobody ever did.
 *
 * @param database - where the lock is kept, if not in the database of the project's state
 */
export async function readLock(
  clickhouse: ClickHouse,
  project: string,
  database?: string,
): Promise<(LockHolder & { readonly isFree: boolean }) | undefined> {
  const holder = (await readClaim(clickhouse, database ?? (await findStateDatabase(clickhouse, project))))
    ?.holder;
  if (holder === undefined) return undefined;
  return { ...holder, isFree: holder.state !== "held" || holder.silentForMs > leaseTimes.staleMs };
}

const accessDenied = 497;

async function lockPlace(clickhouse: ClickHouse, options: LockOptions) {
  const found = await findStateDatabase(clickhouse, options.project);
  try {
    await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(found)} ENGINE = Atomic`);
    return { database: found, isFenced: true };
  } catch (error) {
    if (errorCode(error) !== accessDenied) throw error;
    const { databaseWithoutRights } = options;
    if (databaseWithoutRights === undefined)
      throw new DiagnosticError([cannotLock(clickhouse, found, errorText(error))]);
    options.onUnfenced?.(unfenced(options.project));
    return { database: databaseWithoutRights, isFenced: false };
  }
}

/** How long the steps from a claim to owning may take, above all waiting for former owners' statements. */
const takeoverTimeoutMs = 30_000;
/** How long a server that does not answer is tried, at least. */
const silenceTimeoutMs = 10_000;

function untilOwner(driver: LockDriver, clickhouse: ClickHouse, options: LockOptions): Promise<void> {
  const startMs = performance.now();
  let shownEpoch = 0;
  let isDrainShown = false;
  const problem = (): unknown => {
    const { lease, store, lastError } = driver;
    const waitedMs = performance.now() - startMs;
    // A claim that is under way may become ours; then it has to be let go.
    if (lease.phase === "contending" && lease.next.kind === "sent" && lease.next.request.kind === "claim")
      return undefined;
    if (options.signal?.aborted) return options.signal.reason;
    if (errorCode(lastError) === accessDenied)
      return new DiagnosticError([cannotLock(clickhouse, store.place.database, errorText(lastError))]);
    if (isHolding(lease) && waitedMs > options.timeoutMs + takeoverTimeoutMs)
      return store.running > 0 || lastError === undefined
        ? new DiagnosticError([stillRunning(options.project, store.running, waitedMs)])
        : lastError;
    if (lease.phase !== "contending" || lease.next.kind !== "due" || lease.next.request.kind !== "look")
      return undefined;
    if (lease.seen !== undefined && waitedMs >= options.timeoutMs && store.shown !== undefined)
      return new DiagnosticError([lockHeld(options.project, store.shown.holder, waitedMs)]);
    return lastError !== undefined && waitedMs > Math.max(options.timeoutMs, silenceTimeoutMs)
      ? lastError
      : undefined;
  };
  return new Promise((resolve, reject) => {
    const check = () => {
      const { lease, store } = driver;
      if (lease.phase === "owner") return resolve();
      if (
        lease.phase === "contending" &&
        lease.seen !== undefined &&
        store.shown?.holder.epoch !== shownEpoch
      ) {
        shownEpoch = store.shown?.holder.epoch ?? 0;
        if (store.shown !== undefined && options.timeoutMs > 0) options.onWaiting?.(store.shown.holder);
      }
      if (lease.phase === "draining" && store.running > 0 && !isDrainShown) {
        isDrainShown = true;
        options.onDraining?.(store.running);
      }
      const found = problem();
      if (found !== undefined) reject(found);
    };
    driver.onStep = check;
    options.signal?.addEventListener("abort", check, { once: true });
    driver.hear({ kind: "tick" });
  });
}

async function giveUp(driver: LockDriver): Promise<void> {
  if (isHolding(driver.lease)) await untilReleased(driver, false);
  await driver.close();
}

function untilReleased(driver: LockDriver, settled: boolean): Promise<void> {
  return new Promise((resolve) => {
    driver.onStep = (lease) => {
      if (!isHolding(lease)) resolve();
    };
    driver.hear({ kind: "release", settled });
  });
}

function heldLock(driver: LockDriver, clickhouse: ClickHouse, options: LockOptions): Lock {
  const { store, lease } = driver;
  const epoch = isHolding(lease) ? lease.epoch : 0;
  const lost = new AbortController();
  const traffic: Traffic = { running: 0, isUnsure: false };
  const fenced = new Fenced(clickhouse, {
    project: options.project,
    driver,
    traffic,
    view: {
      queryIdPrefix: queryIdPrefix(options.project, epoch),
      ...(store.place.isFenced && { database: store.fence(epoch) }),
    },
  });
  driver.onStep = (now) => {
    if (now.phase !== "deposed" || lost.signal.aborted) return;
    const problem = lockLost(options.project, now.reason);
    lost.abort(new DiagnosticError([problem]));
    options.onLost?.(problem);
  };
  let releasing: Promise<void> | undefined;
  const release = async () => {
    if (isHolding(driver.lease)) await untilReleased(driver, traffic.running === 0 && !traffic.isUnsure);
    await Promise.all([driver.close(), fenced.close()]);
  };
  return {
    database: store.place.database,
    epoch,
    owner: options.owner,
    token: store.place.token,
    isTakenOver: isTakenOver(store),
    lost: lost.signal,
    clickhouse: fenced,
    release() {
      releasing ??= release();
      return releasing;
    },
  };
}

/** By the last claim of another that was seen before ours. */
function isTakenOver({ ofOther }: LockStore): boolean {
  return ofOther?.holder.state === "held";
}
