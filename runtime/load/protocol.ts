// The messages between moose and the process that runs user code. They travel as JSON.

import type { Registration } from "../../src/declare/registration.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { SourceText } from "./source-text.js";

/**
 * How user code is run. `modules`: each file is a module of its own, and after an edit only the changed files
 * and their importers run again. `bundle`: all files become one ES module that a fresh process runs, slower,
 * for code that awaits at top level.
 */
export type RunMode = "modules" | "bundle";

/** What a child is told when it is forked. Paths are absolute. */
export interface ChildSettings {
  readonly root: string;
  readonly entry: string;
  readonly library: string;
  readonly mode: RunMode;
  /** Of the process that forks; without it the child has no reason to go on. */
  readonly parentPid: number;
}

/** Bring yourself to this text and run it. */
export interface LoadRequest {
  readonly id: number;
  readonly changed: readonly SourceText[];
  readonly removed: readonly string[];
}

/** What came of it. */
export type LoadReply =
  | {
      readonly type: "loaded";
      readonly id: number;
      readonly registrations: readonly Registration[];
      readonly rssBytes: number;
    }
  | {
      readonly type: "failed";
      readonly id: number;
      readonly diagnostics: readonly Diagnostic[];
      readonly rssBytes: number;
      /** Set when only `bundle` can run this code. */
      readonly awaits?: AwaitsAtTopLevel | undefined;
      /** The process itself is unfit, for instance because the tsconfig could not be read. */
      readonly unfit?: boolean | undefined;
    };

/** Who awaits at top level: a file of the user's (absolute path), or a dependency (no path). */
export interface AwaitsAtTopLevel {
  readonly path: string | undefined;
  readonly summary: string;
}

export type ChildMessage =
  | { readonly type: "ready" }
  | LoadReply
  /** Something went wrong outside of a load. */
  | { readonly type: "problem"; readonly diagnostic: Diagnostic };
