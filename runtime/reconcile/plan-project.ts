// moose plan and the first half of moose generate migration: code against database, with nothing applied.

import type { Desired } from "../../src/declare/desired.js";
import { hasErrors } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { type GuessedRename, guessRenames, withDeclaredRenames } from "../../src/plan/guess-renames.js";
import type { ApprovalPolicy } from "../../src/policy/approval.js";
import type { Ownership } from "../../src/policy/judge.js";
import { type PlanReport, planReport } from "../../src/status/plan-report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { LiveTables } from "../clickhouse/live-tables.js";
import { readState } from "../clickhouse/state.js";
import { ownership, plannedOwnership } from "./ownership.js";
import { type Planned, Planner } from "./planner.js";
import { inScratchDatabase } from "./scratch-database.js";
import { takenNames } from "./taken-names.js";

export interface PlanOptions {
  readonly project: string;
  /** Database of tables that name none. */
  readonly database: string;
  readonly adopt: readonly Address[];
  /** Renames that were guessed and are to be done as such. */
  readonly renames: readonly GuessedRename[];
  /** Of a server that runs by itself: what people have approved; and only what moose made or adopted may be changed. */
  readonly approvals?: ApprovalPolicy | undefined;
  /** What was read before and need not be read again. */
  readonly liveTables?: LiveTables | undefined;
}

export interface ProjectPlan {
  readonly report: PlanReport;
  readonly planned: Planned;
  /** As the code declares it, in its own words. */
  readonly desired: InfraMap;
}

/** Plans with whatever rights there are; tables that may not be made to be compared leave it unsure, not wrong. */
export async function planProject(
  clickhouse: ClickHouse,
  code: Desired,
  options: PlanOptions,
): Promise<ProjectPlan> {
  const desired = withDeclaredRenames(code.map, options.renames);
  const state = await readState(clickhouse, options.project);
  const databases = [
    ...new Set([
      options.database,
      ...state.databases,
      ...[...desired.tables.values()].map(({ database }) => database),
    ]),
  ];
  const live = await (options.liveTables ?? new LiveTables(clickhouse)).refresh(databases, performance.now());
  const { approvals } = options;
  const owned = approvals ? ownership(state, live) : plannedOwnership(state, live, desired, options.adopt);
  const plan = (scratch: string | undefined) =>
    new Planner(clickhouse, scratch).plan(state, live, desired, owned, approvals);
  const first = await plan(undefined);
  const exact =
    first.unsure.size === 0 ? first : ((await inScratchDatabase(clickhouse, options.project, plan)) ?? first);
  const made = exact.judged.operations.flatMap(({ operation, verdict }) =>
    operation.kind === "CreateTable" && verdict.decision === "apply" ? [operation.table] : [],
  );
  const planned = {
    ...exact,
    actual: withLifeCycles(exact.actual, owned),
    diagnostics: [...exact.diagnostics, ...(await takenNames(clickhouse, made))],
  };
  const diagnostics = [...code.diagnostics, ...planned.diagnostics];
  const renames = hasErrors(diagnostics) ? [] : guessRenames(planned.actual, planned.wanted);
  const report = planReport(planned.actual, {
    operations: planned.judged.operations,
    unsure: [...planned.unsure],
    unmanaged: planned.unmanaged,
    renames,
    diagnostics,
  });
  return { report, planned, desired };
}

/** A database says nothing of lifecycles; whoever reads its state in a file has to see by which a removal is judged. */
function withLifeCycles(map: InfraMap, owned: Ownership): InfraMap {
  return {
    ...map,
    tables: new Map(
      [...map.tables].map(([address, table]): [Address, Table] => {
        const lifeCycle = owned.get(address)?.lifeCycle ?? table.lifeCycle;
        return [address, { ...table, lifeCycle }];
      }),
    ),
  };
}
