// moose dev: watches the code and applies each save at once.

import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Command } from "commander";
import { type Diagnostic, DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import { heapOptionsWhileRunning, restingCollector } from "../config/heap.js";
import { type Overrides, type ReadSettings, readSettings, type Settings } from "../config/settings.js";
import { HttpDevPage } from "../http/dev-page.js";
import type { Logger } from "../log/logger.js";
import { redact } from "../log/redact.js";
import type { DevEvent, OnDevEvent } from "../reconcile/dev-event.js";
import type { Tool } from "../reconcile/run.js";
import { runDev } from "../reconcile/run-dev.js";
import { humanView } from "./human-view.js";
import { jsonView } from "./json-view.js";
import { logEvent, projectLog } from "./log-events.js";
import { exitSoon, faultOf } from "./one-shot.js";
import { onStopSignal } from "./stop-signal.js";
import { commandLine, mooseVersion } from "./version.js";

interface DevFlags {
  readonly project: string;
  readonly clickhouseUrl?: string;
  readonly poll?: boolean;
  readonly json?: boolean;
  readonly adopt?: readonly string[];
}

export function devCommand(): Command {
  return new Command("dev")
    .description("Watch the code and apply every save to the database at once. The status page is on /admin.")
    .option("--project <folder>", "folder of the project", ".")
    .option("--clickhouse-url <url>", "work on this server instead of the embedded ClickHouse")
    .option("--adopt <table...>", "take over existing tables, as database.name")
    .option("--poll", "look at the files in turn, for mounts that send no events")
    .option("--json", "print JSON lines")
    .action(async (flags: DevFlags) => {
      // What runs once is better off with the memory that V8 takes.
      for (const option of heapOptionsWhileRunning) setFlagsFromString(option);
      process.exitCode = await dev(flags, { version: mooseVersion(), command: commandLine() });
      exitSoon();
    });
}

async function dev(flags: DevFlags, tool: Tool): Promise<number> {
  const output = new Output(flags.json === true);
  const stop = onStopSignal();
  const worked = restingCollector();
  const onEvent = (event: DevEvent): void => {
    if (event.event === "round") worked();
    // A terminal's Ctrl-C reaches every process of ours; what they say of their own end is no news.
    if (!stop.aborted || event.event === "stopped") output.show(event);
  };
  try {
    await runDev({
      read: () => read(flags, output),
      adopt: flags.adopt ?? [],
      tool,
      stop,
      onEvent,
      page: new HttpDevPage(onEvent),
    });
    return 0;
  } catch (error) {
    const diagnostics = error instanceof DiagnosticError ? error.diagnostics : [output.fault(error)];
    onEvent({ event: "problems", kept: false, diagnostics });
    return 1;
  }
}

/** Shows events and logs them; the secrets of the settings are in neither. */
class Output {
  readonly #view: OnDevEvent;
  #secrets: readonly string[] = [];
  #log: Logger | undefined;

  constructor(json: boolean) {
    const write = (text: string): void => void process.stdout.write(redact(text, this.#secrets));
    this.#view = json ? jsonView(write) : humanView(process.stdout, write);
  }

  use(settings: Settings): void {
    this.#secrets = settings.secrets;
    this.#log = projectLog(settings, { append: this.#log !== undefined });
  }

  /** Something that should not have happened: a sentence for the user, the stack for the log. */
  fault(error: unknown): Diagnostic {
    this.#log?.fatal({ err: error }, "moose ended on a fault of its own");
    return faultOf(error);
  }

  show(event: DevEvent): void {
    if (this.#log !== undefined) logEvent(this.#log, event);
    this.#view(event);
  }
}

async function read(flags: DevFlags, output: Output): Promise<ReadSettings> {
  const overrides: Overrides = { clickhouseUrl: flags.clickhouseUrl, poll: flags.poll, json: flags.json };
  const folder = resolve(flags.project);
  const result = await readSettings({ folder, mode: "dev", environment: process.env, overrides });
  if (!hasErrors(result.diagnostics)) output.use(result.settings);
  return result;
}
