// moose plan and the first half of moose generate migration: code against database, with nothing applied.

import type { Desired } from "../../src/declare/desired.js";
import { hasErrors } from "../../src/diagnostic.js";
import { type IgnoredDifference, leavingAlone } from "../../src/diff/ignored-differences.js";
import type { Address } from "../../src/infra/address.js";
import { emptyInfraMap, type InfraMap } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { type GuessedRename, guessRenames, withDeclaredRenames } from "../../src/plan/guess-renames.js";
import { streamChecks } from "../../src/plan/stream-checks.js";
import type { ApprovalPolicy } from "../../src/policy/approval.js";
import type { Ownership } from "../../src/policy/judge.js";
import { type PlanReport, planReport } from "../../src/status/plan-report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { inspectViews } from "../clickhouse/inspect-views.js";
import { LiveTables } from "../clickhouse/live-tables.js";
import { readState, type StateRecords } from "../clickhouse/state.js";
import { adoptedOwnership, plannedOwnership } from "./ownership.js";
import { type Planned, Planner } from "./planner.js";
import { inScratchDatabase } from "./scratch-database.js";
import { takenNames } from "./taken-names.js";
import type { KafkaAccess } from "./topics/access.js";
import type { ProjectTopics } from "./topics/plan-topics.js";
import { ownTopicNames } from "./topics/records.js";
import { plannedViewOwnership, viewOwnership } from "./view-ownership.js";

export interface PlanOptions {
  readonly project: string;
  /** Database of tables that name none. */
  readonly database: string;
  readonly adopt: readonly Address[];
  /** Renames that were guessed and are to be done as such. */
  readonly renames: readonly GuessedRename[];
  /** What may differ. Default: nothing. */
  readonly ignored?: readonly IgnoredDifference[] | undefined;
  /** The way to Kafka; without it topics are not looked at. */
  readonly kafka?: KafkaAccess | undefined;
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
      ...[...desired.tables.values(), ...desired.views.values()].map(({ database }) => database),
    ]),
  ];
  const topics = options.kafka && planTopicsOf(options.kafka, state, desired, options.approvals);
  // Its failure shows when it is awaited, after the tables.
  topics?.catch(() => undefined);
  const { approvals, liveTables = new LiveTables(clickhouse) } = options;
  const [live, views] = await Promise.all([
    liveTables.refresh(databases, performance.now()),
    inspectViews(clickhouse, databases),
  ]);
  const owned = new Map([
    ...(approvals
      ? adoptedOwnership(state, live, desired, options.adopt)
      : plannedOwnership(state, live, desired, options.adopt)),
    ...(approvals ? viewOwnership(state, views) : plannedViewOwnership(state, views, desired)),
  ]);
  const found = new Map([...live].map(([address, { table }]) => [address, table]));
  const wanted = leavingAlone(desired, { tables: found }, options.ignored ?? []);
  const plan = (scratch: string | undefined) =>
    new Planner(clickhouse, scratch).plan(state, live, wanted, { owned, approvals, views });
  const first = await plan(undefined);
  const exact =
    first.unsure.size === 0 ? first : ((await inScratchDatabase(clickhouse, options.project, plan)) ?? first);
  const made = exact.judged.operations.flatMap(({ operation, verdict }) =>
    operation.kind === "CreateTable" && verdict.decision === "apply" ? [operation.table] : [],
  );
  const dropped = new Set(
    exact.judged.operations.flatMap(({ operation, verdict }) =>
      operation.kind.startsWith("Drop") && verdict.decision === "apply" ? [operation.address] : [],
    ),
  );
  const ofTopics = await topics;
  const checks = streamChecks(
    desired,
    exact.judged.operations.map(({ operation }) => operation),
  );
  const planned = {
    ...exact,
    actual: { ...withLifeCycles(exact.actual, owned), topics: ofTopics?.actual ?? emptyInfraMap.topics },
    diagnostics: [...exact.diagnostics, ...(await takenNames(clickhouse, made, dropped)), ...checks],
  };
  const diagnostics = [...code.diagnostics, ...planned.diagnostics];
  const renames = hasErrors(diagnostics) ? [] : guessRenames(planned.actual, planned.wanted);
  const report = planReport(planned.actual, {
    operations: planned.judged.operations,
    unsure: [...planned.unsure],
    unmanaged: planned.unmanaged,
    renames,
    diagnostics,
    ...(ofTopics !== undefined && { topics: ofTopics.report }),
  });
  return { report, planned, desired };
}

/** The client for Kafka is loaded only where there are topics. */
async function planTopicsOf(
  access: KafkaAccess,
  state: StateRecords,
  desired: InfraMap,
  approvals: ApprovalPolicy | undefined,
): Promise<ProjectTopics | undefined> {
  if (desired.topics.size === 0 && ownTopicNames(state, access.namespace).length === 0) return undefined;
  const { planProjectTopics } = await import("./topics/plan-topics.js");
  return planProjectTopics(access, state, desired, approvals);
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
    views: new Map(
      [...map.views].map(([address, view]) => [
        address,
        { ...view, lifeCycle: owned.get(address)?.lifeCycle ?? view.lifeCycle },
      ]),
    ),
  };
}
