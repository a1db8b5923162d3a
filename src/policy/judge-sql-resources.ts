// The verdicts on statements of the user's own.

import type { Address } from "../infra/address.js";
import { LifeCycle } from "../infra/lifecycle.js";
import { isOnSqlResource, type Operation } from "../plan/operation.js";
import type { SqlResourceOperation } from "../plan/sql-resource-operation.js";
import { destroys } from "../sql/destroys.js";
import { mentions } from "../sql/mentions.js";
import { natureOf } from "../sql/statement-nature.js";
import { type ApprovalPolicy, awaitsApproval } from "./approval.js";
import type { Ownership } from "./ownership.js";
import type { Verdict } from "./verdict.js";

/** @param operations - all of the plan: a setup waits for the teardown of what it replaces */
export function verdictOnSqlResource(
  operation: SqlResourceOperation,
  operations: readonly Operation[],
  owned: Ownership,
  approvals?: ApprovalPolicy,
): Verdict {
  const teardown = operations
    .filter(isOnSqlResource)
    .find((one) => one.address === operation.address && one.kind === "TearDownSqlResource");
  const both = teardown === undefined || teardown === operation ? [operation] : [teardown, operation];
  const refusals = both.flatMap((one) => {
    const verdict =
      unknownOutcome(one) ??
      protectedTable(one, owned) ??
      (approvals && awaitsApproval(one, undefined, approvals));
    return verdict === undefined ? [] : [verdict];
  });
  return refusals[0] ?? { decision: "apply" };
}

/** Nothing shows what a statement of the user's own has done, so that it is not sent twice where that could do harm. */
function unknownOutcome({ isBegun, steps, address, resource }: SqlResourceOperation): Verdict | undefined {
  const sql = steps[0]?.sql ?? "";
  if (!isBegun || natureOf(sql).repeatable) return undefined;
  return {
    decision: "blocked",
    code: "unknown-outcome",
    reason: `a statement of ${address} was sent and its answer was lost; it is not sent again, for that could apply it twice: ${sql}`,
    unblock: `look at the data; then write the statement in ${resource.name} so that it may be repeated, or declare the resource under another name`,
  };
}

/** A lifecycle holds for statements too that the user has written. */
function protectedTable(operation: SqlResourceOperation, owned: Ownership): Verdict | undefined {
  const texts = operation.steps.map(({ sql }) => sql).filter(destroys);
  const found = [...owned].find(
    ([address, { lifeCycle }]) =>
      lifeCycle !== LifeCycle.FULLY_MANAGED && texts.some((text) => mentions(text, nameIn(address))),
  );
  if (found === undefined) return undefined;
  const [address, { lifeCycle }] = found;
  return {
    decision: "blocked",
    code: lifeCycle === LifeCycle.DELETION_PROTECTED ? "deletion-protected" : "externally-managed",
    reason: `${address} is ${lifeCycle}, and a statement of ${operation.address} would destroy data of it`,
    unblock: `take the statement out of ${operation.resource.name}, or give the table another lifeCycle`,
  };
}

function nameIn(address: Address): string {
  return address.slice(address.lastIndexOf(".") + 1).replaceAll("`", "");
}
