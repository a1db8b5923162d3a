// The indexes, projections and constraints of two tables: which were added and removed. A changed one is removed and added.

import type { Table, TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import type { Change } from "./change.js";

/** Matched by name; their order is no difference. */
export function diffParts(address: string, before: Table, after: Table): readonly Change[] {
  const table = { address, before, after };
  const indexes = [before.indexes, after.indexes] as const;
  const projections = [before.projections, after.projections] as const;
  const constraints = [before.constraints, after.constraints] as const;
  return [
    ...missing(...constraints, isSameConstraint).map(
      (constraint) => ({ kind: "ConstraintRemoved", constraint, ...table }) as const,
    ),
    ...missing(...projections, isSameProjection).map(
      (projection) => ({ kind: "ProjectionRemoved", projection, ...table }) as const,
    ),
    ...missing(...indexes, isSameIndex).map((index) => ({ kind: "IndexRemoved", index, ...table }) as const),
    ...missing(indexes[1], indexes[0], isSameIndex).map(
      (index) => ({ kind: "IndexAdded", index, ...table }) as const,
    ),
    ...missing(projections[1], projections[0], isSameProjection).map(
      (projection) => ({ kind: "ProjectionAdded", projection, ...table }) as const,
    ),
    ...missing(constraints[1], constraints[0], isSameConstraint).map(
      (constraint) => ({ kind: "ConstraintAdded", constraint, ...table }) as const,
    ),
  ];
}

/** Those of `some` that are not in `others` just as they are. */
function missing<T>(some: readonly T[], others: readonly T[], isSame: (a: T, b: T) => boolean): readonly T[] {
  return some.filter((one) => !others.some((other) => isSame(one, other)));
}

export function isSameIndex(a: TableIndex, b: TableIndex): boolean {
  return (
    a.name === b.name && a.expression === b.expression && a.type === b.type && a.granularity === b.granularity
  );
}

export function isSameConstraint(a: TableConstraint, b: TableConstraint): boolean {
  return a.name === b.name && a.kind === b.kind && a.expression === b.expression;
}

export function isSameProjection(a: TableProjection, b: TableProjection): boolean {
  return a.name === b.name && a.body === b.body;
}
