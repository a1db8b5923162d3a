// An expected problem, as data: what is wrong, where in the user's file, and what to do about it.

/** A place in a user's file. Line and column count from 1; `file` is relative to the project folder. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * One problem that a user can cause and mend. Problems are collected and shown together;
 * exceptions are kept for bugs and lost connections.
 */
export interface Diagnostic {
  /** Stable name, `room/problem` in lower case, e.g. `schema/any-type`. */
  readonly code: string;
  /** A notice says what is done otherwise than it is written, and asks for nothing. */
  readonly severity: "error" | "warning" | "notice";
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** More lines, shown below the summary. */
  readonly detail?: string | undefined;
  readonly place?: SourcePlace | undefined;
  /** What to write or do instead. */
  readonly hint?: string | undefined;
}

/** Carries diagnostics through code that must stop at once; the command that catches it shows them. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => d.summary).join("\n"));
    this.name = "DiagnosticError";
    this.diagnostics = diagnostics;
  }
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === "error");
}

/** `app/index.ts:3:7`, the form that terminals and editors turn into a link. */
export function formatPlace(place: SourcePlace): string {
  return `${place.file}:${place.line}:${place.column}`;
}
