// The views of an InfraMap after an operation on one.

import { addressOf } from "../infra/address.js";
import { LifeCycle } from "../infra/lifecycle.js";
import type { View } from "../infra/view.js";
import type { Views } from "../plan/view-order.js";
import type { ObjectName, OtherOperation } from "./operation.js";

type FoldedViews = { readonly views: Views } | { readonly problem: string };

/** A view that is dropped need not be known. */
export function foldViews(views: Views, operation: Exclude<OtherOperation, { kind: "RawSql" }>): FoldedViews {
  switch (operation.kind) {
    case "CreateView":
      return added(views, viewOf(operation.view, { kind: "View", select: operation.select }));
    case "CreateMaterializedView": {
      const { target, refresh = "", select } = operation;
      return added(views, viewOf(operation.view, { kind: "MaterializedView", select, target, refresh }));
    }
    case "CreateDictionary":
      return added(views, viewOf(operation.view, { kind: "Dictionary", select: operation.definition }));
    case "ReplaceDictionary":
      return changed(views, operation, { select: operation.definition });
    case "DropDictionary":
    case "DropView":
    case "DropMaterializedView":
      return { views: new Map([...views].filter(([address]) => address !== addressOf(operation.view))) };
    case "ModifyViewQuery":
      return changed(views, operation, { select: operation.select });
    case "ModifyViewRefresh":
      return changed(views, operation, { refresh: operation.refresh });
  }
}

function viewOf(name: ObjectName, rest: Pick<View, "kind" | "select"> & Partial<View>): View {
  return {
    database: name.database,
    name: name.name,
    target: undefined,
    refresh: "",
    columns: undefined,
    lifeCycle: LifeCycle.FULLY_MANAGED,
    ...rest,
  };
}

function added(views: Views, view: View): FoldedViews {
  const address = addressOf(view);
  if (views.has(address)) return { problem: "the view is there already" };
  const entries = [...views, [address, view] as const];
  return { views: new Map(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) };
}

function changed(
  views: Views,
  { view: name }: { readonly view: ObjectName },
  rest: Partial<View>,
): FoldedViews {
  const address = addressOf(name);
  const view = views.get(address);
  if (view === undefined) return { problem: "there is no such view" };
  return { views: new Map([...views, [address, { ...view, columns: undefined, ...rest }]]) };
}
