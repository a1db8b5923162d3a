// What all commands share that run once: settings, output without secrets, and errors that end as a sentence.

import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import picocolors from "picocolors";
import type { Colors } from "picocolors/types.js";
import { type Diagnostic, DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import { errorCode, errorText } from "../clickhouse/client.js";
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
  /** A line for people; on standard error where standard output is for the result alone. */
  say(line: string): void;
  /** The result as text, where standard output is for it alone. */
  print(text: string): void;
  /** The result for machines. */
  json(value: unknown): void;
  /** On standard error. */
  problems(diagnostics: readonly Diagnostic[]): void;
  readonly log: Logger;
}

export interface OneShotOptions {
  /** False for commands that work where no code is, as in an image that has only the files of a migration. */
  readonly needsCode: boolean;
  /** False for commands that do without ClickHouse. */
  readonly needsServer?: boolean;
  /** Standard output is for the result alone, also when it is no JSON. */
  readonly printsResult?: boolean;
  /** True for commands that need not be let come to their end. */
  readonly onlyLooks: boolean;
  /** Which settings count; those of development where nothing is said. */
  readonly mode?: Settings["mode"];
}

/** After the end; what still holds the process up by then is a connection to a server that does not answer. */
const lingerMs = 300;

/** Runs a command and sets the exit code that it gives; 1 when it throws. */
export async function runOnce(
  flags: ProjectFlags,
  options: OneShotOptions,
  work: (shot: OneShot) => Promise<number>,
): Promise<void> {
  process.exitCode = await guarded(flags, options, work);
  exitSoon();
}

/** Called when a command is over and its exit code is set. */
export function exitSoon(): void {
  setTimeout(() => process.exit(), lingerMs).unref();
}

async function guarded(
  flags: ProjectFlags,
  { needsCode, needsServer = true, onlyLooks, printsResult = false, mode = "dev" }: OneShotOptions,
  work: (shot: OneShot) => Promise<number>,
): Promise<number> {
  const isJson = flags.json === true;
  const secrets: string[] = [];
  const writerTo = (stream: NodeJS.WriteStream) => {
    const colors = picocolors.createColors(stream.isTTY === true && picocolors.isColorSupported);
    return { colors, write: (text: string) => void stream.write(redact(text, secrets)) };
  };
  const [out, err] = [writerTo(process.stdout), writerTo(process.stderr)];
  const people = isJson || printsResult ? err : out;
  const say = (line: string): void => people.write(`${line}\n`);
  const problems = (diagnostics: readonly Diagnostic[]): void => {
    for (const line of diagnostics.flatMap((one) => diagnosticLines(one, err.colors))) err.write(`${line}\n`);
  };
  const stop = onStopSignal();
  let log: Logger | undefined;
  try {
    const folder = resolve(flags.project);
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new DiagnosticError([noFolder(folder)]);
    const read = await readSettings({
      folder,
      mode,
      environment: process.env,
      overrides: { clickhouseUrl: flags.clickhouseUrl, json: flags.json },
    });
    const found = read.diagnostics.filter(
      ({ code }) =>
        (needsCode || code !== "config/no-entry") && (needsServer || code !== "config/no-clickhouse"),
    );
    problems(found);
    if (hasErrors(found)) return 1;
    const { settings } = read;
    secrets.push(...settings.secrets);
    log = projectLog(settings, { append: true });
    const json = (value: unknown): void => out.write(`${JSON.stringify(value)}\n`);
    const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true && !isJson;
    const { colors } = people;
    const ended = work({
      settings,
      colors,
      isJson,
      isInteractive,
      stop,
      say,
      print: out.write,
      json,
      problems,
      log,
    });
    return await (onlyLooks ? Promise.race([ended, afterStop(stop)]) : ended);
  } catch (error) {
    if (isAbort(error) || (stop.aborted && onlyLooks)) {
      // Behind a question or a ^C the line is not at its beginning.
      say(`${process.stdout.isTTY === true ? "\n" : ""}stopped`);
      return 130;
    }
    const known = error instanceof DiagnosticError ? error.diagnostics : (ofFile(error) ?? ofServer(error));
    if (stop.aborted && !(error instanceof DiagnosticError)) say("stopped");
    else if (known !== undefined) problems(known);
    else {
      log?.fatal({ err: error }, "moose ended on a fault of its own");
      problems([faultOf(error)]);
    }
    return 1;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** So long a command that was asked to stop may put away what it has made. */
const tidyMs = 3_000;

/** The exit code of a command that was stopped and does not end, `128 + SIGINT`. */
function afterStop(stop: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const wait = (): void => void setTimeout(() => resolve(130), tidyMs).unref();
    if (stop.aborted) wait();
    else stop.addEventListener("abort", wait, { once: true });
  });
}

/** A file or folder that cannot be read or written. */
function ofFile(error: unknown): readonly Diagnostic[] | undefined {
  if (!(error instanceof Error && "path" in error && "syscall" in error)) return undefined;
  return [
    {
      code: "cli/no-access",
      severity: "error",
      summary: `${String(error.path)} cannot be read or written`,
      detail: error.message,
      hint: "give the user of moose the right to it, or make room on the disk",
    },
  ];
}

/** What the server refused, or that it is gone: neither is a fault of moose. */
function ofServer(error: unknown): readonly Diagnostic[] | undefined {
  if (errorCode(error) !== undefined) {
    return [
      {
        code: "cli/refused-by-server",
        severity: "error",
        summary: "ClickHouse refused a query",
        detail: errorText(error),
        hint: "where a right is missing, grant it to the user of moose",
      },
    ];
  }
  const system = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!/^E[A-Z]+$/.test(system) && !/^Timeout error|socket hang up/.test(errorText(error))) return undefined;
  return [
    {
      code: "cli/lost-server",
      severity: "error",
      summary: "the connection to ClickHouse was lost",
      detail: errorText(error),
      hint: "check that the server runs, and run the command again",
    },
  ];
}

function noFolder(folder: string): Diagnostic {
  return {
    code: "cli/no-folder",
    severity: "error",
    summary: `there is no folder ${folder}`,
    hint: "--project names the folder of the project",
  };
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
