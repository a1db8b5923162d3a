// planAll: the operations on tables and on views, put together so that no view is broken on the way.

import type { Change } from "../diff/change.js";
import type { ViewChange } from "../diff/view-change.js";
import type { Address } from "../infra/address.js";
import { targetAddress } from "../infra/view.js";
import { readBy } from "../sql/view-references.js";
import type { Evidence } from "./evidence.js";
import type { Operation, OperationOnTable, Plan } from "./operation.js";
import { plan } from "./plan.js";
import { noSqlResources, planSqlResources, type SqlResourceChanges } from "./plan-sql-resources.js";
import { planViews, type ViewSides } from "./plan-views.js";
import { staleViews } from "./stale-views.js";
import type { ViewOperation } from "./view-operation.js";
import { allReadBy, type Views } from "./view-order.js";

export interface AllChanges {
  readonly tables: readonly Change[];
  readonly views: readonly ViewChange[];
  readonly sqlResources?: SqlResourceChanges | undefined;
}

/**
 * Views that go are dropped first and those that come are made when the tables are there. The query of a materialized
 * view is changed when the columns that it reads are there, and before those go that it read: the server refuses to
 * drop a column that one of them reads. A plain view only has the columns that its tables had when it was made, so it is
 * made anew after the last change of them.
 */
export function planAll(changes: AllChanges, evidence: Evidence, sides: ViewSides): Plan {
  const onTables = plan(changes.tables, evidence).operations.map((operation) =>
    withReader(operation, sides.after),
  );
  const stale = staleViews(onTables, changes.views, sides);
  const renamed = new Set(onTables.flatMap((one) => (one.kind === "RenameTable" ? [one.from] : [])));
  const views = planViews([...changes.views, ...stale], sides, renamed, evidence.sources);
  const late = lateOperations(onTables, views.others, sides);
  const isLateView = lateViews(late, views.others, sides.after);
  const own = changes.sqlResources === undefined ? noSqlResources : planSqlResources(changes.sqlResources);
  const operations: readonly Operation[] = [
    ...own.beforeViewDrops,
    ...views.drops,
    ...own.beforeTables,
    ...onTables.filter((one) => !late.has(one)),
    ...own.afterTables,
    ...views.others.filter((one) => !isLateView(one)),
    ...onTables.filter((one) => late.has(one)),
    ...views.others.filter(isLateView),
    ...own.last,
  ];
  return { operations: operations.map((operation, index) => ({ ...operation, id: String(index + 1) })) };
}

function withReader(operation: OperationOnTable, views: Views): OperationOnTable {
  if (operation.kind !== "DropTable") return operation;
  const reader = [...views].find(
    ([, view]) => targetAddress(view) === operation.address || readBy(view).has(operation.address),
  );
  return { ...operation, readBy: reader?.[0] };
}

/** Drops that wait for the views: of tables, and of columns that a materialized view with a new query may have read. */
function lateOperations(
  onTables: readonly OperationOnTable[],
  onViews: readonly ViewOperation[],
  { before }: ViewSides,
): ReadonlySet<OperationOnTable> {
  const made = new Set(onViews.map(({ address }) => address));
  const sources = new Set(
    onViews.flatMap((operation) =>
      operation.kind === "ModifyViewQuery" && operation.view.kind === "MaterializedView"
        ? [...allReadBy(operation.before, before), ...targetOf(operation)]
        : [],
    ),
  );
  return new Set(
    onTables.filter(({ kind, address }) =>
      // What is to have the name of the table waits for it to go.
      kind === "DropTable" ? !made.has(address) : kind === "DropTableColumn" && sources.has(address),
    ),
  );
}

function targetOf({ view }: ViewOperation): readonly Address[] {
  const target = targetAddress(view);
  return target === undefined ? [] : [target];
}

/** Plain views on tables that lose columns late, unless a materialized view needs them before. */
function lateViews(
  late: ReadonlySet<OperationOnTable>,
  onViews: readonly ViewOperation[],
  views: Views,
): (operation: ViewOperation) => boolean {
  const losing = new Set(
    [...late].flatMap(({ kind, address }) => (kind === "DropTableColumn" ? [address] : [])),
  );
  const needed = new Set(
    onViews.flatMap(({ view }) => (view.kind === "MaterializedView" ? [...allReadBy(view, views)] : [])),
  );
  return ({ address, view }) =>
    losing.size > 0 &&
    view.kind === "View" &&
    !needed.has(address) &&
    [...allReadBy(view, views)].some((one) => losing.has(one));
}
