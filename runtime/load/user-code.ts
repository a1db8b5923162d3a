// Runs the user's code in a child process, again after each edit, and gives back what it declares.

import { relative, sep } from "node:path";
import type { Registration } from "../../src/declare/registration.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import { CurrentTexts, type Update } from "./current-texts.js";
import { endedDiagnostic, timeoutDiagnostic } from "./endings.js";
import type { LoadReply, LoadRequest, RunMode } from "./protocol.js";
import { type Ending, type Outcome, UserProcess, type UserProcessEvents } from "./user-process.js";

export type LoadResult =
  | {
      readonly ok: true;
      /** Of all files that the entry reaches, ordered by file, then as declared. */
      readonly registrations: readonly Registration[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** What happens beside the loads. */
export type UserCodeEvent =
  /** A line that user code printed. */
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly line: string }
  /** An error outside of a load (a timer, a promise), or a declaration that came too late. */
  | { readonly kind: "problem"; readonly diagnostic: Diagnostic }
  /** The process ended between two loads; the next load starts a new one. */
  | { readonly kind: "crashed"; readonly diagnostic: Diagnostic }
  /** From now on user code runs another way. */
  | { readonly kind: "mode"; readonly mode: RunMode; readonly because: string }
  /**
   * A fresh process took over. `differs`: the same text declared something else in it, because modules kept
   * state between loads; `registrations` is what the fresh process says, and what counts.
   */
  | {
      readonly kind: "replaced";
      readonly loads: number;
      readonly rssBytes: number;
      readonly differs: boolean;
      readonly registrations: readonly Registration[];
    }
  /** A fresh process could not run the same text; the old one goes on. */
  | { readonly kind: "replacement-failed"; readonly diagnostics: readonly Diagnostic[] };

export interface UserCodeOptions {
  /** Project folder, absolute. User code runs with it as its working directory. */
  readonly root: string;
  /** The module to run, absolute. */
  readonly entry: string;
  /** What "@514labs/moose-lib" stands for when the project has none installed: an absolute path. */
  readonly library: string;
  /** Variables that the code sees. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How long one load may take. Default: 10,000. */
  readonly deadlineMs?: number;
  /** Loads after which a fresh process takes over. Default: 300. */
  readonly replaceAfterLoads?: number;
  /** Memory above which a fresh process takes over. Default: 400 MiB. */
  readonly replaceAboveRssBytes?: number;
  /** Quiet time before a fresh process is started beside the old one. Default: 1,000. */
  readonly replaceWhenIdleMs?: number;
  onEvent(event: UserCodeEvent): void;
}

type Settings = Required<UserCodeOptions>;

export class UserCode {
  readonly #settings: Settings;
  readonly #texts = new CurrentTexts();
  #requests = 0;
  #mode: RunMode = "modules";
  /** The file whose top-level await asked for a bundle; when it changes, modules are tried again. */
  #awaitsIn: string | undefined;
  #process: UserProcess;
  /** Started ahead: in bundle mode each load takes a process that has run nothing. */
  #spare: UserProcess | undefined;
  #candidate: UserProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #last: readonly Registration[] | undefined;
  #isClosed = false;

  /**
   * Starts the process at once, so that it boots while the caller reads and checks the files.
   *
   * @example
   * const code = UserCode.start({ root, entry: `${root}/app/index.ts`, library, onEvent: show });
   * const result = await code.load({ changed: [{ path, text, insertions: [] }], removed: [] });
   */
  static start(options: UserCodeOptions): UserCode {
    return new UserCode({
      environment: process.env,
      deadlineMs: 10_000,
      replaceAfterLoads: 300,
      replaceAboveRssBytes: 400 * 1024 * 1024,
      replaceWhenIdleMs: 1_000,
      ...options,
    });
  }

  private constructor(settings: Settings) {
    this.#settings = settings;
    this.#process = this.#fork();
  }

  /** Of the process that ran, or will run, the code. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * Runs the code with these texts in place of the earlier ones; the first call brings all files.
   * What a failed load brought stays known. Calls run one after the other.
   */
  load(update: Update): Promise<LoadResult> {
    return this.#enqueue(() => this.#load(update));
  }

  /** Ends the processes. A load that is under way fails with `load/closed`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    await Promise.all([this.#process, this.#spare, this.#candidate].map((each) => each?.kill()));
    await this.#queue;
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  async #load(update: Update): Promise<LoadResult> {
    clearTimeout(this.#idleTimer);
    this.#remember(update);
    const first = await this.#run();
    // One repetition: a bundle never asks for another mode.
    const outcome = first.type === "failed" && first.awaits ? await this.#runAsBundle(first.awaits) : first;
    return this.#conclude(outcome);
  }

  #remember(update: Update): void {
    const { changed, removed } = update;
    this.#texts.apply(update);
    const touched = [...changed.map(({ path }) => path), ...removed];
    if (this.#awaitsIn !== undefined && touched.includes(this.#awaitsIn)) {
      this.#switchMode("modules", `${this.#shown(this.#awaitsIn)} has changed`);
      this.#awaitsIn = undefined;
    }
  }

  async #runAsBundle(
    awaits: NonNullable<Extract<LoadReply, { type: "failed" }>["awaits"]>,
  ): Promise<Outcome> {
    this.#awaitsIn = awaits.path;
    this.#switchMode("bundle", `${awaits.summary} awaits at top level`);
    return this.#run();
  }

  #switchMode(mode: RunMode, because: string): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.#settings.onEvent({ kind: "mode", mode, because });
  }

  async #run(): Promise<Outcome> {
    await this.#provideProcess();
    return this.#bringUpToDate(this.#process);
  }

  /** Makes `#process` one that is alive and can run the code in the present mode. */
  async #provideProcess(): Promise<void> {
    const { settings, isAlive, loads } = this.#process;
    const isFit = isAlive && settings.mode === this.#mode && (this.#mode === "modules" || loads === 0);
    if (isFit || this.#isClosed) return;
    await this.#process.kill();
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare?.isAlive && spare.settings.mode === this.#mode) {
      this.#process = spare;
      return;
    }
    await spare?.kill();
    this.#process = this.#fork();
  }

  /** Sends what has changed since the process was last sent something, and waits for what comes of it. */
  #bringUpToDate(process: UserProcess): Promise<Outcome> {
    const update = this.#texts.since(process.revision);
    process.revision = this.#texts.revision;
    this.#requests += 1;
    const request: LoadRequest = { id: this.#requests, ...update };
    return process.load(request, this.#settings.deadlineMs);
  }

  async #conclude(outcome: Outcome): Promise<LoadResult> {
    if (this.#isClosed) return { ok: false, diagnostics: [closed] };
    this.#prepareNext(outcome);
    if (outcome.type === "loaded") {
      this.#last = outcome.registrations;
      return { ok: true, registrations: outcome.registrations };
    }
    this.#last = undefined;
    if (outcome.type === "failed" && outcome.unfit) await this.#process.kill();
    return { ok: false, diagnostics: diagnosticsOf(outcome) };
  }

  /** Has the next load find a process that has booted, and the present one replaced in time. */
  #prepareNext(outcome: Outcome): void {
    if (!this.#process.isAlive) {
      if (this.#process.booted) this.#process = this.#fork();
    } else if (this.#mode === "bundle") {
      this.#spare ??= this.#fork();
    } else if (outcome.type === "loaded" && this.#isWorn()) {
      this.#idleTimer = setTimeout(() => void this.#replace(), this.#settings.replaceWhenIdleMs);
      this.#idleTimer.unref();
    }
  }

  #isWorn(): boolean {
    const { replaceAfterLoads, replaceAboveRssBytes } = this.#settings;
    return this.#process.loads >= replaceAfterLoads || this.#process.rssBytes > replaceAboveRssBytes;
  }

  /** Warms a fresh process beside the old one, then lets it take over between two loads. */
  async #replace(): Promise<void> {
    if (this.#candidate || this.#isClosed) return;
    const candidate = this.#fork();
    this.#candidate = candidate;
    const warmed = await this.#bringUpToDate(candidate);
    await this.#enqueue(() => this.#takeOver(candidate, warmed));
    this.#candidate = undefined;
  }

  async #takeOver(candidate: UserProcess, warmed: Outcome): Promise<void> {
    const isCurrent = candidate.revision === this.#texts.revision;
    const outcome = isCurrent || !candidate.isAlive ? warmed : await this.#bringUpToDate(candidate);
    const old = this.#process;
    if (this.#isClosed || !this.#last || this.#mode !== "modules" || !old.isAlive) return candidate.kill();
    if (outcome.type !== "loaded") {
      // Asked again after as many loads as the first time.
      old.loads = 0;
      this.#settings.onEvent({ kind: "replacement-failed", diagnostics: diagnosticsOf(outcome) });
      return candidate.kill();
    }
    const { registrations } = outcome;
    const differs = JSON.stringify(registrations) !== JSON.stringify(this.#last);
    this.#process = candidate;
    this.#last = registrations;
    await old.kill();
    const { loads, rssBytes } = old;
    this.#settings.onEvent({ kind: "replaced", loads, rssBytes, differs, registrations });
  }

  #fork(): UserProcess {
    const { root, entry, library, environment, onEvent } = this.#settings;
    const events: UserProcessEvents = {
      onOutput: (stream, line) => onEvent({ kind: "output", stream, line }),
      onProblem: (diagnostic) => onEvent({ kind: "problem", diagnostic }),
      onEnd: (ending) => this.#reportEnd(made, ending),
    };
    const settings = { root, entry, library, mode: this.#mode, parentPid: process.pid };
    const made = new UserProcess(settings, environment, events);
    return made;
  }

  /** Only what no load reports: a process that ended while it had nothing to do. */
  #reportEnd(ended: UserProcess, ending: Ending): void {
    if (ended !== this.#process || ended.isLoading || ended.loads === 0 || this.#isClosed) return;
    const diagnostic = endedDiagnostic(ending, "while it was idle");
    this.#settings.onEvent({ kind: "crashed", diagnostic });
  }

  #shown(path: string): string {
    return relative(this.#settings.root, path).split(sep).join("/");
  }
}

const closed: Diagnostic = { code: "load/closed", severity: "error", summary: "the load was given up" };

function diagnosticsOf(outcome: Exclude<Outcome, { type: "loaded" }>): readonly Diagnostic[] {
  switch (outcome.type) {
    case "failed":
      return outcome.diagnostics;
    case "timeout":
      return [timeoutDiagnostic(outcome.deadlineMs)];
    case "ended":
      return [endedDiagnostic(outcome.ending, "while the code was loaded")];
  }
}
