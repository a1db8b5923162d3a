// Which of the views that exist are moose's, and which of them a round is about.

import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { type Ownership, ownedView } from "../../src/policy/ownership.js";
import type { LiveView, LiveViews } from "../clickhouse/inspect-views.js";
import type { State, StateRecords } from "../clickhouse/state.js";
import { viewRecord } from "../clickhouse/view-claims.js";

function isOwned(state: StateRecords, { address, uuid }: LiveView): boolean {
  const record = state.get(address);
  return record?.owned === true && (record.uuid === uuid || record.columns.includes(uuid));
}

/** Those that exist and are either declared or ours. */
export function managedViews(state: StateRecords, views: LiveViews, desired: InfraMap): InfraMap["views"] {
  const managed = [...views.values()].filter(
    (view) => desired.views.has(view.address) || (isOwned(state, view) && !isLeftBehind(view, desired)),
  );
  return new Map(managed.map(({ address, view }) => [address, view]));
}

/** Declared under the same name, while the code names nothing in this database any more. */
function isLeftBehind({ view }: LiveView, { tables, views }: InfraMap): boolean {
  const declared = [...tables.values(), ...views.values()];
  return (
    [...views.values()].some(({ name }) => name === view.name) &&
    declared.every(({ database }) => database !== view.database)
  );
}

export function unmanagedViews(state: StateRecords, views: LiveViews, desired: InfraMap): readonly Address[] {
  return [...views.values()]
    .filter((view) => !desired.views.has(view.address) && !isOwned(state, view))
    .map(({ address }) => address);
}

/** The views that are ours, with the lifecycle last applied to each. */
export function viewOwnership(state: StateRecords, views: LiveViews): Ownership {
  return new Map(
    [...views.values()].flatMap((view) => {
      const record = isOwned(state, view) ? state.get(view.address) : undefined;
      return record === undefined ? [] : [[view.address, ownedView(record.lifeCycle)] as const];
    }),
  );
}

/** The same where a person approves the plan: declared views that exist may be changed. */
export function plannedViewOwnership(state: StateRecords, views: LiveViews, desired: InfraMap): Ownership {
  const declared = [...desired.views].flatMap(([address, { lifeCycle }]) =>
    views.has(address) ? [[address, ownedView(lifeCycle)] as const] : [],
  );
  return new Map([...declared, ...viewOwnership(state, views)]);
}

/** Takes over the views that the user named, if they exist and are declared. */
export async function adoptViews(
  state: State,
  views: LiveViews,
  desired: InfraMap,
  addresses: readonly Address[],
): Promise<void> {
  await state.put(
    addresses.flatMap((address) => {
      const [found, declared] = [views.get(address), desired.views.get(address)];
      if (found === undefined || declared === undefined || isOwned(state, found)) return [];
      const { database } = found.view;
      return [viewRecord({ database, address }, found.uuid, declared.lifeCycle)];
    }),
  );
}

/** Remembers the lifecycles by which a later removal from code is judged. */
export async function recordViews(state: State, wanted: InfraMap): Promise<void> {
  await state.put(
    [...wanted.views].flatMap(([address, { lifeCycle }]) => {
      const record = state.get(address);
      return record?.owned === true ? [{ ...record, lifeCycle }] : [];
    }),
  );
}

/** A migration that came through makes its views moose's; those that are gone are so no longer. */
export async function recordMigratedViews(
  state: State,
  views: LiveViews,
  {
    before,
    after,
    desired,
  }: { readonly before: InfraMap; readonly after: InfraMap; readonly desired: InfraMap | undefined },
): Promise<void> {
  const known = [...after.views].flatMap(([address, view]) => {
    const found = views.get(address);
    if (found === undefined) return [];
    const lifeCycle = desired?.views.get(address)?.lifeCycle ?? view.lifeCycle;
    return [viewRecord({ database: view.database, address }, found.uuid, lifeCycle)];
  });
  const gone = [...before.views.keys()].flatMap((address) => {
    const record = state.get(address);
    const isGone = !after.views.has(address) && !views.has(address);
    return isGone && record?.owned === true ? [{ ...record, owned: false }] : [];
  });
  await state.put([...known, ...gone]);
}
