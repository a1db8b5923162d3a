// Reads one .env file: its variables with their lines, and the lines that make no sense.

import { parseEnv } from "node:util";
import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";

export interface EnvVariable {
  readonly name: string;
  readonly value: string;
  readonly place: SourcePlace;
}

export interface EnvFile {
  readonly variables: readonly EnvVariable[];
  readonly diagnostics: readonly Diagnostic[];
}

const assignment = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_.-]*)(\s*=[ \t]*)/;

/**
 * The variables of a .env text. Each one is cut out first and read by Node's parser on its own: that parser
 * tells no lines, and one bad line would change what it makes of the next.
 */
export function parseEnvFile(file: string, text: string): EnvFile {
  const variables: EnvVariable[] = [];
  const diagnostics: Diagnostic[] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; ) {
    const entry = readEntry(lines, index);
    const place = { file, line: index + 1, column: entry.column };
    if (entry.kind === "bad") diagnostics.push(badLine(place, entry.reason));
    if (entry.kind === "variable") variables.push({ name: entry.name, value: entry.value, place });
    index += entry.kind === "variable" ? entry.lines : 1;
  }
  return { variables, diagnostics };
}

type Entry =
  | { readonly kind: "blank"; readonly column: number }
  | { readonly kind: "bad"; readonly column: number; readonly reason: string }
  | {
      readonly kind: "variable";
      readonly column: number;
      readonly name: string;
      readonly value: string;
      readonly lines: number;
    };

function readEntry(lines: readonly string[], index: number): Entry {
  const line = lines[index] ?? "";
  if (/^\s*(#|$)/.test(line)) return { kind: "blank", column: 1 };
  const [, indent, name, equals] = assignment.exec(line) ?? [];
  if (indent === undefined || name === undefined || equals === undefined) {
    const column = line.length - line.trimStart().length + 1;
    return { kind: "bad", column, reason: "it is not of the form `NAME=value`" };
  }
  const column = indent.length + 1;
  const count = linesOfValue(lines, index, indent.length + name.length + equals.length);
  if (count === undefined) return { kind: "bad", column, reason: "its quote is never closed" };
  const body = [line.slice(indent.length), ...lines.slice(index + 1, index + count)].join("\n");
  return { kind: "variable", column, name, value: readValue(name, body), lines: count };
}

/** Blanks at the end of a value without quotes do not count; not all versions of Node drop them. */
function readValue(name: string, body: string): string {
  const text = body.slice(body.indexOf("=") + 1).trim();
  if (text === "") return "";
  const value = Object.entries(parseEnv(`${body}\n`)).find(([key]) => key === name)?.[1] ?? "";
  return /^["'`]/.test(text) ? value : value.trim();
}

/** How many lines the value takes: more than one only where a quote is closed on a later one. */
function linesOfValue(lines: readonly string[], index: number, start: number): number | undefined {
  const quote = lines[index]?.[start] ?? "";
  if (quote === "" || !"\"'`".includes(quote)) return 1;
  if (lines[index]?.includes(quote, start + 1)) return 1;
  const closing = lines.findIndex((line, at) => at > index && line.includes(quote));
  return closing === -1 ? undefined : closing - index + 1;
}

function badLine(place: SourcePlace, reason: string): Diagnostic {
  return {
    code: "config/env-line",
    severity: "error",
    summary: `Line ${place.line} of ${place.file} cannot be read: ${reason}.`,
    place,
  };
}
