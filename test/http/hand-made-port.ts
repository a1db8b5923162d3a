// A port that a test moves by hand: what is behind the app, without a database.

import type {
  AdminPort,
  Answer,
  DecisionResult,
  Discrepancies,
  IntegratedChanges,
} from "../../runtime/http/admin-port.js";
import type { HistoryEntry } from "../../src/status/history-entry.js";
import type { PlanView } from "../../src/status/plan-view.js";
import type { OperationStatus, ServerStatus } from "../../src/status/server-status.js";
import { at, ready } from "./statuses.js";

export const history: readonly HistoryEntry[] = [
  {
    runId: "run-2",
    migrationId: "9f2c41d07ab35e88",
    who: "deploy",
    host: "pod-7f9c",
    toolVersion: "0.1.0",
    startedAt: at,
    endedAt: undefined,
    durationMs: 5_012,
    done: 1,
    failed: 0,
    unknown: 0,
    error: undefined,
  },
  {
    runId: "run-1",
    migrationId: "11aa22bb33cc44dd",
    who: "anna",
    host: "laptop",
    toolVersion: "0.1.0",
    startedAt: "2026-11-24T17:02:11.000Z",
    endedAt: "2026-11-24T17:02:14.100Z",
    durationMs: 3_100,
    done: 6,
    failed: 1,
    unknown: 0,
    error: "Code: 44. Cannot add column `a`: it exists",
  },
];

export interface Decided {
  readonly what: "approve" | "reject";
  readonly planId: string;
  readonly operationId: string | undefined;
  readonly by: string;
}

export class HandMadePort implements AdminPort {
  readonly decided: Decided[] = [];
  readonly integrated: string[] = [];
  rounds = 0;
  /** Thrown by everything that would ask a database. */
  failure: Error | undefined;
  #status: ServerStatus;
  readonly #listeners = new Set<(status: ServerStatus) => void>();

  constructor(status: ServerStatus = ready) {
    this.#status = status;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  show(status: ServerStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }

  status(): ServerStatus {
    return this.#status;
  }

  async plan(): Promise<PlanView> {
    this.#fail();
    const { id = "0000", basedOn = "0000", operations = [] } = this.#status.plan ?? {};
    const renames = [
      { address: "local.users", from: "phone", to: "mobile", evidence: ["same type String", "same place"] },
    ];
    const { unmanaged, diagnostics } = this.#status;
    return { id, basedOn, operations, renames, unsure: ["local.odd"], unmanaged, diagnostics };
  }

  async planAgainst(infraMap: unknown): Promise<Answer<unknown>> {
    this.#fail();
    return typeof infraMap === "object" && infraMap !== null && "tables" in infraMap
      ? { ok: true, value: { olap_changes: [], filtered_olap_changes: [] } }
      : { ok: false, problems: ["tables: is missing"] };
  }

  approve(planId: string, operationId: string | undefined, by: string): Promise<DecisionResult> {
    return this.#decide({ what: "approve", planId, operationId, by });
  }

  reject(planId: string, operationId: string | undefined, by: string): Promise<DecisionResult> {
    return this.#decide({ what: "reject", planId, operationId, by });
  }

  reconcile(): void {
    this.rounds += 1;
  }

  async history(limit: number): Promise<readonly HistoryEntry[]> {
    this.#fail();
    return history.slice(0, limit);
  }

  async infraMap(): Promise<unknown> {
    this.#fail();
    return { default_database: "local", tables: {} };
  }

  async realityCheck(): Promise<Discrepancies> {
    this.#fail();
    return { unmappedTables: [{ name: "tmp" }], missingTables: ["gone"], mismatchedTables: [] };
  }

  async integrateChanges(tables: readonly string[]): Promise<Answer<IntegratedChanges>> {
    this.#fail();
    if (!tables.includes("events")) return { ok: false, problems: ["none of the tables differs"] };
    this.integrated.push(...tables);
    return { ok: true, value: { message: "1 table was taken", updatedTables: ["events"] } };
  }

  subscribe(listener: (status: ServerStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #decide(decided: Decided): Promise<DecisionResult> {
    this.#fail();
    const { plan } = this.#status;
    if (decided.planId === "older") return { ok: false, reason: "changed" };
    if (plan === undefined || plan.id !== decided.planId) return { ok: false, reason: "unknown-plan" };
    const waiting = plan.operations.filter(({ verdict }) => verdict.decision === "needs-approval");
    const meant = waiting.filter(({ id }) => decided.operationId === undefined || id === decided.operationId);
    if (meant.length === 0) return { ok: false, reason: "unknown-operation" };
    this.decided.push(decided);
    const isMeant = new Set(meant.map(({ id }) => id));
    const operations = plan.operations.map((one) => (isMeant.has(one.id) ? after(one, decided) : one));
    this.show({ ...this.#status, plan: { ...plan, operations } });
    return { ok: true };
  }

  #fail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

function after(operation: OperationStatus, { what, by }: Decided): OperationStatus {
  return what === "approve"
    ? { ...operation, verdict: { decision: "approved", by, at }, state: "running", progress: 0.1 }
    : { ...operation, verdict: { decision: "rejected", by, at } };
}
