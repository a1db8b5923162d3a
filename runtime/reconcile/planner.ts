// The first half of the walk: what the code wants against what is there, as a judged plan. It changes nothing.

import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { Change } from "../../src/diff/change.js";
import { diffSqlResources, type SqlResourceChange } from "../../src/diff/diff-sql-resources.js";
import { diffViews } from "../../src/diff/diff-views.js";
import { hidesSomething, underMarkers } from "../../src/diff/hidden.js";
import type { ViewChange } from "../../src/diff/view-change.js";
import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { planAll } from "../../src/plan/plan-all.js";
import type { ApprovalPolicy } from "../../src/policy/approval.js";
import { judge } from "../../src/policy/judge.js";
import type { Ownership } from "../../src/policy/ownership.js";
import type { JudgedPlan } from "../../src/policy/verdict.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { gatherEvidence } from "../clickhouse/evidence.js";
import { type LiveViews, noViews } from "../clickhouse/inspect-views.js";
import type { Live } from "../clickhouse/live-tables.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { ViewNormaliser } from "../clickhouse/normalise-views.js";
import { rememberedSqlResources } from "../clickhouse/sql-resource-records.js";
import type { StateRecords } from "../clickhouse/state.js";
import { Comparison } from "./comparison.js";
import { managedPart, ownership, unmanagedTables } from "./ownership.js";
import { ViewComparison } from "./view-comparison.js";
import { managedViews, unmanagedViews, viewOwnership } from "./view-ownership.js";

export interface Planned {
  /** What exists of what is declared or moose's. */
  readonly actual: InfraMap;
  /** What the code wants, in the server's form; counts only without errors. */
  readonly wanted: InfraMap;
  readonly changes: readonly Change[];
  readonly viewChanges: readonly ViewChange[];
  readonly sqlResourceChanges: readonly SqlResourceChange[];
  readonly judged: JudgedPlan;
  /** Tables of which it could not be told whether they differ in more than spelling. */
  readonly unsure: ReadonlySet<Address>;
  /** Tables at hand that moose neither made nor was told of. */
  readonly unmanaged: readonly Address[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlanningOptions {
  /** Whose the tables and views are. Default: as in `moose dev`, what moose made or adopted. */
  readonly owned?: Ownership | undefined;
  /** See {@link judge}. */
  readonly approvals?: ApprovalPolicy | undefined;
  /** The views that exist. Default: none. */
  readonly views?: LiveViews | undefined;
}

const nothing: JudgedPlan = { operations: [] };
const noChanges = { changes: [], viewChanges: [], sqlResourceChanges: [], judged: nothing };

export class Planner {
  readonly comparison: Comparison;
  readonly views: ViewComparison;
  readonly #clickhouse: ClickHouse;
  readonly #told = new Set<Address>();

  /** @param scratchDatabase - where tables may be made to be read back; undefined when nothing may be made */
  constructor(clickhouse: ClickHouse, scratchDatabase: string | undefined) {
    this.#clickhouse = clickhouse;
    this.comparison = new Comparison(new Normaliser(clickhouse, scratchDatabase));
    this.views = new ViewComparison(new ViewNormaliser(clickhouse, scratchDatabase));
  }

  async plan(
    state: StateRecords,
    live: Live,
    desired: InfraMap,
    { owned, approvals, views: liveViews = noViews }: PlanningOptions = {},
  ): Promise<Planned> {
    const found = {
      ...managedPart(state, live, desired),
      views: managedViews(state, liveViews, desired),
      sqlResources: rememberedSqlResources(state),
    };
    const unmanaged = [
      ...unmanagedTables(state, live, desired),
      ...unmanagedViews(state, liveViews, desired),
    ].sort();
    const tables = await this.comparison.inServersForm(found, desired);
    const views = await this.views.inServersForm(live, liveViews, desired.views);
    const { sqlResources } = desired;
    const wanted: InfraMap = { ...tables.map, views: views.views, sqlResources };
    const actual = underMarkers(found, wanted);
    const diagnostics = [...tables.diagnostics, ...views.diagnostics];
    const unsure = new Set([...tables.unsure, ...views.unsure]);
    const parts = { actual, wanted, unsure, unmanaged, diagnostics };
    if (hasErrors(diagnostics)) return { ...parts, ...noChanges };
    const changes = this.comparison.diff(actual, wanted);
    const viewChanges = diffViews(actual, wanted);
    const notices = this.#notCompared(actual, wanted);
    const evidence = await gatherEvidence(this.#clickhouse, changes, viewChanges, live);
    const sqlResourceChanges = diffSqlResources(actual, wanted);
    const ofSqlResources = { before: actual, after: wanted, changes: sqlResourceChanges };
    const sides = { before: actual.views, after: wanted.views };
    const judged = judge(
      planAll({ tables: changes, views: viewChanges, sqlResources: ofSqlResources }, evidence, sides),
      owned ?? new Map([...ownership(state, live), ...viewOwnership(state, liveViews)]),
      approvals,
    );
    const all = { changes, viewChanges, sqlResourceChanges };
    return { ...parts, ...all, judged, diagnostics: [...diagnostics, ...notices] };
  }

  /** What the server hides of the declared tables; of each it is said once. */
  #notCompared(actual: InfraMap, wanted: InfraMap): readonly Diagnostic[] {
    return [...wanted.tables].flatMap(([address, table]): readonly Diagnostic[] => {
      const found = actual.tables.get(address);
      if (found === undefined || !hidesSomething(found) || this.#told.has(address)) return [];
      this.#told.add(address);
      const summary = `ClickHouse does not show the secrets of ${address}, so they cannot be compared with the code`;
      const hint = "after a change of a secret, change the table yourself";
      return [{ code: "reconcile/not-compared", severity: "notice", summary, place: table.place, hint }];
    });
  }
}
