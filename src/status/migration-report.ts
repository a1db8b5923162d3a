// What became of the operations of a migration: what terminal and JSON show.

import type { Outcome } from "./report.js";

export interface OperationResult {
  /** Place in the migration, from 0. */
  readonly index: number;
  readonly kind: string;
  /** `local.events`, or what the file says of a statement. */
  readonly subject: string;
  /** `done-before`: by an earlier run. */
  readonly state: Outcome["state"] | "done-before";
  readonly durationMs: number;
  readonly reason: string | undefined;
}
