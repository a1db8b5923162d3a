// What all commands share that run once: settings, output without secrets, and errors that end as a sentence.

import { resolve } from "node:path";
import type { Command } from "commander";
import picocolors from "picocolors";
import type { Colors } from "picocolors/types.js";
import { type Diagnostic, DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import { readSettings, type Settings } from "../config/settings.js";
import type { Logger } from "../log/logger.js";
import { redact } from "../log/redact.js";
import { diagnosticLines } from "./human-view.js";
import { projectLog } from "./log-events.js";
import { onStopSignal } from "./stop-signal.js";

export interface ProjectFlags {
  readonly project: string;
  readonly clickhouseUrl?: string;
  readonly json?: boolean;
}

/** Options that every command on a project has. */
export function withProjectOptions(command: Command): Command {
  return command
    .option("--project <folder>", "folder of the project", ".")
    .option("--clickhouse-url <url>", "ClickHouse to work on, instead of the configured one")
    .option("--json", "print JSON");
}

/** The way of a command to its user. */
export interface OneShot {
  readonly settings: Settings;
  readonly colors: Colors;
  readonly isJson: boolean;
  /** Somebody can be asked. */
  readonly isInteractive: boolean;
  /** Aborted when the command is to stop. */
  readonly stop: AbortSignal;
  /** A line for people; on standard error where standard output is for JSON. */
  say(line: string): void;
  /** The result for machines. */
  json(value: unknown): void;
  problems(diagnostics: readonly Diagnostic[]): void;
  readonly log: Logger;
}

/** After the end; what still holds the process up by then is a connection to a server that does not answer. */
const lingerMs = 300;

/** Runs a command and sets the exit code that it gives; 1 when it throws. */
export async function runOnce(flags: ProjectFlags, work: (shot: OneShot) => Promise<number>): Promise<void> {
  process.exitCode = await guarded(flags, work);
  setTimeout(() => process.exit(), lingerMs).unref();
}

async function guarded(flags: ProjectFlags, work: (shot: OneShot) => Promise<number>): Promise<number> {
  const isJson = flags.json === true;
  const stream = isJson ? process.stderr : process.stdout;
  const colors = picocolors.createColors(stream.isTTY === true && picocolors.isColorSupported);
  const secrets: string[] = [];
  const say = (line: string): void => void stream.write(redact(`${line}\n`, secrets));
  const problems = (diagnostics: readonly Diagnostic[]): void => {
    for (const line of diagnostics.flatMap((one) => diagnosticLines(one, colors))) say(line);
  };
  const stop = onStopSignal();
  let log: Logger | undefined;
  try {
    const read = await readSettings({
      folder: resolve(flags.project),
      mode: "dev",
      environment: process.env,
      overrides: { clickhouseUrl: flags.clickhouseUrl, json: flags.json },
    });
    problems(read.diagnostics);
    if (hasErrors(read.diagnostics)) return 1;
    const { settings } = read;
    secrets.push(...settings.secrets);
    log = projectLog(settings, { append: true });
    const json = (value: unknown): void =>
      void process.stdout.write(redact(`${JSON.stringify(value)}\n`, secrets));
    const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true && !isJson;
    return await work({ settings, colors, isJson, isInteractive, stop, say, json, problems, log });
  } catch (error) {
    if (error instanceof DiagnosticError) problems(error.diagnostics);
    else if (stop.aborted) say("stopped");
    else {
      log?.fatal({ err: error }, "moose ended on a fault of its own");
      problems([faultOf(error)]);
    }
    return 1;
  }
}

/** Something that should not have happened: a sentence for the user, the stack for the log. */
export function faultOf(error: unknown): Diagnostic {
  return {
    code: "cli/fault",
    severity: "error",
    summary: "moose ended on a fault of its own",
    detail: error instanceof Error ? error.message : String(error),
    hint: "the log, .moose/moose.log, says where; please report it",
  };
}
