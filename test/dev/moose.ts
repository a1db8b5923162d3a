// Drives the real `moose dev` from outside: starts it, waits for what it prints, asks its database, ends it by signal.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type ClickHouseClient, createClient } from "@clickhouse/client";
import { onTestFinished, vi } from "vitest";
import { descendants, gone, type KnownProcess, known } from "./processes.js";
import { type Files, Project } from "./project.js";
import { pause, until } from "./wait.js";

const builtMain = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

export interface MooseOptions {
  /** After `dev --project FOLDER`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** On a terminal, which `script` makes; it is part of every Debian. */
  readonly onTerminal?: boolean;
  /** The file to run. Default: the one that was built here. */
  readonly main?: string;
}

/** How it ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line of `--json`. */
export interface JsonEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

// Each test starts processes, which on a busy machine takes many times as long as on an idle one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** The longest that anything but a start or a stop may take, on a busy machine. */
const deadlineMs = 30_000;
const startDeadlineMs = 40_000;

export class Moose {
  readonly project: Project;
  readonly ended: Promise<End>;
  stdout = "";
  /** Of the status page; empty until it is there. */
  page = "";
  stderr = "";
  end: End | undefined;
  readonly #child: ChildProcess;
  /** How much of stdout has been waited for. */
  #seen = 0;
  #client: { readonly url: string; readonly client: ClickHouseClient } | undefined;

