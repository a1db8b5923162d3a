// Which views moose is about to make, said before it makes them, under uuids of its choice.

import { randomUUID } from "node:crypto";
import type { Address } from "../../src/infra/address.js";
import type { LifeCycle } from "../../src/infra/lifecycle.js";
import { isOnView } from "../../src/plan/operation.js";
import { isViewCreation, isViewDrop, type ViewOperation } from "../../src/plan/view-operation.js";
import type { JudgedOperation } from "../../src/policy/verdict.js";
import { createDictionary, replaceDictionary } from "../../src/sql/dictionary.js";
import { createMaterializedView, createView, replaceView } from "../../src/sql/view.js";
import type { OperationReport } from "../../src/status/report.js";
import type { ObjectRecord } from "./object-record.js";
import type { State } from "./state.js";

/**
 * A run that is killed on the way leaves either no view, or one with this uuid; one that somebody else made in between has
 * another. A view that is replaced is ours under both its uuids until that is done.
 */
export async function claimViews(
  state: State,
  operations: readonly JudgedOperation[],
): Promise<ReadonlyMap<Address, string>> {
  const uuids = new Map<Address, string>();
  const records: ObjectRecord[] = [];
  for (const { operation, verdict } of operations) {
    if (!isOnView(operation) || verdict.decision !== "apply" || !makesAnew(operation)) continue;
    const uuid = randomUUID();
    uuids.set(operation.address, uuid);
    const before = state.get(operation.address);
    const { address, view } = operation;
    records.push(
      before?.owned === true
        ? { ...before, columns: [...before.columns, uuid] }
        : viewRecord({ address, database: view.database }, uuid, view.lifeCycle),
    );
  }
  await state.put(records);
  return uuids;
}

/** Whether the view has another uuid afterwards. */
function makesAnew({ kind, view }: ViewOperation): boolean {
  return (
    kind === "CreateView" ||
    kind === "CreateMaterializedView" ||
    kind === "CreateDictionary" ||
    kind === "ReplaceDictionary" ||
    (kind === "ModifyViewQuery" && view.kind === "View")
  );
}

/**
 * The record of a view that is ours. Of a view `columns` holds no names, but the uuids of forms of it that were about to
 * take its place.
 */
export function viewRecord(
  { address, database }: { readonly address: Address; readonly database: string },
  uuid: string,
  lifeCycle: LifeCycle,
): ObjectRecord {
  const none = { columns: [], indexes: [], projections: [], constraints: [] };
  return { address, database, uuid, lifeCycle, ...none, cluster: "", owned: true };
}

/** The statement with the uuid under which the view is ours. */
export function identifiedView(operation: ViewOperation, sql: string, uuid: string | undefined): string {
  if (uuid === undefined) return sql;
  const { view } = operation;
  switch (operation.kind) {
    case "CreateView":
      return createView(view, uuid);
    case "CreateMaterializedView":
      return view.target === undefined ? sql : createMaterializedView({ ...view, target: view.target }, uuid);
    case "ModifyViewQuery":
      return view.kind === "View" ? replaceView(view, uuid) : sql;
    case "CreateDictionary":
      return createDictionary(view, uuid);
    case "ReplaceDictionary":
      return replaceDictionary(view, uuid);
    default:
      return sql;
  }
}

/** Views that were dropped, or that could not be made, are ours no longer; a replaced one has its new uuid. */
export async function releaseViews(
  state: State,
  reports: readonly OperationReport[],
  uuids: ReadonlyMap<Address, string>,
): Promise<void> {
  await state.put(
    reports.flatMap(({ operation, outcome }): readonly ObjectRecord[] => {
      const record = state.get(operation.address);
      if (!isOnView(operation) || record === undefined) return [];
      const uuid = uuids.get(operation.address);
      if (outcome.state === "applied" && makesAnew(operation) && uuid !== undefined)
        return [{ ...record, uuid, columns: [] }];
      return isGone(operation, outcome) ? [{ ...record, owned: false }] : [];
    }),
  );
}

function isGone(operation: ViewOperation, { state }: OperationReport["outcome"]): boolean {
  if (isViewDrop(operation)) return state === "applied" && !operation.isReplaced;
  return state === "failed" && isViewCreation(operation);
}
