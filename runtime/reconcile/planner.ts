// The first half of the walk: what the code wants against what is there, as a judged plan. It changes nothing.

import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { Change } from "../../src/diff/change.js";
import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { plan } from "../../src/plan/plan.js";
import type { ApprovalPolicy } from "../../src/policy/approval.js";
import { judge } from "../../src/policy/judge.js";
import type { JudgedPlan } from "../../src/policy/verdict.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { gatherEvidence } from "../clickhouse/evidence.js";
import type { Live } from "../clickhouse/live-tables.js";
import { Normaliser } from "../clickhouse/normalise.js";
import type { StateRecords } from "../clickhouse/state.js";
import { Comparison } from "./comparison.js";
import { managedPart, ownership, unmanagedTables } from "./ownership.js";

export interface Planned {
  /** What exists of what is declared or moose's. */
  readonly actual: InfraMap;
  /** What the code wants, in the server's form; counts only without errors. */
  readonly wanted: InfraMap;
  readonly changes: readonly Change[];
  readonly judged: JudgedPlan;
  /** Tables of which it could not be told whether they differ in more than spelling. */
  readonly unsure: ReadonlySet<Address>;
  /** Tables at hand that moose neither made nor was told of. */
  readonly unmanaged: readonly Address[];
  readonly diagnostics: readonly Diagnostic[];
}

const nothing: JudgedPlan = { operations: [] };

export class Planner {
  readonly comparison: Comparison;
  readonly #clickhouse: ClickHouse;

  /** @param scratchDatabase - where tables may be made to be read back; undefined when nothing may be made */
  constructor(clickhouse: ClickHouse, scratchDatabase: string | undefined) {
    this.#clickhouse = clickhouse;
    this.comparison = new Comparison(new Normaliser(clickhouse, scratchDatabase));
  }

  /**
   * @param owned - whose the tables are; by default as in `moose dev`, what moose made or adopted
   * @param approvals - see {@link judge}
   */
  async plan(
    state: StateRecords,
    live: Live,
    desired: InfraMap,
    owned = ownership(state, live),
    approvals?: ApprovalPolicy,
  ): Promise<Planned> {
    const actual = managedPart(state, live, desired);
    const unmanaged = unmanagedTables(state, live, desired);
    const { map: wanted, diagnostics, unsure } = await this.comparison.inServersForm(actual, desired);
    if (hasErrors(diagnostics))
      return { actual, wanted, changes: [], judged: nothing, unsure, unmanaged, diagnostics };
    const changes = this.comparison.diff(actual, wanted);
    const evidence = await gatherEvidence(this.#clickhouse, changes);
    const judged = judge(plan(changes, evidence), owned, approvals);
    return { actual, wanted, changes, judged, unsure, unmanaged, diagnostics };
  }
}
