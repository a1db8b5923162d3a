// plan: changes in, ordered operations out.

import type { Change } from "../diff/change.js";
import { isStored } from "../diff/diff-columns.js";
import { isSameSetting } from "../diff/hidden.js";
import { isFixedSetting } from "../diff/layout.js";
import type { Column, Table } from "../infra/table.js";
import {
  addColumn,
  dropColumn,
  modifyComment,
  modifySampleBy,
  modifySettings,
  modifyTtl,
  resetSettings,
} from "../sql/alter-table.js";
import { isWidening } from "../sql/conversion.js";
import { createTable, dropEmptyTable, dropTable } from "../sql/create-table.js";
import { storesRows } from "../sql/engine.js";
import { statementName } from "../sql/quote.js";
import { shortensTtl } from "../sql/ttl.js";
import { dependsOn } from "./column-order.js";
import { deferredToLayout } from "./deferred.js";
import { columnKey, type Evidence } from "./evidence.js";
import { modifyColumnSteps, repairColumnSteps } from "./modify-column.js";
import type { OperationOnTable as Operation } from "./operation.js";
import { type ChangeOf, metadataBase } from "./operation-base.js";
import { inOrder } from "./order.js";
import {
  addConstraintOperation,
  addPartOperation,
  dropConstraintOperation,
  dropPartOperation,
  renameColumnOperation,
  renameTableOperation,
} from "./part-operations.js";
import {
  bothParts,
  constraintsOn,
  lostIndexSteps,
  noParts,
  partsNaming,
  partsOn,
  restoreParts,
  withoutParts,
} from "./parts.js";
import { ttlStep } from "./ttl-rewrite.js";

/** Operations for `changes`, in the order in which they are to be done. */
export function plan(
  changes: readonly Change[],
  evidence: Evidence,
): { readonly operations: readonly Operation[] } {
  const addresses = [...new Set(changes.map((change) => change.address))];
  const operations = addresses.flatMap((address) =>
    planTable(
      changes.filter((change) => change.address === address),
      evidence,
    ),
  );
  const drops = operations.filter((operation) => operation.kind === "DropTable");
  const others = operations.filter((operation) => operation.kind !== "DropTable");
  return {
    operations: [...others, ...drops].map((operation, index) => ({ ...operation, id: String(index + 1) })),
  };
}

function planTable(changes: readonly Change[], evidence: Evidence): readonly Operation[] {
  const layout = changes.find((change) => change.kind === "LayoutChanged") ?? newColumns(changes, evidence);
  if (layout !== undefined && holdsNoRows(layout, evidence)) {
    const renamed = changes.filter((change) => change.kind === "TableRenamed");
    return [...renamed.map((change) => operationFor(change, evidence)), recreateTable(layout, evidence)];
  }
  const deferred = layout === undefined ? [] : deferredToLayout(changes);
  return inOrder(changes.filter((change) => !deferred.includes(change))).map((change) =>
    operationFor(change, evidence),
  );
}

/** Empty, or with its rows elsewhere: it can be dropped and made anew. */
function holdsNoRows({ address, before }: ChangeOf<"LayoutChanged">, evidence: Evidence): boolean {
  return evidence.sizes.get(address)?.rows === 0 || !storesRows(before.engine);
}

/** What the server cannot do to a column is no matter for an empty table: it is made anew. */
function newColumns(changes: readonly Change[], evidence: Evidence): ChangeOf<"LayoutChanged"> | undefined {
  const retyped = changes.filter(
    (change): change is ChangeOf<"ColumnChanged"> =>
      change.kind === "ColumnChanged" && isOnlyForEmptyTable(change, evidence),
  );
  const [first] = retyped;
  if (first === undefined) return undefined;
  const aspects = retyped.map(({ from, to }) => ({
    aspect: "column type" as const,
    before: kindAndType(from),
    after: kindAndType(to),
  }));
  return { kind: "LayoutChanged", address: first.address, before: first.before, after: first.after, aspects };
}

