// The walk: code -> desired -> diff -> plan -> verdicts -> apply -> status. A newcomer starts here.

import { hasErrors } from "../../src/diagnostic.js";
import { diffViews } from "../../src/diff/diff-views.js";
import type { Address } from "../../src/infra/address.js";
import { emptyInfraMap, type InfraMap, onlyAt } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { isOnSqlResource, isOnView } from "../../src/plan/operation.js";
import { planAll } from "../../src/plan/plan-all.js";
import type { ApprovalPolicy } from "../../src/policy/approval.js";
import type { JudgedPlan } from "../../src/policy/verdict.js";
import { emptyReport, type OperationReport, type RoundReport } from "../../src/status/report.js";
import type { TopicsReport } from "../../src/status/topics-report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { ensureDatabases } from "../clickhouse/databases.js";
import { type ExecuteOptions, execute, type OnProgress } from "../clickhouse/execute.js";
import { inspectViews, type LiveViews, noViews } from "../clickhouse/inspect-views.js";
import { type Live, LiveTables } from "../clickhouse/live-tables.js";
import { recordSqlResources } from "../clickhouse/sql-resource-records.js";
import { State, type StatePlace } from "../clickhouse/state.js";
import type { Kafka } from "../kafka/client.js";
import type { SeenByRound } from "./dev-drift.js";
import { finishDrops } from "./finish-drops.js";
import { adopt, claimParts, ownership, recordApplied } from "./ownership.js";
import { type Planned, Planner } from "./planner.js";
import type { RoundJournal } from "./round-journal.js";
import type { TopicRoundOptions } from "./topics/reconcile-topics.js";
import { ownTopicNames } from "./topics/records.js";
import { adoptViews, recordViews, viewOwnership } from "./view-ownership.js";

export interface ReconcileOptions {
  /** Letters, digits and underscores; part of the name of the state database. */
  readonly project: string;
  /** Database of tables that name none. */
  readonly database: string;
  /** Addresses of existing tables that moose is told to take over. */
  readonly adopt: readonly Address[];
  /** Where the state of the project is, once the lock on it is held; and where claims may wait until it has them. */
  readonly state?: StatePlace;
  /** Where it is written what each round did. */
  readonly journal?: RoundJournal;
}

/** What else a round can be given. */
export interface RoundOptions {
  /** The tables as a look ahead found them; saves the look at the beginning of the round. */
  readonly live?: Promise<Live> | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Called when the round is applied and verified, before moose's own records are written; with what is there then. */
  readonly onReport?: ((report: RoundReport, left: SeenByRound) => void) | undefined;
  /** What people have said of operations that need an approval; without, none needs one. */
  readonly approvals?: ApprovalPolicy | undefined;
  /** Called with the plan, and what it was made from, before any of it is done. */
  readonly onPlan?: ((judged: JudgedPlan, planned: Planned, seen: SeenByRound) => void) | undefined;
  /** How statements are sent, and what else is to be told. */
  readonly execution?: Omit<ExecuteOptions, "onProgress"> | undefined;
}

/** Brings one ClickHouse server into line with desired maps, round after round. */
export class Reconciler {
  readonly #clickhouse: ClickHouse;
  readonly #options: ReconcileOptions;
  readonly #state: State;
  #live: LiveTables;
  readonly #planner: Planner;
  #databases: readonly string[] = [];
  /** The server, or the moose before, may have been killed in the middle of something. */
  #isSuspect = true;

  private constructor(clickhouse: ClickHouse, state: State, options: ReconcileOptions) {
    this.#clickhouse = clickhouse;
    this.#options = options;
    this.#state = state;
    this.#live = new LiveTables(clickhouse);
    this.#planner = new Planner(clickhouse, state.database);
  }

  static async open(clickhouse: ClickHouse, options: ReconcileOptions): Promise<Reconciler> {
    const state = await State.open(clickhouse, options.project, options.state);
    return new Reconciler(clickhouse, state, options);
  }

