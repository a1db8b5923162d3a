// The verdict that stands beside every operation of a plan.

import type { Operation } from "../plan/operation.js";

/** Why an operation is not done. */
export type RefusalCode =
  | "externally-managed"
  | "deletion-protected"
  | "not-made-by-moose"
  | "values-do-not-fit"
  | "needs-rebuild"
  | "new-name-taken"
  | "still-in-use"
  | "waits-for-column"
  /** A statement of the user's own was sent, and nobody knows whether it was applied. */
  | "unknown-outcome"
  /** Kafka has no such change. */
  | "not-possible"
  /** Only where a person has to agree. */
  | "needs-approval"
  | "rejected"
  /** A newer deployment has been here. */
  | "superseded";

export type Verdict =
  | { readonly decision: "apply" }
  | {
      readonly decision: "blocked";
      readonly code: RefusalCode;
      /** Why, as a sentence. */
      readonly reason: string;
      /** What would let the operation go on. */
      readonly unblock: string;
      /** The object that would have to be taken over first, where that alone is in the way. */
      readonly adopts?: string;
    };

/** An operation with its verdict; policy annotates a plan, it never takes anything out of it. */
export interface JudgedOperation {
  readonly operation: Operation;
  readonly verdict: Verdict;
}

export interface JudgedPlan {
  readonly operations: readonly JudgedOperation[];
}
