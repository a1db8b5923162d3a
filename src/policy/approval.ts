// What a person has to approve where nobody sits beside: in moose prod without a reviewed plan file.

import { LifeCycle } from "../infra/lifecycle.js";
import { sha256 } from "../infra/sha256.js";
import { isOnSqlResource, isOnView, type Operation } from "../plan/operation.js";
import type { Verdict } from "./verdict.js";

/** What was said of one operation. */
export interface Decision {
  readonly decision: "approved" | "rejected";
  /** Who said so. */
  readonly by: string;
}

export interface ApprovalPolicy {
  /** By the operation's fingerprint. */
  readonly decisions: ReadonlyMap<string, Decision>;
  /** Destructive operations need nobody's approval, as `migration_config.prod_auto_allow_destructive` says. */
  readonly allowDestructive: boolean;
}

/** Names an operation by what it does: one with other statements is another, and needs an approval of its own. */
export function operationFingerprint(operation: Operation): string {
  const { kind, cause, steps } = operation;
  const text = JSON.stringify([kind, cause, steps.map(({ sql }) => sql), lifeCycleOf(operation)]);
  return sha256(text, 32);
}

/** The one that the code declares. */
export function lifeCycleOf(operation: Operation): LifeCycle {
  if (isOnSqlResource(operation)) return LifeCycle.FULLY_MANAGED;
  return isOnView(operation) ? operation.view.lifeCycle : operation.table.lifeCycle;
}

/**
 * A verdict where the operation may not go on by itself.
 *
 * @param applied - the lifecycle under which the object was last applied
 */
export function awaitsApproval(
  operation: Operation,
  applied: LifeCycle | undefined,
  { decisions, allowDestructive }: ApprovalPolicy,
): Verdict | undefined {
  const why = approvalReason(operation, applied, allowDestructive);
  return why === undefined ? undefined : unlessApproved(why, decisions.get(operationFingerprint(operation)));
}

/** The verdict on what needs an approval, after what was said of it. */
export function unlessApproved(why: string, said: Decision | undefined): Verdict | undefined {
  if (said?.decision === "approved") return undefined;
  if (said?.decision === "rejected") {
    return {
      decision: "blocked",
      code: "rejected",
      reason: `${why}, and ${said.by} has rejected it`,
      unblock: "change the code, or approve it after all",
    };
  }
  return {
    decision: "blocked",
    code: "needs-approval",
    reason: why,
    unblock:
      "approve it on the status page or by POST /admin/plan/:id/approve, or commit a migrations/plan.yaml",
  };
}

function approvalReason(
  operation: Operation,
  applied: LifeCycle | undefined,
  allowDestructive: boolean,
): string | undefined {
  if (operation.destructive) {
    const isWeakened =
      applied === LifeCycle.DELETION_PROTECTED &&
      lifeCycleOf(operation) === LifeCycle.FULLY_MANAGED &&
      operation.kind !== "DropTable";
    if (isWeakened)
      return `this destroys data of ${operation.address}, whose protection is lifted in the same change`;
    return allowDestructive ? undefined : `this destroys data of ${operation.address}`;
  }
  if (operation.kind === "DropMaterializedView" && operation.isReplaced)
    return `${operation.address} is made anew, and rows that are inserted meanwhile do not pass through it`;
  return operation.cost === "rebuild" && operation.stake?.rows !== 0
    ? `${operation.address} is written anew, which is costly`
    : undefined;
}
