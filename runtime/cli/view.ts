// What a command shows: two views of the same values, one for people and one of JSON lines.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { Operation } from "../../src/plan/operation.js";
import type { RoundReport } from "../../src/status/report.js";

/** Where `moose dev` can be reached and what it looks at. */
export interface ReadyInfo {
  readonly url: string;
  readonly database: string;
  readonly version: string;
  readonly embedded: boolean;
  readonly folder: string;
  readonly startMs: number;
  readonly tables: number;
}

/** One round, with the time from the first save event to the verified result. */
export interface RoundInfo {
  readonly report: RoundReport;
  readonly durationMs: number;
  /** Files whose change led to the round, relative to the project; none for the first. */
  readonly files: readonly string[];
}

/** Everything that is shown goes through one of these. */
export interface View {
  starting(folder: string): void;
  ready(info: ReadyInfo): void;
  round(info: RoundInfo): void;
  /** Problems that keep the database as it is. */
  problems(diagnostics: readonly Diagnostic[], kept: boolean): void;
  /** A long operation is under way. */
  progress(operation: Operation, partsToDo: number | undefined): void;
  /** A line that user code printed. */
  output(line: string): void;
  /** Something that happened besides: an engine that restarts, a lost connection. */
  notice(text: string): void;
  stopped(): void;
}