  /** One round: reads, compares, decides, applies, and looks again. */
  async reconcile(desired: InfraMap, options: RoundOptions = {}): Promise<RoundReport> {
    const isLookComplete = !(await this.#prepareDatabases(desired));
    const live = await this.#settled(await ((isLookComplete && options.live) || this.look()));
    const views = await this.#lookAtViews(live, desired);
    await adopt(this.#state, live, desired, this.#options.adopt);
    await adoptViews(this.#state, views, desired, this.#options.adopt);
    const { approvals } = options;
    const planned = await this.#planner.plan(this.#state, live, desired, { approvals, views });
    const { judged, wanted, diagnostics } = planned;
    if (hasErrors(diagnostics)) return { ...emptyReport, diagnostics };
    const seenAs = (found: Found) => ({ live: mapOf(found), managed: planned.actual, wanted });
    options.onPlan?.(judged, planned, seenAs({ live, views }));
    await claimParts(this.#state, judged);
    const operations = await execute(this.#clickhouse, this.#state, judged, {
      ...options.execution,
      onProgress: options.onProgress,
    });

    const after = await this.#lookAfter(operations, { live, views }, wanted);
    const unconverged = await this.#verify(wanted, operations, after);
    const report = {
      operations,
      diagnostics,
      unconverged,
      unmanaged: planned.unmanaged,
    };
    options.onReport?.(report, seenAs(after));
    const open = operations.filter(({ outcome }) => outcome.state !== "applied");
    await Promise.all([
      recordApplied(this.#state, wanted, new Set(open.map(({ operation }) => operation.address))),
      recordViews(this.#state, wanted),
      recordSqlResources(this.#state, wanted.sqlResources),
      this.#options.journal?.record(operations),
    ]);
    return report;
  }

  /** One round for the topics, beside those of the tables. */
  async reconcileTopics(kafka: Kafka, desired: InfraMap, options: TopicRoundOptions): Promise<TopicsReport> {
    const { reconcileTopics } = await import("./topics/reconcile-topics.js");
    const report = await reconcileTopics(kafka, this.#state, desired, options);
    await this.#options.journal?.recordTopics(report.operations);
    return report;
  }

  /** Names of the topics that are moose's, whether or not they are still there. */
  ownTopics(namespace: string): readonly string[] {
    return ownTopicNames(this.#state, namespace);
  }

  /** Addresses of the existing tables and views that are moose's. */
  async owned(desired: InfraMap): Promise<ReadonlySet<Address>> {
    await this.#prepareDatabases(desired);
    const live = await this.look();
    const views = viewOwnership(this.#state, await this.#lookAtViews(live, desired));
    return new Set([...ownership(this.#state, live).keys(), ...views.keys()]);
  }

  /**
   * The tables as they are now; only those that changed since the last look are read.
   *
   * @param relookMs - see {@link LiveTables.refresh}
   */
  look(relookMs?: number): Promise<Live> {
    return this.#live.refresh(this.#databases, performance.now(), relookMs);
  }

  /** What is remembered of the tables counts no more: the server was lost, or a statement with an unknown end. */
  forget(): void {
    this.#live = new LiveTables(this.#clickhouse);
    this.#isSuspect = true;
  }

  /** What was left half done is done, before it is compared with anything. */
  async #settled(live: Live): Promise<Live> {
    if (!this.#isSuspect) return live;
    const owned = ownership(this.#state, live);
    const ours = [...live.values()].filter(({ address }) => owned.has(address)).map(({ table }) => table);
    const changed = await finishDrops(this.#clickhouse, ours);
    this.#isSuspect = false;
    return changed.length === 0 ? live : this.#live.reread(changed, performance.now());
  }

  /** True while a change by somebody else could still hide behind the last look; look again a second later. */
  get isUnsettled(): boolean {
    return this.#live.isUnsettled;
  }

  /** True when there are some that were not looked at so far. */
  async #prepareDatabases(desired: InfraMap): Promise<boolean> {
    const declared = [...desired.tables.values(), ...desired.views.values()].map(({ database }) => database);
    const databases = new Set([
      this.#options.database,
      ...this.#databases,
      ...declared,
      ...this.#state.databases,
    ]);
    const added = [...databases].filter((database) => !this.#databases.includes(database));
    if (added.length === 0) return false;
    await ensureDatabases(this.#clickhouse, added);
    this.#databases = [...databases];
    return true;
  }

  /** A project that has no views and had none costs no query. */
  #lookAtViews(live: Live, desired: InfraMap): Promise<LiveViews> {
    const mayHave = desired.views.size > 0 || this.#state.owned.some((address) => !live.has(address));
    return mayHave ? inspectViews(this.#clickhouse, this.#databases) : Promise.resolve(noViews);
  }

  /** Reads what was touched again. */
  async #lookAfter(operations: readonly OperationReport[], before: Found, wanted: InfraMap): Promise<Found> {
    const broken = operations.filter(
      ({ outcome }) => outcome.state === "failed" || outcome.state === "unknown",
    );
    this.#live.distrust(tablesOf(broken));
    const applied = operations.filter(({ outcome }) => outcome.state === "applied");
    if (applied.length === 0) return before;
    const live = await this.#live.reread(tablesOf(applied), performance.now());
    const hasViews = wanted.views.size > 0 || before.views.size > 0;
    return { live, views: hasViews ? await inspectViews(this.#clickhouse, this.#databases) : noViews };
  }

  /** What was applied must no longer differ. Gives the tables and views where it does. */
  async #verify(
    wanted: InfraMap,
    operations: readonly OperationReport[],
    found: Found,
  ): Promise<readonly Address[]> {
    const applied = operations.filter(({ outcome }) => outcome.state === "applied");
    if (applied.length === 0) return [];
    const touched = new Set(applied.map(({ operation }) => operation.address));
    const part = onlyAt(touched, wanted);
    const now = onlyAt(touched, mapOf(found));
    const tables = await this.#planner.comparison.inServersForm(now, part);
    const views = await this.#planner.views.inServersForm(found.live, found.views, part.views);
    const settled = { ...tables.map, views: views.views };
    const open = new Set(
      operations.filter(({ outcome }) => outcome.state !== "applied").map((o) => o.operation.cause),
    );
    const changes = { tables: this.#planner.comparison.diff(now, settled), views: diffViews(now, settled) };
    const sides = { before: now.views, after: settled.views };
    const left = planAll(changes, noEvidence, sides).operations;
    return [...new Set(left.filter((operation) => !open.has(operation.cause)).map((o) => o.address))];
  }
}

function tablesOf(operations: readonly OperationReport[]): readonly Table[] {
  return operations.flatMap(({ operation }) => {
    if (isOnView(operation) || isOnSqlResource(operation)) return [];
    return operation.kind === "RenameTable" ? [operation.before, operation.table] : [operation.table];
  });
}

/** What a look has found. */
interface Found {
  readonly live: Live;
  readonly views: LiveViews;
}

function mapOf({ live, views }: Found): InfraMap {
  return {
    ...emptyInfraMap,
    tables: new Map([...live].map(([address, { table }]) => [address, table])),
    views: new Map([...views].map(([address, { view }]) => [address, view])),
  };
}
