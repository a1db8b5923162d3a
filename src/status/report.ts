// The report on one round of reconciling: the one value that terminal, JSON and later the HTTP endpoints show.

import type { Diagnostic } from "../diagnostic.js";
import type { Address } from "../infra/address.js";
import type { Operation } from "../plan/operation.js";
import type { Verdict } from "../policy/verdict.js";

/** What became of one operation. */
export type Outcome =
  | { readonly state: "applied"; readonly durationMs: number }
  | { readonly state: "blocked" }
  | { readonly state: "failed"; readonly reason: string; readonly repaired: boolean }
  /** The answer was lost; whether it was applied shows when one looks. */
  | { readonly state: "unknown"; readonly reason: string }
  /** Not tried, because an earlier operation on the same table failed. */
  | { readonly state: "skipped" };

export interface OperationReport {
  readonly operation: Operation;
  readonly verdict: Verdict;
  readonly outcome: Outcome;
}

export interface RoundReport {
  readonly operations: readonly OperationReport[];
  readonly diagnostics: readonly Diagnostic[];
  /** Tables that still differ although every operation on them was applied: a fault, by name. */
  readonly unconverged: readonly Address[];
  /** Tables of the databases at hand that moose neither made nor was told of. */
  readonly unmanaged: readonly Address[];
}

export const emptyReport: RoundReport = { operations: [], diagnostics: [], unconverged: [], unmanaged: [] };
