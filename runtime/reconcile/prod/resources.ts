// The objects of a project as a server shows them: what is declared or moose's, and how it stands.

import type { Address } from "../../../src/infra/address.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import { LifeCycle } from "../../../src/infra/lifecycle.js";
import type { View } from "../../../src/infra/view.js";
import type { Outcome } from "../../../src/status/report.js";
import type { ResourceKind } from "../../../src/status/server-status.js";
import type { Planned } from "../planner.js";
import type { ProdOperation, ProdResource } from "./prod-state.js";

/** @param desired - what the code declares */
export function resourcesOf({ actual, judged }: Planned, desired: InfraMap): readonly ProdResource[] {
  const touched = new Set<string>(judged.operations.map(({ operation }) => operation.address));
  const section = <T extends Shown>(
    wanted: ReadonlyMap<string, T>,
    found: ReadonlyMap<string, T>,
    kindOf: (one: T) => ResourceKind,
  ): readonly ProdResource[] =>
    [...new Set([...wanted.keys(), ...found.keys()])].sort().flatMap((address) => {
      const one = wanted.get(address) ?? found.get(address);
      if (one === undefined) return [];
      const state = stateOf(address, { isWanted: wanted.has(address), isThere: found.has(address), touched });
      return [{ address, kind: kindOf(one), lifeCycle: one.lifeCycle, state }];
    });
  return [
    ...section(desired.tables, actual.tables, () => "table"),
    ...section(desired.views, actual.views, kindOfView),
    ...section(desired.topics, actual.topics, () => "topic"),
    ...section(fullyManaged(desired.sqlResources), fullyManaged(actual.sqlResources), () => "sql-resource"),
  ];
}

function kindOfView({ kind }: View): ResourceKind {
  return ({ View: "view", MaterializedView: "materialized-view", Dictionary: "dictionary" } as const)[kind];
}

/** The classes of the library give them no lifecycle. */
function fullyManaged(resources: InfraMap["sqlResources"]): ReadonlyMap<string, Shown> {
  return new Map([...resources.keys()].map((address) => [address, { lifeCycle: LifeCycle.FULLY_MANAGED }]));
}

interface Shown {
  readonly lifeCycle: LifeCycle;
}

function stateOf(
  address: Address,
  {
    isWanted,
    isThere,
    touched,
  }: { readonly isWanted: boolean; readonly isThere: boolean; readonly touched: ReadonlySet<string> },
): ProdResource["state"] {
  if (!isWanted) return "to be removed";
  if (!isThere) return "missing";
  return touched.has(address) ? "differs" : "in line";
}

/** What the outcome of an operation changes in how it is shown. */
export function outcomeOf(outcome: Outcome): Partial<ProdOperation> {
  return {
    state: outcome.state,
    parts: undefined,
    ...(outcome.state === "applied" && { durationMs: outcome.durationMs }),
    ...("reason" in outcome && { error: outcome.reason }),
  };
}
