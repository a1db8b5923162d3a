// judge: sets a verdict beside each operation of a plan, by lifecycle, ownership and what the evidence says.

import type { Address } from "../infra/address.js";
import { LifeCycle } from "../infra/lifecycle.js";
import { isOnSqlResource, isOnView, type OperationOnTable, type Plan } from "../plan/operation.js";
import { engineName, storesRows } from "../sql/engine.js";
import { type ApprovalPolicy, awaitsApproval } from "./approval.js";
import { inView } from "./dependence.js";
import { verdictOnSqlResource } from "./judge-sql-resources.js";
import { verdictOnView } from "./judge-views.js";
import type { OwnedTable, Ownership } from "./ownership.js";
import type { JudgedOperation, JudgedPlan, Verdict } from "./verdict.js";

export type { OwnedTable, Ownership } from "./ownership.js";

/**
 * Sets the verdicts.
 *
 * @param approvals - what a person has said of operations that need it; without, as in `moose dev`, nobody is asked,
 *   and whatever is allowed is applied
 */
export function judge(plan: Plan, owned: Ownership, approvals?: ApprovalPolicy): JudgedPlan {
  const ours = withRenames(plan, owned);
  const byTable = new Map<Address, JudgedOperation[]>();
  for (const operation of plan.operations) {
    const verdict = isOnSqlResource(operation)
      ? verdictOnSqlResource(operation, plan.operations, ours, approvals)
      : isOnView(operation)
        ? verdictOnView(operation, plan.operations, ours, approvals)
        : verdictOn(operation, ours, approvals);
    const judged = { operation, verdict };
    const group = byTable.get(operation.address);
    if (group === undefined) byTable.set(operation.address, [judged]);
    else group.push(judged);
  }
  const verdicts = new Map(
    [...byTable.values()].flatMap(inView).map((judged) => [judged.operation, judged] as const),
  );
  return { operations: plan.operations.flatMap((operation) => verdicts.get(operation) ?? []) };
}

/** A table that is to be renamed is ours under its new address too. */
function withRenames({ operations }: Plan, owned: Ownership): Ownership {
  if (!operations.some(({ kind }) => kind === "RenameTable")) return owned;
  const ours = new Map(owned);
  for (const operation of operations) {
    const table = operation.kind === "RenameTable" ? owned.get(operation.from) : undefined;
    if (table !== undefined) ours.set(operation.address, table);
  }
  return ours;
}

function verdictOn(
  operation: OperationOnTable,
  owned: Ownership,
  approvals: ApprovalPolicy | undefined,
): Verdict {
  return (
    externallyManaged(operation, owned) ??
    notMadeByMoose(operation, owned) ??
    deletionProtected(operation, owned) ??
    renamedBeside(operation) ??
    stillRead(operation) ??
    needsRebuild(operation) ??
    valuesDoNotFit(operation) ??
    (approvals && awaitsApproval(operation, owned.get(operation.address)?.lifeCycle, approvals)) ?? {
      decision: "apply",
    }
  );
}

/** Removal from code is judged by the lifecycle last applied, everything else by the code's. */
function lifeCycleOf(operation: OperationOnTable, owned: Ownership): LifeCycle {
  const applied = owned.get(operation.address)?.lifeCycle;
  return operation.kind === "DropTable" && applied !== undefined ? applied : operation.table.lifeCycle;
}

function externallyManaged(operation: OperationOnTable, owned: Ownership): Verdict | undefined {
  if (lifeCycleOf(operation, owned) !== LifeCycle.EXTERNALLY_MANAGED) return undefined;
  return {
    decision: "blocked",
    code: "externally-managed",
    reason:
      operation.kind === "CreateTable"
        ? `${operation.address} is EXTERNALLY_MANAGED and does not exist`
        : `${operation.address} is EXTERNALLY_MANAGED and differs from the code`,
    unblock: "change it in ClickHouse yourself, or give it another lifeCycle",
  };
}

function notMadeByMoose(operation: OperationOnTable, owned: Ownership): Verdict | undefined {
  if (operation.kind === "CreateTable") return undefined;
  const table = owned.get(operation.address);
  if (table === undefined) {
    return {
      decision: "blocked",
      code: "not-made-by-moose",
      reason: `${operation.address} exists already and was not made by moose`,
      unblock: `adopt it with --adopt ${operation.address}, or declare it LifeCycle.EXTERNALLY_MANAGED`,
      adopts: operation.address,
    };
  }
  const foreign = droppedColumns(operation).find((name) => !table.columns.has(name));
  if (foreign !== undefined) {
    return {
      decision: "blocked",
      code: "not-made-by-moose",
      reason: `column ${foreign} of ${operation.address} was not made by moose`,
      unblock: "declare it in the row type, or drop it yourself",
    };
  }
  const part = goneParts(operation).find(({ kind, name }) => !madeParts(table, kind).has(name));
  if (part === undefined) return undefined;
  return {
    decision: "blocked",
    code: "not-made-by-moose",
    reason: `${part.kind} ${part.name} of ${operation.address} was not made by moose`,
    unblock: `declare it in the ${lists[part.kind]} of the table, or drop it yourself`,
  };
}

interface PartName {
  readonly kind: "index" | "projection" | "constraint";
  readonly name: string;
}

const lists = { index: "indexes", projection: "projections", constraint: "constraints" } as const;
const kindsOfParts = ["index", "projection", "constraint"] as const;

function madeParts(table: OwnedTable, kind: PartName["kind"]): ReadonlySet<string> {
  return table[lists[kind]];
}

