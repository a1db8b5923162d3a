// diffViews: the views of two InfraMaps in, the changes between them out. Both sides must be in the server's form.

import type { InfraMap } from "../infra/inframap.js";
import { targetAddress, type View } from "../infra/view.js";
import { withoutSecretsOfSource } from "../sql/dictionary.js";
import { isSameButForMarkers } from "../sql/runtime-variable.js";
import { isAppending } from "../sql/view.js";
import type { ViewAspect, ViewChange } from "./view-change.js";

type Views = Pick<InfraMap, "views">;

/** Changes that turn `before` into `after`, by address. */
export function diffViews({ views: before }: Views, { views: after }: Views): readonly ViewChange[] {
  const addresses = [...new Set([...before.keys(), ...after.keys()])].sort();
  return addresses.flatMap((address): readonly ViewChange[] => {
    const [old, view] = [before.get(address), after.get(address)];
    if (view === undefined) return old === undefined ? [] : [{ kind: "ViewRemoved", address, view: old }];
    if (old === undefined) return [{ kind: "ViewAdded", address, view }];
    const aspects = viewDifferences(old, view);
    return aspects.length === 0 ? [] : [{ kind: "ViewChanged", address, view, viewBefore: old, aspects }];
  });
}

export function viewDifferences(before: View, after: View): readonly ViewAspect[] {
  if (before.kind !== after.kind) return ["kind"];
  return [
    ...(targetAddress(before) === targetAddress(after) ? [] : ["target" as const]),
    ...(isSameText(before, after) ? [] : ["query" as const]),
    ...(before.refresh === after.refresh ? [] : ["refresh" as const]),
    ...(sameColumns(before, after) ? [] : ["columns" as const]),
  ];
}

/** As far as the server tells. */
export function isSameText(before: View, after: View): boolean {
  if (before.select === after.select) return true;
  return (
    before.kind === "Dictionary" &&
    isSameButForMarkers(withoutSecretsOfSource(before.select), withoutSecretsOfSource(after.select))
  );
}

function sameColumns({ columns: before }: View, { columns: after }: View): boolean {
  if (before === undefined || after === undefined) return true;
  return (
    before.length === after.length &&
    before.every(({ name, type }, index) => name === after[index]?.name && type === after[index]?.type)
  );
}

/** Whether ClickHouse can only bring the change about by dropping the view and making it anew. */
export function needsNewView({
  viewBefore: before,
  view: after,
  aspects,
}: Extract<ViewChange, { kind: "ViewChanged" }>): boolean {
  if (aspects.includes("kind") || aspects.includes("target")) return true;
  if (!aspects.includes("refresh")) return false;
  // One that follows the inserts cannot be made to be refreshed, nor the other way round.
  return (
    before.refresh === "" ||
    after.refresh === "" ||
    isAppending(before.refresh) !== isAppending(after.refresh)
  );
}
