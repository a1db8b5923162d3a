// One child process that runs user code: started, given text, timed, and ended.

import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../../src/diagnostic.js";
import { heapOptions } from "../config/heap.js";
import { OutputLines } from "./output-lines.js";
import type { ChildMessage, ChildSettings, LoadReply, LoadRequest } from "./protocol.js";

/** How the process ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote to stderr. */
  readonly lastWords: readonly string[];
}

export type Outcome =
  | LoadReply
  | { readonly type: "timeout"; readonly deadlineMs: number }
  | { readonly type: "ended"; readonly ending: Ending };

export interface UserProcessEvents {
  onOutput(stream: "stdout" | "stderr", line: string): void;
  onProblem(diagnostic: Diagnostic): void;
  /** It ended without being asked to. */
  onEnd(ending: Ending): void;
}

/** Starting Node and its modules takes 0.2 s, on a busy machine seconds. */
const bootDeadlineMs = 30_000;
const lastWordsKept = 20;
const lastWordsWaitMs = 100;

export class UserProcess {
  /** The revision of the user's text that this process has. */
  revision = 0;
  loads = 0;
  rssBytes = 0;
  readonly settings: ChildSettings;
  readonly #child: ChildProcess;
  readonly #events: UserProcessEvents;
  readonly #ready: Promise<boolean>;
  readonly #ended: Promise<Ending>;
  readonly #lastWords: string[] = [];
  #isAlive = true;
  #isKilled = false;
  #booted = false;
  #ending: Ending | undefined;
  #answer: ((outcome: Outcome) => void) | undefined;

  /** @param environment - variables that the code sees */
  constructor(
    settings: ChildSettings,
    environment: Readonly<Record<string, string | undefined>>,
    events: UserProcessEvents,
  ) {
    this.settings = settings;
    this.#events = events;
    this.#child = fork(childEntry(), [JSON.stringify(settings)], {
      cwd: settings.root,
      env: { ...environment },
      execPath: process.execPath,
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        "--experimental-import-meta-resolve",
        ...heapOptions(2),
      ],
      serialization: "json",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#ended = this.#watchEnd();
    this.#ready = new Promise((resolve) => {
      this.#child.on("message", (message: ChildMessage) => this.#receive(message, () => resolve(true)));
      void this.#ended.then(() => resolve(false));
    });
    this.#readOutput("stdout");
    this.#readOutput("stderr");
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return this.#isAlive && !this.#isKilled;
  }

  /** It has started once; one that never does must not be started again and again. */
  get booted(): boolean {
    return this.#booted;
  }

  get isLoading(): boolean {
    return this.#answer !== undefined;
  }

  /** Sends the text and waits for the answer. After `timeout` the process is gone. */
  async load(request: LoadRequest, deadlineMs: number): Promise<Outcome> {
    // Not a race with the end of the process: a promise that lives as long would keep every answer alive with it.
    const answer = new Promise<Outcome>((resolve) => {
      this.#answer = resolve;
      if (this.#ending !== undefined) resolve({ type: "ended", ending: this.#ending });
    });
    // Sent at once: the child reads it as soon as it has booted.
    if (this.isAlive) this.#child.send(request, () => {});
    const booted = await within(bootDeadlineMs, this.#ready);
    const outcome = booted === "late" ? booted : await within(deadlineMs, answer);
    this.#answer = undefined;
    if (outcome === "late") {
      await this.kill();
      return { type: "timeout", deadlineMs: booted === "late" ? bootDeadlineMs : deadlineMs };
    }
    if ("rssBytes" in outcome) this.rssBytes = outcome.rssBytes;
    this.loads += 1;
    return outcome;
  }

  /** Ends the process; user code is not asked, since it may be stuck. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #receive(message: ChildMessage, onReady: () => void): void {
    switch (message.type) {
      case "ready":
        this.#booted = true;
        onReady();
        break;
      case "problem":
        this.#events.onProblem(message.diagnostic);
        break;
      case "loaded":
      case "failed":
        this.#answer?.(message);
    }
  }

  #watchEnd(): Promise<Ending> {
    const exited = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#child.once("exit", (exitCode, signal) => resolve([exitCode, signal]));
      this.#child.on("error", () => resolve([null, null]));
    });
    return exited.then(async ([exitCode, signal]) => {
      this.#isAlive = false;
      // What it wrote last may still be in the pipe.
      if (!this.#isKilled) await new Promise((resolve) => setTimeout(resolve, lastWordsWaitMs));
      const ending = { exitCode, signal, lastWords: this.#lastWords };
      this.#ending = ending;
      this.#answer?.({ type: "ended", ending });
      if (!this.#isKilled) this.#events.onEnd(ending);
      return ending;
    });
  }

  #readOutput(stream: "stdout" | "stderr"): void {
    const lines = new OutputLines((line) => {
      if (stream === "stderr") {
        this.#lastWords.push(line);
        if (this.#lastWords.length > lastWordsKept) this.#lastWords.shift();
      }
      this.#events.onOutput(stream, line);
    }, Date.now);
    this.#child[stream]?.setEncoding("utf8");
    this.#child[stream]?.on("data", (chunk: string) => lines.push(chunk));
    this.#child[stream]?.on("end", () => lines.end());
  }
}

/** The compiled file: beside this one, or, when this one runs from its source, where the build put it. */
function childEntry(): string {
  const beside = new URL("./child/main.js", import.meta.url);
  const built = new URL("../../dist/runtime/load/child/main.js", import.meta.url);
  return fileURLToPath(existsSync(beside) ? beside : built);
}

const ticks = 20;

/**
 * Time is counted in ticks of this process's own event loop: while it is blocked, for instance by the type checker,
 * an answer that has long arrived cannot be read, and that must not look like a process that hangs.
 */
async function within<T>(deadlineMs: number, promise: Promise<T>): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    let left = ticks;
    timer = setInterval(() => {
      left -= 1;
      if (left === 0) resolve("late");
    }, deadlineMs / ticks);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearInterval(timer);
  }
}
