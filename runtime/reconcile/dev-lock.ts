// The lock of a dev session: taken before anything is read or sent, taken again when it is lost, let go at the end.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DiagnosticError } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import { ClaimFile } from "../clickhouse/claim-file.js";
import { errorText } from "../clickhouse/client.js";
import { acquireLock, type Lock } from "../clickhouse/lock.js";
import type { LockHolder } from "../clickhouse/lock-store.js";
import type { Settings } from "../config/settings.js";
import type { OnDevEvent } from "./dev-event.js";
import type { DevState } from "./dev-state.js";
import { Reconciler } from "./reconcile.js";
import { RoundJournal } from "./round-journal.js";
import { newRun, ownerOf, type Tool } from "./run.js";
import type { Server } from "./server.js";

export interface DevLockOptions {
  readonly server: Promise<Server>;
  readonly settings: Settings;
  readonly tool: Tool;
  /** Addresses of existing tables to take over. */
  readonly adopt: readonly Address[];
  readonly onEvent: OnDevEvent;
  /** Told who holds the lock. */
  readonly state: DevState;
  /** Given a new one each time that the lock is taken, and nothing when it is lost. */
  readonly onReconciler: (reconciler: Reconciler | undefined) => void;
}

/** What there is while the lock is held. */
interface Held {
  readonly lock: Lock;
  readonly journal: RoundJournal;
}

const firstRetryMs = 500;
const longestRetryMs = 5_000;

export class DevLock {
  /** Resolves when the lock was taken for the first time; rejects when no server can be had. */
  readonly opened: Promise<void>;
  readonly #options: DevLockOptions;
  readonly #closing = new AbortController();
  readonly #keeping: Promise<void>;
  #held: Held | undefined;

  /** Begins at once. */
  constructor(options: DevLockOptions) {
    this.#options = options;
    this.opened = this.#take();
    this.#keeping = this.opened.then(
      () => this.#keep(),
      () => {},
    );
  }

  /** Lets go of the lock, or ends the waiting for it. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the session is over"));
    await this.#keeping;
    // Of a lock that was just lost there is nothing to let go, and the last word is not written.
    await this.#held?.journal.close().catch(() => {});
    await this.#held?.lock.release();
  }

  /** The lock, and all that is remembered of what was read under it, anew. */
  async #take(former?: Lock): Promise<void> {
    const { settings, adopt, tool, onReconciler, state } = this.#options;
    const { signal } = this.#closing;
    const { clickhouse, startedMs, dataFolder } = await orAborted(this.#options.server, signal);
    const { project } = settings;
    const run = newRun(tool);
    const lock = await acquireLock(clickhouse, {
      project,
      owner: ownerOf(run, tool),
      timeoutMs: Number.POSITIVE_INFINITY,
      signal,
      former,
      ownersGoneBeforeMs: startedMs,
      onLost: () => {
        state.waitsForLock(undefined);
        onReconciler(undefined);
      },
      onDraining: (running) =>
        this.#say(`waiting for ${running} statement(s) of the former owner of the lock of ${project} to end`),
      onWaiting: (holder) => {
        state.waitsForLock(holder);
        this.#say(waitingFor(project, holder));
      },
    });
    try {
      const journal = new RoundJournal(lock.clickhouse, lock.database, run);
      const reconciler = await Reconciler.open(lock.clickhouse, {
        ...{ project, adopt, journal },
        state: {
          database: lock.database,
          claimFile:
            dataFolder === undefined ? undefined : new ClaimFile(join(dataFolder, `claims-${project}.json`)),
        },
        database: settings.clickhouse.database,
      });
      this.#held = { lock, journal };
      state.hasLock(lock);
      onReconciler(reconciler);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #keep(): Promise<void> {
    const { settings } = this.#options;
    const { signal } = this.#closing;
    while (this.#held !== undefined) {
      const { lock } = this.#held;
      await aborted(AbortSignal.any([lock.lost, signal]));
      if (signal.aborted) return;
      this.#held = undefined;
      this.#say(`lost the lock of ${settings.project}: ${whyLost(lock)}; taking it again`);
      await lock.release();
      await this.#takeAgain(lock);
      if (this.#held !== undefined) this.#say(`has the lock of ${settings.project} again`);
    }
  }

  /** However long it takes. */
  async #takeAgain(former: Lock): Promise<void> {
    const { signal } = this.#closing;
    for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(2 * retryMs, longestRetryMs)) {
      try {
        return await this.#take(former);
      } catch (error) {
        if (signal.aborted) return;
        this.#say(`the lock cannot be taken (${reason(error)}); trying again in ${retryMs / 1_000} s`);
      }
      await sleep(retryMs, undefined, { signal }).catch(() => {});
    }
  }

  #say(text: string): void {
    this.#options.onEvent({ event: "notice", text });
  }
}

function waitingFor(project: string, { owner }: LockHolder): string {
  const who = owner.who === undefined ? "" : ` of ${owner.who}`;
  return `waiting for ${owner.command}${who} on ${owner.host} (process ${owner.pid}), which holds the lock of ${project}`;
}

function whyLost({ lost }: Lock): string {
  const diagnostic = lost.reason instanceof DiagnosticError ? lost.reason.diagnostics[0] : undefined;
  return diagnostic?.detail ?? "another process took over";
}

function reason(error: unknown): string {
  return error instanceof DiagnosticError ? (error.diagnostics[0]?.summary ?? "") : errorText(error);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    promise,
    aborted(signal).then(() => {
      throw signal.reason;
    }),
  ]);
}
