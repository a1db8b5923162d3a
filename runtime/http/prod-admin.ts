// The admin routes of moose prod: what they show and do, over the session that reconciles.

import { DiagnosticError } from "../../src/diagnostic.js";
import { writeInfraMap } from "../../src/format/inframap-json.js";
import { type Decision, operationFingerprint } from "../../src/policy/approval.js";
import { topicFingerprint } from "../../src/policy/judge-topics.js";
import { isApprovable } from "../../src/status/decision.js";
import { planView } from "../../src/status/plan-view.js";
import type { ServerStatus } from "../../src/status/server-status.js";
import { type ApprovalRecord, writeApprovals } from "../clickhouse/approvals.js";
import { LiveTables } from "../clickhouse/live-tables.js";
import { readState, State } from "../clickhouse/state.js";
import type { Settings } from "../config/settings.js";
import { adopt, ownership } from "../reconcile/ownership.js";
import type { Ground } from "../reconcile/prod/ground.js";
import { goBackFingerprint } from "../reconcile/prod/look.js";
import type { ProdSession } from "../reconcile/prod/session.js";
import { takeLock } from "../reconcile/prod/take-lock.js";
import type { Tool } from "../reconcile/run.js";
import type { AdminPort, Answer, DecisionResult, Discrepancies, IntegratedChanges } from "./admin-port.js";
import { KnownPlans } from "./known-plans.js";
import { prodStatus } from "./prod-status.js";
import { type Asked, discrepancies, historyOf, notConnected, planAgainst } from "./project-answers.js";

export interface ProdAdminOptions {
  readonly settings: Settings;
  readonly tool: Tool;
  readonly stop: AbortSignal;
}

/** How long another holder of the lock is waited for. */
const patienceMs = 5_000;
/** Changes that follow each other closely are told once. */
const tellAfterMs = 30;

export class ProdAdmin implements AdminPort {
  readonly #session: ProdSession;
  readonly #options: ProdAdminOptions;
  readonly #startedAt = new Date();
  readonly #knownPlans = new KnownPlans();
  readonly #listeners = new Set<(status: ServerStatus) => void>();
  #telling: NodeJS.Timeout | undefined;
  #made: { readonly of: ProdSession["state"]; readonly status: ServerStatus } | undefined;