  constructor(project: Project, options: MooseOptions = {}) {
    this.project = project;
    const main = options.main ?? builtMain;
    const own = [process.execPath, main, "dev", "--project", project.folder, ...(options.args ?? [])];
    const [command = "", ...rest] =
      options.onTerminal === true
        ? ["script", "-qfec", own.map((word) => `'${word}'`).join(" "), "/dev/null"]
        : own;
    this.#child = spawn(command, rest, {
      env: { ...environment(), MOOSE_HTTP_SERVER_CONFIG__PORT: "0", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#printed(text);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.#child.once("close", (code, signal) => {
        this.end = { code, signal };
        resolve(this.end);
      });
    });
  }

  /** The line about the page comes when the page is there, so it is kept apart from the others. */
  #printed(text: string): void {
    this.stdout = (this.stdout + text).replaceAll("\r\n", "\n").replace(pageLine, (_, human, json) => {
      this.page = human ?? json;
      return "";
    });
  }

  /** Where the status page is, once it is there. */
  async pageUrl(): Promise<string> {
    return until(
      () => this.page !== "" && this.page,
      deadlineMs,
      () => `there is no page\n${this.#all()}`,
    );
  }

  /** Starts on new files and waits for the ready line; the end of the test ends it and removes the files. */
  static async start(files: Files, options: MooseOptions = {}): Promise<Moose> {
    const moose = startNow(new Project(files), options);
    onTestFinished(() => moose.remove());
    await moose.ready();
    return moose;
  }

  /** Starts once more on the same files, after this one has ended. */
  async again(options: MooseOptions = {}): Promise<Moose> {
    const next = startNow(this.project, options);
    onTestFinished(() => next.remove());
    await next.ready();
    return next;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The processes that it has started, and theirs. */
  get children(): readonly KnownProcess[] {
    return descendants(this.pid);
  }

  /** Where ClickHouse answers, as the ready line says. */
  get url(): string {
    const said = [...this.stdout.matchAll(/ at (http:\S+) {2}database|"event":"ready","url":"([^"]+)"/g)].at(
      -1,
    );
    return said?.[1] ?? said?.[2] ?? "";
  }

  async ready(): Promise<string> {
    return this.line(/^watching .*$|"event":"ready".*$/m, startDeadlineMs);
  }

  /**
   * Waits for text that matches, after what was waited for before. Gives all of the text from there to the end of the
   * match, with what differs from run to run replaced.
   */
  async line(pattern: RegExp, withinMs = deadlineMs): Promise<string> {
    const found = await until(
      () => {
        const match = pattern.exec(this.stdout.slice(this.#seen));
        if (match !== null && this.stdout[this.#seen + match.index + match[0].length] === "\n") return match;
        if (this.end !== undefined)
          throw new Error(`it has ended: ${JSON.stringify(this.end)}\n${this.#all()}`);
        return undefined;
      },
      withinMs,
      () => `there is no ${pattern} in the end of\n${this.#all()}`,
    );
    const start = this.#seen;
    this.#seen += found.index + found[0].length + 1;
    return this.plain(this.stdout.slice(start, this.#seen));
  }

  /** What was printed and not yet waited for. */
  rest(): string {
    const text = this.stdout.slice(this.#seen);
    this.#seen = this.stdout.length;
    return this.plain(text);
  }

  /** Saves files and waits for the end of the round that this leads to. */
  async save(files: Files): Promise<string> {
    this.project.save(files);
    return this.line(roundEnd);
  }

  /** Waits long enough for anything that a save could lead to, and gives what was printed. */
  async settled(): Promise<string> {
    await pause(700);
    return this.rest();
  }

  get events(): readonly JsonEvent[] {
    return this.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as JsonEvent);
  }

  /** Rows of a query, asked with the ordinary client over HTTP. */
  async rows<T = Readonly<Record<string, unknown>>>(query: string): Promise<readonly T[]> {
    return (await this.#database().query({ query, format: "JSONEachRow" })).json<T>();
  }

  /** After a restart it may answer elsewhere. */
  #database(): ClickHouseClient {
    if (this.#client?.url !== this.url) {
      void this.#client?.client.close();
      this.#client = { url: this.url, client: createClient({ url: this.url, log: { level: 127 } }) };
    }
    return this.#client.client;
  }

  /** Asks until the answer is the expected one; fails with the last. */
  async eventually(query: string, expected: unknown): Promise<void> {
    let last = "";
    const wanted = JSON.stringify(expected);
    await until(
      async () => {
        last = await this.rows(query).then(JSON.stringify, String);
        return last === wanted;
      },
      deadlineMs,
      () => `${query}\n gives ${last}\n and not ${wanted}\n${this.#all()}`,
    );
  }

  async command(query: string): Promise<void> {
    await this.#database().command({ query });
  }

  async insert(table: string, values: readonly object[]): Promise<void> {
    await this.#database().insert({ table, values: [...values], format: "JSONEachRow" });
  }

  /** Stops reading, as `| head -1` does. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it by signal and waits until it and all that it started are gone. */
  async stop(signal: NodeJS.Signals = "SIGINT", withinMs = 10_000): Promise<End> {
    const all = [...known(this.pid), ...this.children];
    await this.#client?.client.close();
    this.#client = undefined;
    this.kill(signal);
    await gone(all, withinMs);
    return this.ended;
  }

  /** The clean-up: whatever happened, nothing is left. */
  async remove(): Promise<void> {
    if (this.end === undefined) await this.stop("SIGKILL");
    await this.#client?.client.close();
    this.project.remove();
  }

  /** A text without what differs from run to run: times, sizes on disk, ports, the folder. */
  plain(text: string): string {
    return text
      .replaceAll(this.project.folder, "PROJECT")
      .replace(/\b\d+(?:\.\d+)? m?s\b/g, "TIME")
      .replace(/\b\d+(?:\.\d)? (?:B|KiB|MiB)\b/g, "SIZE")
      .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT");
  }

  #all(): string {
    return `${this.stdout}\n--- stderr:\n${this.stderr}`;
  }
}

const pageLine = /^(?:status page at (\S+)|\{"event":"page","url":"([^"]+)"\})\n/m;

/** The last line of a round, whatever its result. */
export const roundEnd = /^(?:\d+ changes? (?:applied in|not done).*|no change .*|nothing was changed; .*)$/m;

/** Starts without waiting; for starts that are meant to fail. The caller removes it. */
export function startNow(project: Project, options: MooseOptions = {}): Moose {
  return new Moose(project, options);
}

/** Runs to the end, for starts that are meant to fail; removes the files. */
export async function runToEnd(files: Files, options: MooseOptions = {}): Promise<Moose> {
  const moose = startNow(new Project(files), options);
  onTestFinished(() => moose.remove());
  await Promise.race([moose.ended, pause(startDeadlineMs)]);
  return moose;
}

/** The variables of this process that do not steer moose or its colours. */
function environment(): Record<string, string | undefined> {
  const steering = /^(?:MOOSE_|VITEST|NODE_OPTIONS|NODE_ENV|NO_COLOR|FORCE_COLOR|CI$|CLICKHOUSE)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !steering.test(name)));
}
