// What came of a migration.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { OperationResult } from "../../src/status/migration-report.js";

export type MigrateResult =
  | { readonly state: "applied"; readonly operations: readonly OperationResult[] }
  | { readonly state: "already-applied" }
  /** Nothing was changed. */
  | { readonly state: "refused"; readonly diagnostics: readonly Diagnostic[] }
  /** Some of it may have been done; another run goes on from there. */
  | {
      readonly state: "unfinished";
      readonly operations: readonly OperationResult[];
      readonly diagnostics: readonly Diagnostic[];
    };

/** An answer was lost: what was done shows when one looks again, under another epoch of the lock. */
export interface Unsure {
  readonly state: "unsure";
  readonly operations: readonly OperationResult[];
  readonly diagnostics: readonly Diagnostic[];
}
