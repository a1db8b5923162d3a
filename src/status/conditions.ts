// The four conditions of a server, made from where it stands: the same for moose dev and moose prod.

import {
  type Condition,
  type ConditionReason,
  type Conditions,
  nextCondition,
  type Phase,
} from "./server-status.js";

/** Where a server stands. */
export interface Standing {
  readonly phase: Phase;
  /** Why the phase is as it is. */
  readonly reason: ConditionReason;
  /** A sentence. */
  readonly message: string;
  /** The database is as the code says. */
  readonly isReady: boolean;
  /** Why something is not done; undefined where nothing is held up. */
  readonly blocked: ConditionReason | undefined;
  /** In which way the database was changed by others; undefined where it was not. */
  readonly drifted: ConditionReason | undefined;
}

const busy: readonly Phase[] = ["starting", "planning", "applying", "waiting-for-lock"];

/** @param before - those of the last report, whose times are kept where nothing has changed */
export function conditionsOf(standing: Standing, before: Conditions | undefined, at: string): Conditions {
  const { phase, reason, message, isReady, blocked, drifted } = standing;
  const next = (type: keyof Conditions, is: boolean, why: ConditionReason, text: string): Condition =>
    nextCondition(before?.[type], { status: is ? "True" : "False", reason: why, message: text, at });
  const unless = (why: ConditionReason | undefined): string => (why === undefined ? "" : message);
  const isBusy = busy.includes(phase);
  return {
    Ready: next("Ready", isReady && phase !== "stopping", reason, message),
    Progressing: next("Progressing", isBusy, reason, isBusy ? message : ""),
    Blocked: next("Blocked", blocked !== undefined, blocked ?? "AsDesired", unless(blocked)),
    Drifted: next("Drifted", drifted !== undefined, drifted ?? "AsDesired", unless(drifted)),
  };
}