  constructor(session: ProdSession, options: ProdAdminOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** To be called on each change of the session, of which there are many; a report is made when somebody looks. */
  changed(): void {
    this.#knownPlans.add(this.#session.lastLook?.report.id);
    if (this.#made?.status.phase !== this.#session.state.phase) this.status();
    if (this.#listeners.size > 0) this.#telling ??= setTimeout(() => this.#tell(), tellAfterMs).unref();
  }

  #tell(): void {
    this.#telling = undefined;
    for (const listener of this.#listeners) listener(this.status());
  }

  status(): ServerStatus {
    const { state } = this.#session;
    if (this.#made?.of === state) return this.#made.status;
    const status = prodStatus(state, {
      project: this.#options.settings.project,
      version: this.#options.tool.version,
      startedAt: this.#startedAt,
      at: new Date(),
      before: this.#made?.status,
    });
    this.#made = { of: state, status };
    return status;
  }

  async plan() {
    const { report } = await this.#ground().lookAside();
    this.#knownPlans.add(report.id);
    return planView(report);
  }

  approve(planId: string, operationId: string | undefined, by: string): Promise<DecisionResult> {
    return this.#decide("approved", { planId, operationId, by });
  }

  reject(planId: string, operationId: string | undefined, by: string): Promise<DecisionResult> {
    return this.#decide("rejected", { planId, operationId, by });
  }

  reconcile(): void {
    this.#session.wake();
  }

  async history(limit: number) {
    return historyOf(this.#asked, limit);
  }

  async infraMap(): Promise<unknown> {
    const { planned } = await this.#ground().lookAside();
    return writeInfraMap(planned.actual, this.#options.settings.clickhouse.database);
  }

  async planAgainst(value: unknown): Promise<Answer<unknown>> {
    return planAgainst(this.#asked, value);
  }

  async realityCheck(): Promise<Discrepancies> {
    const { planned } = await this.#ground().lookAside();
    return discrepancies(this.#asked, planned);
  }

  /** Existing tables that the code declares are moose's from now on. */
  async integrateChanges(names: readonly string[]): Promise<Answer<IntegratedChanges>> {
    const { settings, tool, stop } = this.#options;
    const { clickhouse, desired } = this.#ground();
    const lock = await takeLock(clickhouse, {
      ...{ project: settings.project, tool, stop, patienceMs },
      onWaiting: () => undefined,
    });
    if (lock === undefined) throw new DiagnosticError([locked]);
    try {
      const databases = [...desired.map.tables.values()].map(({ database }) => database);
      const live = await new LiveTables(lock.clickhouse).refresh([...new Set(databases)], performance.now());
      const owned = ownership(await readState(clickhouse, settings.project), live);
      const chosen = [...desired.map.tables].flatMap(([address, { name }]) => {
        const isNamed = names.includes(name) || names.includes(address);
        return isNamed && live.has(address) && !owned.has(address) ? [{ address, name }] : [];
      });
      if (chosen.length === 0)
        return { ok: false, problems: ["none of these tables is declared, exists, and is not moose's yet"] };
      const state = await State.open(lock.clickhouse, settings.project, { database: lock.database });
      await adopt(
        state,
        live,
        desired.map,
        chosen.map(({ address }) => address),
      );
      this.#session.wake();
      const updatedTables = chosen.map(({ name }) => name);
      return { ok: true, value: { message: `${updatedTables.length} taken over`, updatedTables } };
    } finally {
      await lock.release();
    }
  }

  subscribe(listener: (status: ServerStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #decide(
    decision: Decision["decision"],
    on: { readonly planId: string; readonly operationId: string | undefined; readonly by: string },
  ): Promise<DecisionResult> {
    const { planId, operationId, by } = on;
    const ground = this.#ground();
    const { lastLook: look } = this.#session;
    if (look?.report.id !== planId) return { ok: false, reason: this.#knownPlans.refusal(planId) };
    const chosen = look.report.operations.filter(
      (one) => isApprovable(one) && (operationId === undefined || one.operation.id === operationId),
    );
    const topics = (look.report.topics?.operations ?? []).filter(
      (one) =>
        isApprovable(one) && (operationId === undefined || `topic-${one.operation.id}` === operationId),
    );
    if (chosen.length + topics.length === 0) return { ok: false, reason: "unknown-operation" };
    const goesBack = look.supersededBy !== undefined && operationId === undefined;
    const records = [
      ...chosen.map(({ operation }) => [operationFingerprint(operation), operation] as const),
      ...topics.map(({ operation }) => [topicFingerprint(operation), operation] as const),
    ].map(([fingerprint, { kind, address }]): ApprovalRecord => {
      return { fingerprint, decision, by, planId, subject: `${kind} ${address}` };
    });
    const back: ApprovalRecord = {
      ...{ decision, by, planId },
      fingerprint: goBackFingerprint(ground.deployment.hash),
      subject: "going back to an older schema",
    };
    await writeApprovals(
      ground.clickhouse,
      this.#options.settings.project,
      goesBack ? [...records, back] : records,
    );
    this.#session.wake();
    return { ok: true };
  }

  #ground(): Ground {
    const { ground } = this.#session;
    if (ground === undefined) throw new DiagnosticError([notConnected]);
    return ground;
  }

  get #asked(): Asked {
    return { clickhouse: this.#ground().clickhouse, settings: this.#options.settings };
  }
}

const locked = {
  code: "http/locked",
  severity: "error",
  summary: "another run holds the lock",
  hint: "try again when it is done",
} as const;
