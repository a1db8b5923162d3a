// Operations on indexes, projections and constraints, and renames.

import { isSameConstraint, isSameIndex, isSameProjection } from "../diff/diff-parts.js";
import { addressOf } from "../infra/address.js";
import {
  addConstraint,
  addIndex,
  addProjection,
  dropConstraint,
  dropIndex,
  dropProjection,
  renameColumn,
  renameTable,
} from "../sql/alter-table.js";
import type { Evidence } from "./evidence.js";
import type { OperationOnTable as Operation } from "./operation.js";
import { type ChangeOf, metadataBase } from "./operation-base.js";
import { addSteps, forgottenIndexSteps, projectionsNaming, withoutParts } from "./parts.js";

type PartAdded = ChangeOf<"IndexAdded"> | ChangeOf<"ProjectionAdded">;
type PartRemoved = ChangeOf<"IndexRemoved"> | ChangeOf<"ProjectionRemoved">;

export function addPartOperation(change: PartAdded, evidence: Evidence): Operation {
  const { before, after, address } = change;
  const built = { cost: "mutation", stake: evidence.sizes.get(address) } as const;
  if (change.kind === "IndexAdded") {
    const { index } = change;
    const isChanged = before.indexes.some((one) => one.name === index.name);
    const undo = dropIndex(after, index.name);
    return {
      ...metadataBase(change, isChanged ? "the index differs" : "declared in code", []),
      ...built,
      kind: "AddTableIndex",
      index,
      steps: addSteps(after, { kind: "index", part: index }),
      undo,
      repair: [undo],
    };
  }
  const { projection } = change;
  const isChanged = before.projections.some((one) => one.name === projection.name);
  const undo = dropProjection(after, projection.name);
  return {
    ...metadataBase(change, isChanged ? "the projection differs" : "declared in code", []),
    ...built,
    kind: "AddTableProjection",
    projection,
    steps: addSteps(after, { kind: "projection", part: projection }),
    undo,
    repair: [undo],
  };
}

export function dropPartOperation(change: PartRemoved): Operation {
  const { after } = change;
  if (change.kind === "IndexRemoved") {
    const { index } = change;
    const isReplaced = after.indexes.some((one) => one.name === index.name && !isSameIndex(one, index));
    const reason = isReplaced ? "the index differs" : "no longer in code";
    const base = metadataBase(change, reason, [dropIndex(after, index.name)]);
    const forgotten = forgottenIndexSteps(change, [index.name]);
    return {
      ...base,
      kind: "DropTableIndex",
      index,
      isReplaced,
      cost: forgotten.length > 0 ? "mutation" : base.cost,
      steps: [...base.steps, ...forgotten],
      undo: addIndex(after, index),
    };
  }
  const { projection } = change;
  const isReplaced = after.projections.some(
    (one) => one.name === projection.name && !isSameProjection(one, projection),
  );
  const reason = isReplaced ? "the projection differs" : "no longer in code";
  return {
    ...metadataBase(change, reason, [dropProjection(after, projection.name)]),
    kind: "DropTableProjection",
    projection,
    isReplaced,
    undo: addProjection(after, projection),
  };
}

export function addConstraintOperation(change: ChangeOf<"ConstraintAdded">): Operation {
  const { before, after, constraint } = change;
  const isChanged = before.constraints.some((one) => one.name === constraint.name);
  const reason = isChanged ? "the constraint differs" : "declared in code";
  return {
    ...metadataBase(change, reason, [addConstraint(after, constraint)]),
    kind: "AddTableConstraint",
    constraint,
    undo: dropConstraint(after, constraint.name),
  };
}

export function dropConstraintOperation(change: ChangeOf<"ConstraintRemoved">): Operation {
  const { after, constraint } = change;
  const isReplaced = after.constraints.some(
    (one) => one.name === constraint.name && !isSameConstraint(one, constraint),
  );
  const reason = isReplaced ? "the constraint differs" : "no longer in code";
  return {
    ...metadataBase(change, reason, [dropConstraint(after, constraint.name)]),
    kind: "DropTableConstraint",
    constraint,
    isReplaced,
    undo: addConstraint(after, constraint),
  };
}

export function renameColumnOperation(change: ChangeOf<"ColumnRenamed">, evidence: Evidence): Operation {
  const { before, after, from, to, address } = change;
  const inTheWay = projectionsNaming(before, after, from.name);
  const base = metadataBase(change, `renamed in code`, [renameColumn(after, from.name, to.name)]);
  return {
    ...base,
    kind: "RenameTableColumn",
    from,
    to,
    inTheWay,
    cost: inTheWay.setAside.length > 0 ? "mutation" : "metadata",
    steps: withoutParts(change, inTheWay, base.steps),
    stake: evidence.sizes.get(address),
    undo: renameColumn(after, to.name, from.name),
  };
}

export function renameTableOperation(change: ChangeOf<"TableRenamed">, evidence: Evidence): Operation {
  const { renamed, before, address } = change;
  return {
    ...metadataBase(change, "renamed in code", [renameTable(renamed, before)]),
    kind: "RenameTable",
    before: renamed,
    from: addressOf(renamed),
    stake: evidence.sizes.get(address),
    undo: renameTable(before, renamed),
  };
}
