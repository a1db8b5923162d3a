// One run of the engine's process: started, ready or failed, and ended.

import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { exposesCollection, heapOptions } from "../config/heap.js";
import type { FailureReason, FromEngine, StartOrder, ToEngine } from "./engine-messages.js";
import { removePipes } from "./pipes.js";

/** How the process ended. */
export interface EngineExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines that the engine wrote to stderr, where chDB tells what it does not tell otherwise. */
  readonly stderr: readonly string[];
}

export type StartOutcome =
  | { readonly kind: "ready"; readonly port: number; readonly version: string; readonly startMs: number }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason | "exited" | "too-slow";
      readonly detail: string;
    };

const keptStderrLines = 20;
/** A folder with 1,000 tables opens in 2.3 s; a cold disk may need many times that. */
const startDeadlineMs = 60_000;
const stopDeadlineMs = 5_000;
/** Threads beside the running statements: for kills, files and compression. */
const spareThreads = 8;

/** The compiled entry beside this file, or, when this file runs as TypeScript, the source of it. */
function entryArguments(): string[] {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const compiled = path.join(here, "engine-process.js");
  if (fs.existsSync(compiled)) return [compiled];
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return ["--import", tsx, path.join(here, "engine-process.ts")];
}

export class EngineChild {
  readonly pid: number | undefined;
  readonly exited: Promise<EngineExit>;
  readonly started: Promise<StartOutcome>;
  readonly #process: ChildProcess;
  readonly #stderr: string[] = [];

  /** Starts the process. `onStderr` gets each line that the engine writes there. */
  constructor(order: Omit<StartOrder, "kind" | "pipeFolder">, onStderr: (line: string) => void) {
    const pipeFolder = fs.mkdtempSync(path.join(os.tmpdir(), "moose-engine-"));
    this.#process = spawn(process.execPath, [...heapOptions(1), exposesCollection, ...entryArguments()], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, UV_THREADPOOL_SIZE: String(order.width + spareThreads), NODE_OPTIONS: "" },
    });
    this.pid = this.#process.pid;
    this.#readStderr(onStderr);
    this.exited = this.#watchExit(pipeFolder);
    this.started = this.#watchStart();
    this.#tell({ kind: "start", ...order, pipeFolder });
  }

  #tell(message: ToEngine): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  #readStderr(onStderr: (line: string) => void): void {
    const stderr = this.#process.stderr;
    if (stderr === null) return;
    createInterface({ input: stderr }).on("line", (line) => {
      this.#stderr.push(line);
      if (this.#stderr.length > keptStderrLines) this.#stderr.shift();
      onStderr(line);
    });
  }

  #watchExit(pipeFolder: string): Promise<EngineExit> {
    return new Promise((resolve) => {
      const end = (exitCode: number | null, signal: string | null) => {
        removePipes(pipeFolder);
        resolve({ exitCode, signal, stderr: [...this.#stderr] });
      };
      this.#process.once("close", end);
      this.#process.once("error", (error) => {
        this.#stderr.push(error.message);
        if (this.pid === undefined) end(null, null);
      });
    });
  }

  #watchStart(): Promise<StartOutcome> {
    return new Promise((resolve) => {
      const tooSlow = () => {
        resolve({
          kind: "failed",
          reason: "too-slow",
          detail: `It did not start within ${startDeadlineMs} ms.`,
        });
        this.kill();
      };
      const timer = setTimeout(tooSlow, startDeadlineMs);
      this.#process.on("message", (message: FromEngine) => {
        clearTimeout(timer);
        resolve(message);
      });
      void this.exited.then((exit) => {
        clearTimeout(timer);
        const detail = exit.stderr.join("\n") || `It ended with ${exit.signal ?? `code ${exit.exitCode}`}.`;
        resolve({ kind: "failed", reason: "exited", detail });
      });
    });
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Lets running statements end, then ends the process; by force when it takes longer than 5 s. */
  async stop(): Promise<void> {
    this.#tell({ kind: "stop" });
    const timer = setTimeout(() => this.kill(), stopDeadlineMs);
    await this.exited;
    clearTimeout(timer);
  }
}
