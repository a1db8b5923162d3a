// How a statement of an operation is sent, and what its sender throws where it was not confirmed.

import type { Operation, Step } from "../../src/plan/operation.js";

/** Sends a statement of an operation; the step counts from 0. */
export type SendStep = (
  operation: Operation,
  step: number,
  statement: Step & {
    /** Whether a refusal that says "it is so already" counts as done. Default: true. */
    readonly mayBeDone?: boolean;
  },
) => Promise<void>;

/** The server refused a statement, and nothing of it was applied. */
export class StepRefused extends Error {
  readonly code: number | undefined;
  constructor(reason: string, code: number | undefined) {
    super(reason);
    this.code = code;
  }
}

/** Nobody can say whether a statement was applied; one has to look. */
export class StepUnknown extends Error {}

/** The command was told to stop; the next statement was not sent. */
export class Interrupted extends Error {}
