// The walk: code -> desired -> diff -> plan -> verdicts -> apply -> status. A newcomer starts here.

import { hasErrors } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import { emptyInfraMap, type InfraMap } from "../../src/infra/inframap.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import type { ApprovalPolicy } from "../../src/policy/approval.js";
import type { JudgedPlan } from "../../src/policy/verdict.js";
import { emptyReport, type OperationReport, type RoundReport } from "../../src/status/report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { ensureDatabases } from "../clickhouse/databases.js";
import { type ExecuteOptions, execute, type OnProgress } from "../clickhouse/execute.js";
import { type Live, LiveTables } from "../clickhouse/live-tables.js";
import { State } from "../clickhouse/state.js";
import { finishDrops } from "./finish-drops.js";
import { adopt, claimParts, ownership, recordApplied } from "./ownership.js";
import { Planner } from "./planner.js";
import type { RoundJournal } from "./round-journal.js";

export interface ReconcileOptions {
  /** Letters, digits and underscores; part of the name of the state database. */
  readonly project: string;
  /** Database of tables that name none. */
  readonly database: string;
  /** Addresses of existing tables that moose is told to take over. */
  readonly adopt: readonly Address[];
  /** Where the state of the project is, once the lock on it is held. */
  readonly stateDatabase?: string;
  /** Where it is written what each round did. */
  readonly journal?: RoundJournal;
}

/** What else a round can be given. */
export interface RoundOptions {
  /** The tables as a look ahead found them; saves the look at the beginning of the round. */
  readonly live?: Promise<Live> | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Called when the round is applied and verified, before moose's own records are written. */
  readonly onReport?: ((report: RoundReport) => void) | undefined;
  /** What people have said of operations that need an approval; without, none needs one. */
  readonly approvals?: ApprovalPolicy | undefined;
  /** Called with the plan before any of it is done. */
  readonly onPlan?: ((judged: JudgedPlan) => void) | undefined;
  /** How statements are sent, and what else is to be told. */
  readonly execution?: Pick<ExecuteOptions, "send" | "onOutcome" | "stop"> | undefined;
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
    const state = await State.open(clickhouse, options.project, options.stateDatabase);
    return new Reconciler(clickhouse, state, options);
  }

  /** One round: reads, compares, decides, applies, and looks again. */
  async reconcile(desired: InfraMap, options: RoundOptions = {}): Promise<RoundReport> {
    const isLookComplete = !(await this.#prepareDatabases(desired));
    const live = await this.#settled(await ((isLookComplete && options.live) || this.look()));
    await adopt(this.#state, live, desired, this.#options.adopt);
    const planned = await this.#planner.plan(this.#state, live, desired, undefined, options.approvals);
    const { judged, wanted, diagnostics } = planned;
    if (hasErrors(diagnostics)) return { ...emptyReport, diagnostics };
    options.onPlan?.(judged);
    await claimParts(this.#state, judged);
    const operations = await execute(this.#clickhouse, this.#state, judged, {
      ...options.execution,
      onProgress: options.onProgress,
    });

    const unconverged = await this.#verify(wanted, operations);
    const report = {
      operations,
      diagnostics,
      unconverged,
      unmanaged: planned.unmanaged,
    };
    options.onReport?.(report);
    const open = operations.filter(({ outcome }) => outcome.state !== "applied");
    await Promise.all([
      recordApplied(this.#state, wanted, new Set(open.map(({ operation }) => operation.address))),
      this.#options.journal?.record(operations),
    ]);
    return report;
  }

  /** Addresses of the existing tables that are moose's. */
  async owned(desired: InfraMap): Promise<ReadonlySet<Address>> {
    await this.#prepareDatabases(desired);
    return new Set(ownership(this.#state, await this.look()).keys());
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
    const declared = [...desired.tables.values()].map((table) => table.database);
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

  /** Reads the touched tables again: what was applied must no longer differ. Gives the tables where it does. */
  async #verify(wanted: InfraMap, operations: readonly OperationReport[]): Promise<readonly Address[]> {
    const applied = operations.filter(({ outcome }) => outcome.state === "applied");
    if (applied.length === 0) return [];
    const live = await this.#live.reread(
      applied.flatMap(({ operation }) =>
        operation.kind === "RenameTable" ? [operation.before, operation.table] : [operation.table],
      ),
      performance.now(),
    );
    const touched = new Set(applied.map(({ operation }) => operation.address));
    const part: InfraMap = {
      ...emptyInfraMap,
      tables: new Map([...wanted.tables].filter(([address]) => touched.has(address))),
    };
    const now: InfraMap = {
      ...emptyInfraMap,
      tables: new Map([...touched].flatMap((address) => tableEntry(live, address))),
    };
    const settled = await this.#planner.comparison.inServersForm(now, part);
    const open = new Set(
      operations.filter(({ outcome }) => outcome.state !== "applied").map((o) => o.operation.cause),
    );
    const left = plan(this.#planner.comparison.diff(now, settled.map), noEvidence).operations;
    return [...new Set(left.filter((operation) => !open.has(operation.cause)).map((o) => o.address))];
  }
}

function tableEntry(live: Live, address: Address) {
  const found = live.get(address);
  return found === undefined ? [] : [[address, found.table] as const];
}
