// Supervises the embedded ClickHouse: starts its process, starts it again when it dies, stops it in order.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type FolderLock, orphanOf, readHolder, takeLock } from "../process/folder-lock.js";
import { isSame, residentBytes, startOf } from "../process/process-identity.js";
import type { EmbeddedEvent } from "./embedded-event.js";
import { folderHeld, notInstalled, notStarted, notWritable } from "./embedded-problem.js";
import { EngineChild, type EngineExit } from "./engine-child.js";

export interface EmbeddedOptions {
  /** Absolute; made when it is not there, e.g. `<project>/.moose/clickhouse`. One engine at a time per folder. */
  readonly folder: string;
  /** On 127.0.0.1; 0 is any free port, and then kept over restarts. */
  readonly port: number;
  /** Default: user `default` without a password. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Where the optional package `chdb` is looked up from. Default: this package. */
  readonly packageFolder?: string;
  readonly onEvent?: (event: EmbeddedEvent) => void;
}

export interface EmbeddedClickHouse {
  /** e.g. `http://127.0.0.1:18123`; the same over restarts. */
  readonly url: string;
  readonly port: number;
  /** The engine's process; changes with a restart, undefined while there is none. */
  readonly pid: number | undefined;
  /** When it was first started, in Unix time: its folder was ours by then, and nobody could reach it yet. */
  readonly startedMs: number;
  /** Resident memory of the engine's process, in bytes. */
  rssBytes(): number | undefined;
  /**
   * Lets running statements end (2 s), kills what still runs, closes the data and ends the process; by force
   * after 5 s. The folder is free when it settles. May be called twice.
   */
  stop(): Promise<void>;
}

const lockName = "embedded.lock";
/** Statements that run at once; more wait their turn. */
const width = 16;
const greatestRestarts = 5;
const restartWindowMs = 60_000;
const firstBackOffMs = 100;
const greatestBackOffMs = 5_000;
/** An engine whose supervisor died ends itself well within this. */
const orphanWaitMs = 5_000;
const orphanPollMs = 50;

/**
 * Starts the embedded ClickHouse: the real engine in a process of its own, behind ClickHouse's HTTP interface on
 * loopback. Settles when it answers, about 0.3 s warm. Throws a `DiagnosticError` with `embedded/folder-held`,
 * `embedded/port-taken`, `embedded/not-writable`, `embedded/not-installed` or `embedded/cannot-open`.
 *
 * @example
 * const server = await startEmbedded({ folder: "/app/.moose/clickhouse", port: 0 });
 * const client = createClient({ url: server.url });
 * await server.stop();
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedClickHouse> {
  const packageFolder = options.packageFolder ?? path.dirname(fileURLToPath(import.meta.url));
  checkInstalled(packageFolder);
  await waitForOrphan(options.folder);
  const lock = lockFolder(options.folder);
  const supervisor = new Supervisor({ ...options, packageFolder }, lock);
  try {
    await supervisor.start();
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
  return supervisor;
}

/** Where the embedded ClickHouse of a folder answers, when another process runs one. `pid` is that process. */
export async function findEmbedded(
  folder: string,
): Promise<{ readonly url: string; readonly pid: number } | undefined> {
  const holder = readHolder(folder, lockName);
  return holder?.url === undefined ? undefined : { url: holder.url, pid: holder.pid };
}

function checkInstalled(packageFolder: string): void {
  try {
    createRequire(path.join(packageFolder, "noop.js")).resolve("chdb/package.json");
  } catch (thrown) {
    throw notInstalled(thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown));
  }
}

/** The engine of a supervisor that was killed needs a moment to notice; if it hangs, it is ended here. */
async function waitForOrphan(folder: string): Promise<void> {
  const orphan = orphanOf(folder, lockName);
  if (orphan === undefined) return;
  for (let waitedMs = 0; waitedMs < orphanWaitMs; waitedMs += orphanPollMs) {
    if (!isSame(orphan.pid, orphan.start)) return;
    await pause(orphanPollMs);
  }
  if (isSame(orphan.pid, orphan.start)) process.kill(orphan.pid, "SIGKILL");
  await pause(orphanPollMs);
}