function isOnlyForEmptyTable(change: ChangeOf<"ColumnChanged">, evidence: Evidence): boolean {
  if (evidence.sizes.get(change.address)?.rows !== 0) return false;
  return (
    evidence.inconvertible.has(columnKey(change.address, change.to.name)) || usersLeft(change).length > 0
  );
}

function kindAndType({ name, type, default: value }: Column): string {
  return value === undefined ? `${name} ${type}` : `${name} ${type} ${value.kind}`;
}

/** Columns that are computed from values which the change gives up. */
function usersLeft({ before, from, to }: ChangeOf<"ColumnChanged">): readonly string[] {
  return isStored(from) && !isStored(to) ? usersOf(before, from.name) : [];
}

function usersOf(table: Table, column: string): readonly string[] {
  return table.columns.filter((other) => dependsOn(other, column)).map(({ name }) => name);
}

function operationFor(change: Change, evidence: Evidence): Operation {
  switch (change.kind) {
    case "TableAdded":
      return createTableOperation(change);
    case "TableRemoved":
      return dropTableOperation(change, evidence);
    case "TableRenamed":
      return renameTableOperation(change, evidence);
    case "ColumnRenamed":
      return renameColumnOperation(change, evidence);
    case "IndexAdded":
    case "ProjectionAdded":
      return addPartOperation(change, evidence);
    case "IndexRemoved":
    case "ProjectionRemoved":
      return dropPartOperation(change);
    case "ConstraintAdded":
      return addConstraintOperation(change);
    case "ConstraintRemoved":
      return dropConstraintOperation(change);
    case "LayoutChanged":
      return recreateTable(change, evidence);
    case "ColumnAdded":
      return addColumnOperation(change);
    case "ColumnRemoved":
      return dropColumnOperation(change, evidence);
    case "ColumnChanged":
      return modifyColumnOperation(change, evidence);
    case "TtlChanged":
      return ttlOperation(change, evidence);
    case "SampleByChanged":
      return {
        ...metadataBase(change, "the sampling expression differs", [
          modifySampleBy(change.after, change.after.sampleBy),
        ]),
        kind: "ModifySampleBy",
        before: change.before,
      };
    case "SettingsChanged":
      return settingsOperation(change);
    case "CommentChanged":
      return {
        ...metadataBase(change, "the comment differs", [modifyComment(change.after, change.after.comment)]),
        kind: "ModifyTableComment",
        before: change.before,
      };
  }
}

function createTableOperation(change: ChangeOf<"TableAdded">): Operation {
  return { ...metadataBase(change, "declared in code", [createTable(change.table)]), kind: "CreateTable" };
}

function dropTableOperation(change: ChangeOf<"TableRemoved">, evidence: Evidence): Operation {
  const { address, table } = change;
  return {
    ...metadataBase(change, "no longer in code", [dropTable(table)]),
    kind: "DropTable",
    successor: change.successor,
    destructive: true,
    stake: evidence.sizes.get(address),
    undo: `UNDROP TABLE ${statementName(table)}`,
  };
}

function recreateTable(change: ChangeOf<"LayoutChanged">, evidence: Evidence): Operation {
  const { address, before, after, aspects } = change;
  const there = { ...before, cluster: after.cluster };
  return {
    ...metadataBase(
      change,
      `${[...new Set(aspects.map((a) => a.aspect))].join(", ")} cannot be altered in place`,
      [storesRows(before.engine) ? dropEmptyTable(there) : dropTable(there), createTable(after)],
    ),
    kind: "RecreateTable",
    before,
    differences: aspects,
    cost: "rebuild",
    stake: evidence.sizes.get(address),
  };
}

function addColumnOperation(change: ChangeOf<"ColumnAdded">): Operation {
  const { after, column, position } = change;
  const base = metadataBase(change, "declared in code", [addColumn(after, column, position)]);
  return { ...base, kind: "AddTableColumn", column };
}

