// The verdicts on operations of views.

import { LifeCycle } from "../infra/lifecycle.js";
import type { Operation } from "../plan/operation.js";
import { isOnView } from "../plan/operation.js";
import { isViewCreation, isViewDrop, type ViewOperation } from "../plan/view-operation.js";
import { type ApprovalPolicy, awaitsApproval } from "./approval.js";
import type { Ownership } from "./ownership.js";
import type { Verdict } from "./verdict.js";

/** @param operations - all of the plan: a view that is made in place of another waits for that one to be dropped */
export function verdictOnView(
  operation: ViewOperation,
  operations: readonly Operation[],
  owned: Ownership,
  approvals?: ApprovalPolicy,
): Verdict {
  const dropped = operations
    .filter(isOnView)
    .find((one) => one.address === operation.address && isReplaced(one));
  // A drop that is not allowed forbids what was to come in its place.
  const cause = dropped ?? operation;
  return (
    externallyManaged(cause, owned) ??
    notMadeByMoose(cause, owned) ??
    deletionProtected(cause, owned) ??
    (approvals && awaitsApproval(cause, owned.get(cause.address)?.lifeCycle, approvals)) ?? {
      decision: "apply",
    }
  );
}

function isReplaced(operation: ViewOperation): boolean {
  return isViewDrop(operation) && operation.isReplaced;
}

/** Removal from code is judged by the lifecycle last applied, everything else by the code's. */
function lifeCycleOf(operation: ViewOperation, owned: Ownership): LifeCycle {
  const applied = owned.get(operation.address)?.lifeCycle;
  return isViewDrop(operation) && applied !== undefined ? applied : operation.view.lifeCycle;
}

function externallyManaged(operation: ViewOperation, owned: Ownership): Verdict | undefined {
  if (lifeCycleOf(operation, owned) !== LifeCycle.EXTERNALLY_MANAGED) return undefined;
  const { address } = operation;
  const isMissing = isViewCreation(operation);
  return {
    decision: "blocked",
    code: "externally-managed",
    reason: `${address} is EXTERNALLY_MANAGED and ${isMissing ? "does not exist" : "differs from the code"}`,
    unblock: "change it in ClickHouse yourself, or give it another lifeCycle",
  };
}

function notMadeByMoose(operation: ViewOperation, owned: Ownership): Verdict | undefined {
  const { address } = operation;
  if (isViewCreation(operation) || owned.has(address)) return undefined;
  return {
    decision: "blocked",
    code: "not-made-by-moose",
    reason: `${address} exists already and was not made by moose`,
    unblock: `adopt it with --adopt ${address}, or declare it LifeCycle.EXTERNALLY_MANAGED`,
    adopts: address,
  };
}

function deletionProtected(operation: ViewOperation, owned: Ownership): Verdict | undefined {
  if (!isViewDrop(operation) || lifeCycleOf(operation, owned) !== LifeCycle.DELETION_PROTECTED)
    return undefined;
  return {
    decision: "blocked",
    code: "deletion-protected",
    reason: `${operation.address} is DELETION_PROTECTED and would be dropped`,
    unblock: operation.isReplaced
      ? "set lifeCycle: LifeCycle.FULLY_MANAGED on the view"
      : "declare it again as LifeCycle.FULLY_MANAGED and save, then remove it",
  };
}
