// Line and column of a position in a text, and diagnostics that carry them.

import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";

/** Counted from 1. */
export function placeAt(file: string, text: string, offset: number): SourcePlace {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    start = at + 1;
  }
  return { file, line, column: offset - start + 1 };
}

export function problemAt(code: string, place: SourcePlace, summary: string, hint?: string): Diagnostic {
  return { code, severity: "error", summary, place, hint };
}

export function problemOf(code: string, file: string, summary: string, hint?: string): Diagnostic {
  return problemAt(code, { file, line: 1, column: 1 }, summary, hint);
}