function dropColumnOperation(change: ChangeOf<"ColumnRemoved">, evidence: Evidence): Operation {
  const { after, column, address } = change;
  const base = metadataBase(change, "no longer in code", [dropColumn(after, column.name)]);
  return {
    ...base,
    kind: "DropTableColumn",
    column,
    usedBy: usersOf(change.before, column.name),
    inTheWay: partsNaming(change.before, after, column.name),
    destructive: isStored(column),
    stake: evidence.sizes.get(address),
  };
}

function modifyColumnOperation(change: ChangeOf<"ColumnChanged">, evidence: Evidence): Operation {
  const { from, to, aspects, address } = change;
  const retyped = aspects.includes("type");
  const discards = isStored(from) && !isStored(to);
  const expires = aspects.includes("ttl") && shortensTtl(from.ttl, to.ttl);
  const inTheWay = bothParts(
    changesValues(change) ? partsOn(change.before, change.after, from.name) : noParts,
    isStored(from) === isStored(to) ? noParts : constraintsOn(change.before, change.after, from.name),
  );
  const isRebuilt = inTheWay.setAside.some(({ kind }) => kind !== "constraint");
  return {
    ...metadataBase(change, `${aspects.join(", ")} differs`, []),
    kind: "ModifyTableColumn",
    from,
    to,
    aspects,
    steps: [
      ...withoutParts(change, inTheWay, modifyColumnSteps(change)),
      ...(retyped && isStored(from) && isStored(to) ? lostIndexSteps(change, inTheWay) : []),
    ],
    usedBy: usersLeft(change),
    inTheWay,
    repair:
      isStored(from) && isStored(to)
        ? [...repairColumnSteps(change), ...restoreParts(change.after, inTheWay)]
        : [],
    cost: retyped || expires || discards || isRebuilt ? "mutation" : "metadata",
    destructive: (retyped && isStored(from) && !isWidening(from.type, to.type)) || expires || discards,
    stake: evidence.sizes.get(address),
    failing: evidence.failing.get(columnKey(address, to.name)),
  };
}

/** Whether what an index or a projection has computed from the column no longer holds: another type, another alias. */
function changesValues({ from, to, aspects }: ChangeOf<"ColumnChanged">): boolean {
  return (
    aspects.includes("type") ||
    isStored(from) !== isStored(to) ||
    (aspects.includes("default") && to.default?.kind === "ALIAS")
  );
}

function ttlOperation(change: ChangeOf<"TtlChanged">, evidence: Evidence): Operation {
  const { before, after, address } = change;
  const set = after.ttl !== "";
  const expires = shortensTtl(before.ttl, after.ttl);
  return {
    ...metadataBase(change, set ? "the TTL differs" : "the TTL is no longer in code", []),
    kind: "ModifyTableTtl",
    before,
    steps: [
      set
        ? ttlStep([before, after], modifyTtl(after, after.ttl))
        : { sql: modifyTtl(after, ""), mutation: false },
    ],
    repair: [ttlStep([before, after], modifyTtl(after, before.ttl)).sql],
    cost: set ? "mutation" : "metadata",
    destructive: expires,
    stake: evidence.sizes.get(address),
  };
}

function settingsOperation(change: ChangeOf<"SettingsChanged">): Operation {
  const { before, after } = change;
  const changed = Object.entries(after.settings).filter(
    ([n, v]) => !isFixedSetting(n) && !isSameSetting(before.settings[n], v),
  );
  const gone = Object.keys(before.settings).filter(
    (n) => !isFixedSetting(n) && after.settings[n] === undefined,
  );
  const statements = [
    ...(changed.length > 0 ? [modifySettings(after, Object.fromEntries(changed))] : []),
    ...(gone.length > 0 ? [resetSettings(after, gone)] : []),
  ];
  return { ...metadataBase(change, "settings differ", statements), kind: "ModifyTableSettings", before };
}
