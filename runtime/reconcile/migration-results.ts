// What has become of each operation of a migration so far, and how a part of it ended.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { OperationResult } from "../../src/status/migration-report.js";
import type { Outcome } from "../../src/status/report.js";
import { type MigrationSource, subjectOf } from "./migration.js";

/** How a part of a migration ended. */
export type End =
  | { readonly kind: "done" }
  /** Answers were lost: look, and go on. */
  | { readonly kind: "look"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "failed"; readonly diagnostics: readonly Diagnostic[] };

export class MigrationResults {
  readonly #source: MigrationSource;
  readonly #results = new Map<number, OperationResult>();

  constructor(source: MigrationSource) {
    this.#source = source;
  }

  get all(): readonly OperationResult[] {
    return [...this.#results.values()].sort((a, b) => a.index - b.index);
  }

  has(index: number): boolean {
    return this.#results.has(index);
  }

  of(index: number): OperationResult {
    const result = this.#results.get(index);
    if (result === undefined) throw new Error(`operation ${index} has no result`);
    return result;
  }

  /** An operation of several statements adds up their times. */
  note(index: number, state: OperationResult["state"], durationMs = 0, reason?: string): void {
    const operation = this.#source.operations[index];
    if (operation === undefined) return;
    const totalMs = (this.#results.get(index)?.durationMs ?? 0) + durationMs;
    const { kind } = operation;
    const subject = subjectOf(operation);
    this.#results.set(index, { index, kind, subject, state, durationMs: totalMs, reason });
  }
}

interface Ended {
  readonly subject: string;
  readonly outcome: Outcome;
}

/** A failure weighs more than an answer that was lost: nothing is gained by looking again. */
export function endOf(ended: readonly Ended[]): End {
  const failed = problemsOf(ended, "failed");
  if (failed.length > 0) return { kind: "failed", diagnostics: failed };
  const unknown = problemsOf(ended, "unknown");
  return unknown.length > 0 ? { kind: "look", diagnostics: unknown } : { kind: "done" };
}

function problemsOf(ended: readonly Ended[], state: "failed" | "unknown"): readonly Diagnostic[] {
  return ended.flatMap(({ subject, outcome }) =>
    outcome.state === state && "reason" in outcome
      ? [
          {
            code: state === "failed" ? "reconcile/failed-operation" : "reconcile/lost-answer",
            severity: "error",
            summary: state === "failed" ? `${subject} failed` : `the answer to ${subject} was lost`,
            detail: outcome.reason,
            hint: "mend the cause and run moose migrate again: it goes on from here",
          } as const,
        ]
      : [],
  );
}