function lockFolder(folder: string): FolderLock {
  let taken: ReturnType<typeof takeLock>;
  try {
    fs.mkdirSync(path.join(folder, "data"), { recursive: true });
    taken = takeLock(folder, lockName);
  } catch (thrown) {
    throw notWritable(folder, thrown);
  }
  if ("release" in taken) return taken;
  throw folderHeld(folder, taken);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class Supervisor implements EmbeddedClickHouse {
  readonly #options: EmbeddedOptions & { readonly packageFolder: string };
  readonly #lock: FolderLock;
  readonly startedMs = Date.now();
  #child: EngineChild | undefined;
  #port: number;
  #restartsMs: number[] = [];
  #stopping: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(options: EmbeddedOptions & { readonly packageFolder: string }, lock: FolderLock) {
    this.#options = options;
    this.#lock = lock;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  rssBytes(): number | undefined {
    return this.pid === undefined ? undefined : residentBytes(this.pid);
  }

  async start(): Promise<void> {
    const child = this.#spawn();
    const outcome = await child.started;
    if (outcome.kind === "failed") {
      child.kill();
      const exit = await child.exited;
      this.#child = undefined;
      throw notStarted(outcome, { folder: this.#options.folder, port: this.#port }, exit.stderr);
    }
    this.#port = outcome.port;
    this.#lock.update({ url: this.url });
    this.#tell({
      kind: "started",
      url: this.url,
      pid: child.pid ?? 0,
      startMs: outcome.startMs,
      version: outcome.version,
    });
    void this.#watch(child);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  async #stopOnce(): Promise<void> {
    this.#wake?.();
    await this.#child?.stop();
    this.#child = undefined;
    this.#lock.release();
    this.#tell({ kind: "stopped" });
  }

  #tell(event: EmbeddedEvent): void {
    this.#options.onEvent?.(event);
  }

  #spawn(): EngineChild {
    const child = new EngineChild(
      {
        dataFolder: path.join(this.#options.folder, "data"),
        packageFolder: this.#options.packageFolder,
        port: this.#port,
        login: this.#options.login ?? { user: "default", password: "" },
        width,
      },
      (line) => this.#tell({ kind: "stderr", line }),
    );
    this.#child = child;
    const start = child.pid === undefined ? undefined : startOf(child.pid);
    if (child.pid !== undefined && start !== undefined)
      this.#lock.update({ engine: { pid: child.pid, start } });
    return child;
  }

  /** Waits for the process to die, and brings up the next, until told to stop or too many died. */
  async #watch(first: EngineChild): Promise<void> {
    let child = first;
    for (;;) {
      const exit = await child.exited;
      this.#child = undefined;
      if (this.#stopping !== undefined) return;
      const restartInMs = this.#backOff();
      if (restartInMs === undefined) return this.#giveUp(exit);
      this.#tell({ kind: "crashed", how: howOf(exit), stderr: exit.stderr, restartInMs });
      await this.#sleep(restartInMs);
      if (this.#stopping !== undefined) return;
      child = await this.#restart();
    }
  }

  async #restart(): Promise<EngineChild> {
    const child = this.#spawn();
    const outcome = await child.started;
    if (outcome.kind === "failed") child.kill();
    else
      this.#tell({
        kind: "restarted",
        url: this.url,
        pid: child.pid ?? 0,
        startMs: outcome.startMs,
        version: outcome.version,
      });
    return child;
  }

  /** How long to wait before the next start, longer each time; undefined when there were too many of late. */
  #backOff(): number | undefined {
    const nowMs = performance.now();
    this.#restartsMs = this.#restartsMs.filter((atMs) => nowMs - atMs < restartWindowMs);
    if (this.#restartsMs.length >= greatestRestarts) return undefined;
    const backOffMs = firstBackOffMs * 2 ** this.#restartsMs.length;
    this.#restartsMs.push(nowMs);
    return Math.min(backOffMs, greatestBackOffMs);
  }

  #giveUp(exit: EngineExit): void {
    this.#lock.release();
    const detail = [howOf(exit), ...exit.stderr].join("\n");
    this.#tell({ kind: "gave-up", restarts: greatestRestarts, withinMs: restartWindowMs, detail });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function howOf(exit: EngineExit): string {
  return exit.signal ?? `code ${exit.exitCode}`;
}
