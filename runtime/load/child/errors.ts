// What user code threw, as a diagnostic with the user's own file, line and column.

import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { Diagnostic, SourcePlace } from "../../../src/diagnostic.js";
import { CompileError } from "./compile.js";
import { ExitCalled } from "./guards.js";

/** Who is who among the files of a stack. */
export interface Territory {
  readonly root: string;
  isUserFile(path: string): boolean;
  /** Our own code and what runs it: not worth showing. */
  isOurs(path: string): boolean;
  /** The user's text of a line, for messages that quote what moose inserted. */
  lineOf(path: string, line: number): string | undefined;
}

interface Frame {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly shown: string;
}

const maximumFrames = 20;
const maximumCauses = 3;
const maximumMessageCharacters = 4000;

/** Relative to the project, with forward slashes. */
export function relativeFile(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}

/** One diagnostic an error; a file that cannot be compiled has one for each of its problems. */
export function describeError(thrown: unknown, territory: Territory): readonly Diagnostic[] {
  if (thrown instanceof CompileError) return thrown.diagnostics;
  if (!(thrown instanceof Error)) {
    const summary = `user code threw ${shorten(inspect(thrown))}, which is no Error`;
    return [
      {
        code: "load/exception",
        severity: "error",
        summary,
        hint: "throw an Error, so that its place is known",
      },
    ];
  }
  const frames = framesOf(thrown).filter(({ path }) => !path.startsWith("node:") && !territory.isOurs(path));
  const first = frames.find(({ path }) => territory.isUserFile(path));
  const place = first && placeOf(first, territory);
  const shown = frames
    .slice(0, maximumFrames)
    .map((frame) => frame.shown.replaceAll(`${territory.root}${sep}`, ""));
  const detail = [...shown, ...causesOf(thrown)];
  return [
    {
      ...explain(thrown, first, territory),
      severity: "error",
      ...(detail.length > 0 ? { detail: detail.join("\n") } : {}),
      ...(place ? { place } : {}),
    },
  ];
}

/** Each `cause`, and the cause of that, as one line. */
function causesOf(error: Error): readonly string[] {
  const lines: string[] = [];
  for (let cause = error.cause; cause !== undefined && lines.length < maximumCauses; ) {
    const isError = cause instanceof Error;
    lines.push(
      `caused by ${shorten(isError ? `${nameOf(cause as Error)}: ${messageOf(cause as Error)}` : inspect(cause))}`,
    );
    cause = isError ? (cause as Error).cause : undefined;
  }
  return lines;
}

function placeOf(frame: Frame, territory: Territory): SourcePlace {
  return { file: relativeFile(territory.root, frame.path), line: frame.line, column: frame.column };
}

type Explained = Pick<Diagnostic, "code" | "summary" | "hint">;

const missingCodes: ReadonlySet<unknown> = new Set([
  "MODULE_NOT_FOUND",
  "ERR_MODULE_NOT_FOUND",
  "ERR_PACKAGE_PATH_NOT_EXPORTED",
]);

function explain(error: Error, first: Frame | undefined, territory: Territory): Explained {
  if (error instanceof ExitCalled) {
    const hint = "moose only reads what the code declares: throw an Error where it cannot go on";
    return { code: "load/exited", summary: error.message, hint };
  }
  const message = shorten(readably(messageOf(error), first, territory));
  if (missingCodes.has((error as NodeJS.ErrnoException).code)) {
    return { code: "load/module-not-found", summary: message.split("\nRequire stack:")[0] ?? message };
  }
  return { code: "load/exception", summary: `${nameOf(error)}: ${message}` };
}

/** V8 quotes the text that it ran, which holds what moose inserted. */
function readably(message: string, first: Frame | undefined, territory: Territory): string {
  if (!message.includes("__moose_")) return message;
  const line = (first && territory.lineOf(first.path, first.line)) ?? "";
  const rest = first ? line.slice(Math.max(0, first.column - 1)) : line;
  const callee = /^(?:new\s+)?([\w$.]+)/.exec(rest)?.[1] ?? "the expression";
  return message.replace(/\(?(?:intermediate value|__moose_\w+)\(\.\.\.\)\)?/g, callee);
}

function messageOf(error: Error): string {
  try {
    return String(error.message);
  } catch {
    return "an error whose message cannot be read";
  }
}

function nameOf(error: Error): string {
  try {
    return String(error.name);
  } catch {
    return "Error";
  }
}

function shorten(text: string): string {
  return text.length > maximumMessageCharacters ? `${text.slice(0, maximumMessageCharacters)}…` : text;
}

const frameLine = /^\s+at (?:.* \()?(.+?):(\d+):(\d+)\)?$/;

function framesOf(error: Error): readonly Frame[] {
  let stack: unknown;
  try {
    stack = error.stack;
  } catch {
    return [];
  }
  if (typeof stack !== "string") return [];
  return stack.split("\n").flatMap((shown) => {
    const match = frameLine.exec(shown);
    if (!match?.[1]) return [];
    const path = match[1].replace(/^async /, "");
    return [
      {
        path: path.startsWith("file:") ? fileURLToPath(path) : path,
        line: Number(match[2]),
        column: Number(match[3]),
        shown: shown.trim(),
      },
    ];
  });
}
