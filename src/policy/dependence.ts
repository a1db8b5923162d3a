// Operations of one table that cannot be done because another one is not: the second look at their verdicts.

import type { Operation, TablePart } from "../plan/operation.js";
import { mentions } from "../sql/mentions.js";
import type { JudgedOperation, Verdict } from "./verdict.js";

/**
 * The verdicts of one table, each in view of the others. A verdict only ever turns from apply to blocked, so looking
 * again until nothing changes comes to an end.
 */
export function inView(judged: readonly JudgedOperation[]): readonly JudgedOperation[] {
  const next = judged.map((one, position): JudgedOperation => {
    if (one.verdict.decision === "blocked") return one;
    return { operation: one.operation, verdict: verdictInView(one.operation, judged, position) };
  });
  return next.every((one, position) => one.verdict.decision === judged[position]?.verdict.decision)
    ? next
    : inView(next);
}

function verdictInView(operation: Operation, judged: readonly JudgedOperation[], position: number): Verdict {
  const earlier = judged.slice(0, position);
  return (
    stillComputedFrom(operation, earlier) ??
    stillInTheWay(operation, earlier) ??
    waitsForColumn(operation, judged) ??
    waitsForTwin(operation, judged) ?? { decision: "apply" }
  );
}

/** The column that the operation drops, changes or renames, as it is now. */
function touchedColumn(operation: Operation): string {
  if (operation.kind === "DropTableColumn") return operation.column.name;
  return operation.kind === "ModifyTableColumn" || operation.kind === "RenameTableColumn"
    ? operation.from.name
    : "";
}

function isApplied({ verdict }: JudgedOperation): boolean {
  return verdict.decision === "apply";
}

function stillInUse(operation: Operation, user: string, stays: string): Verdict {
  return {
    decision: "blocked",
    code: "still-in-use",
    reason: `${user} of ${operation.address} is computed from ${touchedColumn(operation)} and stays for now`,
    unblock: `see to ${stays} first`,
  };
}

/** The values of a column cannot go while another that stays as it is, because its own change is blocked, is computed from it. */
function stillComputedFrom(operation: Operation, earlier: readonly JudgedOperation[]): Verdict | undefined {
  if (operation.kind !== "DropTableColumn" && operation.kind !== "ModifyTableColumn") return undefined;
  const settled = new Set(
    earlier
      .filter(isApplied)
      .flatMap(({ operation: o }) =>
        o.kind === "DropTableColumn" ? [o.column.name] : o.kind === "ModifyTableColumn" ? [o.to.name] : [],
      ),
  );
  const user = operation.usedBy.find((one) => !settled.has(one));
  return user === undefined ? undefined : stillInUse(operation, `column ${user}`, user);
}

/** The same for an index or a projection that has to be gone first. */
function stillInTheWay(operation: Operation, earlier: readonly JudgedOperation[]): Verdict | undefined {
  if (!("inTheWay" in operation)) return undefined;
  const applied = earlier.filter(isApplied);
  const user = operation.inTheWay.leaving.find((part) => !applied.some((one) => drops(one.operation, part)));
  if (user === undefined) return undefined;
  return stillInUse(operation, `${user.kind} ${user.part.name}`, user.part.name);
}

function drops(operation: Operation, { kind, part }: TablePart): boolean {
  if (kind === "index") return operation.kind === "DropTableIndex" && operation.index.name === part.name;
  if (kind === "constraint")
    return operation.kind === "DropTableConstraint" && operation.constraint.name === part.name;
  return operation.kind === "DropTableProjection" && operation.projection.name === part.name;
}

/** What needs a column by its new name, or an index over its new type, waits for it. */
function waitsForColumn(operation: Operation, judged: readonly JudgedOperation[]): Verdict | undefined {
  const pending = judged.find(
    (one) => !isApplied(one) && one.operation !== operation && needs(operation, one.operation),
  );
  return pending && waits(operation, touchedColumn(pending.operation));
}

function needs(operation: Operation, pending: Operation): boolean {
  if (pending.kind === "RenameTableColumn")
    return operation.steps.some(({ sql }) => mentions(sql, pending.to.name));
  if (pending.kind !== "ModifyTableColumn") return false;
  if (operation.kind === "AddTableIndex") return mentions(operation.index.expression, pending.to.name);
  if (operation.kind === "AddTableConstraint")
    return mentions(operation.constraint.expression, pending.to.name);
  return operation.kind === "AddTableProjection" && mentions(operation.projection.body, pending.to.name);
}

/** An index that is changed is only dropped when its new form can be made. */
function waitsForTwin(operation: Operation, judged: readonly JudgedOperation[]): Verdict | undefined {
  const twin = judged.find((one) => isTwin(operation, one.operation));
  return twin === undefined || twin.verdict.decision === "apply" ? undefined : twin.verdict;
}

function isTwin(drop: Operation, add: Operation): boolean {
  switch (drop.kind) {
    case "DropTableIndex":
      return add.kind === "AddTableIndex" && add.index.name === drop.index.name;
    case "DropTableProjection":
      return add.kind === "AddTableProjection" && add.projection.name === drop.projection.name;
    case "DropTableConstraint":
      return add.kind === "AddTableConstraint" && add.constraint.name === drop.constraint.name;
    default:
      return false;
  }
}

function waits(operation: Operation, column: string): Verdict {
  return {
    decision: "blocked",
    code: "waits-for-column",
    reason: `column ${column} of ${operation.address} is not yet as the code has it, and this needs it`,
    unblock: `see to ${column} first`,
  };
}