/** Indexes and projections that nobody has any more when the operation is done. One of a declared name is the code's to change. */
function goneParts(operation: OperationOnTable): readonly PartName[] {
  switch (operation.kind) {
    case "DropTableIndex":
      return operation.isReplaced ? [] : [{ kind: "index", name: operation.index.name }];
    case "DropTableProjection":
      return operation.isReplaced ? [] : [{ kind: "projection", name: operation.projection.name }];
    case "DropTableConstraint":
      return operation.isReplaced ? [] : [{ kind: "constraint", name: operation.constraint.name }];
    case "RecreateTable": {
      const { before, table } = operation;
      return kindsOfParts.flatMap((kind) =>
        undeclared(before[lists[kind]], table[lists[kind]]).map((name) => ({ kind, name })),
      );
    }
    default:
      return [];
  }
}

type Named = readonly { readonly name: string }[];

function undeclared(found: Named, declared: Named): readonly string[] {
  const kept = new Set(declared.map(({ name }) => name));
  return found.map(({ name }) => name).filter((name) => !kept.has(name));
}

/** Columns that are no more when the operation is done. */
function droppedColumns(operation: OperationOnTable): readonly string[] {
  if (operation.kind === "DropTableColumn") return [operation.column.name];
  if (operation.kind !== "RecreateTable") return [];
  return undeclared(operation.before.columns, operation.table.columns);
}

function deletionProtected(operation: OperationOnTable, owned: Ownership): Verdict | undefined {
  if (!operation.destructive || lifeCycleOf(operation, owned) !== LifeCycle.DELETION_PROTECTED)
    return undefined;
  return {
    decision: "blocked",
    code: "deletion-protected",
    reason: `${operation.address} is DELETION_PROTECTED and this would destroy data`,
    unblock:
      operation.kind === "DropTable"
        ? "declare it again as LifeCycle.FULLY_MANAGED and save, then remove it"
        : "set lifeCycle: LifeCycle.FULLY_MANAGED on the table",
  };
}

/** What was to be renamed is not dropped because its new name was there first: nobody said that its values may go. */
function renamedBeside(operation: OperationOnTable): Verdict | undefined {
  const names = namesBeside(operation);
  if (names === undefined) return undefined;
  const [old, taken] = names;
  return {
    decision: "blocked",
    code: "new-name-taken",
    reason: `${old} was to be renamed to ${taken}, which exists beside it`,
    unblock: `bring what ${old} holds into ${taken} and drop it yourself, or take out the mark of the rename to have it dropped`,
  };
}

function namesBeside(operation: OperationOnTable): readonly [string, string] | undefined {
  if (operation.kind === "DropTable")
    return operation.successor === undefined ? undefined : [operation.address, operation.successor];
  if (operation.kind !== "DropTableColumn") return undefined;
  const { name } = operation.column;
  const successor = operation.table.columns.find(({ renamedFrom }) => renamedFrom === name);
  return successor && [`column ${name} of ${operation.address}`, successor.name];
}

/** A view of the code would be left without its table. */
function stillRead(operation: OperationOnTable): Verdict | undefined {
  if (operation.kind !== "DropTable" || operation.readBy === undefined) return undefined;
  return {
    decision: "blocked",
    code: "still-in-use",
    reason: `${operation.address} is used by the view ${operation.readBy}, which stays`,
    unblock: `change or remove ${operation.readBy} too, or declare the table again`,
  };
}

function needsRebuild(operation: OperationOnTable): Verdict | undefined {
  if (operation.kind !== "RecreateTable" || operation.stake?.rows === 0) return undefined;
  if (!storesRows(operation.before.engine)) return undefined;
  const { stake, address } = operation;
  const isUncounted = stake !== undefined && Number.isNaN(stake.rows);
  const holds = isUncounted
    ? `the server does not tell whether ${address} holds rows`
    : `${address} holds ${stake === undefined ? "rows" : `${stake.rows} rows`}`;
  const empty = isUncounted ? "drop the table by hand if it holds none" : "empty the table";
  return {
    decision: "blocked",
    code: "needs-rebuild",
    reason: `${refuser(operation)} cannot change this in place, and ${holds}`,
    unblock: `take the change back, ${empty}, or declare a table of another name and copy the rows`,
  };
}

/** Who it is that cannot: ClickHouse, or the one engine. */
function refuser({ before, differences }: Extract<OperationOnTable, { kind: "RecreateTable" }>): string {
  const isLimit = differences.every(({ aspect }) => aspect === "engine's limit");
  return isLimit ? `the engine ${engineName(before.engine)}` : "ClickHouse";
}

function valuesDoNotFit(operation: OperationOnTable): Verdict | undefined {
  if (operation.kind !== "ModifyTableColumn" || operation.failing === undefined) return undefined;
  const { failing, from, to } = operation;
  const unblock = `correct these values first, or keep ${from.name} as ${from.type} and add a field`;
  if (failing.refusal !== undefined) {
    return {
      decision: "blocked",
      code: "values-do-not-fit",
      reason: `ClickHouse cannot turn ${to.name} from ${from.type} into ${to.type}: ${failing.refusal}`,
      unblock: `keep ${from.name} as ${from.type} and add a field`,
    };
  }
  const shown = failing.examples.map((example) => `'${example}'`).join(", ");
  return {
    decision: "blocked",
    code: "values-do-not-fit",
    reason: `${failing.count} ${failing.count === 1 ? "value" : "values"} of ${to.name} cannot become ${to.type}: ${shown}`,
    unblock,
  };
}
