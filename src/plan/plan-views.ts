// planViews: changes of views in, their operations out, each in the order in which it is to be done.

import { needsNewView } from "../diff/diff-views.js";
import { type ViewChange, viewChangeKey } from "../diff/view-change.js";
import type { Address } from "../infra/address.js";
import { hasOwnStorage, type View } from "../infra/view.js";
import { createDictionary, dropDictionary, replaceDictionary } from "../sql/dictionary.js";
import { qualifiedName } from "../sql/quote.js";
import {
  createMaterializedView,
  createView,
  dropView,
  modifyQuery,
  modifyRefresh,
  replaceView,
} from "../sql/view.js";
import { readBy } from "../sql/view-references.js";
import { isViewDrop, type ViewOperation } from "./view-operation.js";
import { inReadingOrder, type Views } from "./view-order.js";

export interface ViewSides {
  readonly before: Views;
  readonly after: Views;
}

export interface PlannedViews {
  /** Those that go, before anything else is done; what reads another goes before it. */
  readonly drops: readonly ViewOperation[];
  /** Those that come or change; what is read comes before what reads it. */
  readonly others: readonly ViewOperation[];
}

/** @param renamed - the old addresses of tables that are renamed before */
export function planViews(
  changes: readonly ViewChange[],
  { before, after }: ViewSides,
  renamed: ReadonlySet<Address> = new Set(),
): PlannedViews {
  const operations = changes.flatMap(operationsFor).map((one) => withRename(one, renamed));
  return {
    drops: inReadingOrder(operations.filter(isViewDrop), before).toReversed(),
    others: inReadingOrder(
      operations.filter((one) => !isViewDrop(one)),
      after,
    ),
  };
}

/** Between the rename of its source and its new query a materialized view sees nothing. */
function withRename(operation: ViewOperation, renamed: ReadonlySet<Address>): ViewOperation {
  if (operation.kind !== "ModifyViewQuery" || operation.view.kind !== "MaterializedView") return operation;
  if (![...readBy(operation.before)].some((address) => renamed.has(address))) return operation;
  const reason = `${operation.reason}; rows that are inserted after the rename and before this do not pass through it`;
  return { ...operation, reason };
}

function operationsFor(change: ViewChange): readonly ViewOperation[] {
  switch (change.kind) {
    case "ViewAdded":
      return [createOperation(change, change.view, false)];
    case "ViewRemoved":
      return [dropOperation(change, change.view, "no longer in code", false)];
    case "ViewChanged":
      return needsNewView(change) ? newForm(change) : changedInPlace(change);
  }
}

type Changed = Extract<ViewChange, { kind: "ViewChanged" }>;

function newForm(change: Changed): readonly ViewOperation[] {
  const what = change.aspects.join(", ");
  const missed =
    change.viewBefore.kind === "MaterializedView"
      ? "; rows that are inserted until the new one is there do not pass through it"
      : "";
  return [
    dropOperation(change, change.viewBefore, `its ${what} cannot be altered in place${missed}`, true),
    createOperation(change, change.view, true),
  ];
}

function changedInPlace(change: Changed): readonly ViewOperation[] {
  const { view, viewBefore: before, aspects } = change;
  if (view.kind === "Dictionary") return [replaced(change)];
  const isNewQuery = aspects.includes("query");
  const statement = view.kind === "View" ? replaceView(view) : modifyQuery(view);
  const reason = isNewQuery ? "its query differs" : "what it reads has other columns";
  return [
    ...(isNewQuery || aspects.includes("columns")
      ? [{ ...base(change, view, reason, statement), kind: "ModifyViewQuery", before } as const]
      : []),
    ...(aspects.includes("refresh")
      ? [
          {
            ...base(change, view, "its refresh differs", modifyRefresh(view)),
            kind: "ModifyViewRefresh",
            before,
          } as const,
        ]
      : []),
  ];
}

function replaced(change: Changed): ViewOperation {
  const { view, viewBefore: before } = change;
  const statement = replaceDictionary(view);
  return { ...base(change, view, "its definition differs", statement), kind: "ReplaceDictionary", before };
}

function createOperation(change: ViewChange, view: View, isReplacing: boolean): ViewOperation {
  if (view.kind === "Dictionary")
    return { ...base(change, view, "declared in code", createDictionary(view)), kind: "CreateDictionary" };
  if (view.kind === "View")
    return { ...base(change, view, "declared in code", createView(view)), kind: "CreateView" };
  const { target } = view;
  if (target === undefined) throw new Error(`the materialized view ${change.address} has no target`);
  const sees = view.refresh === "" ? "; it sees the rows that are inserted from then on" : "";
  return {
    ...base(change, view, `declared in code${sees}`, createMaterializedView({ ...view, target })),
    kind: "CreateMaterializedView",
    isReplacing,
  };
}

function dropOperation(change: ViewChange, view: View, reason: string, isReplaced: boolean): ViewOperation {
  const own = hasOwnStorage(view);
  const statement = view.kind === "Dictionary" ? dropDictionary(view) : dropView(view);
  return {
    ...base(change, view, own ? `${reason}, and its rows go with it` : reason, statement),
    kind: dropKinds[view.kind],
    isReplaced,
    destructive: own,
    undo: own ? `UNDROP TABLE ${qualifiedName(view)}` : undefined,
  };
}

const dropKinds = {
  View: "DropView",
  MaterializedView: "DropMaterializedView",
  Dictionary: "DropDictionary",
} as const;

function base(change: ViewChange, view: View, reason: string, sql: string) {
  return {
    id: "",
    cause: viewChangeKey(change),
    address: change.address,
    view,
    cost: "metadata",
    destructive: false,
    reason,
    stake: undefined,
    steps: [{ sql, mutation: false }],
    undo: undefined,
  } as const;
}
