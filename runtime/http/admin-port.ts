// What the HTTP server asks of the process that reconciles; the server itself knows nothing else of it.

import type { HistoryEntry } from "../../src/status/history-entry.js";
import type { PlanView } from "../../src/status/plan-view.js";
import type { ServerStatus } from "../../src/status/server-status.js";

/** Why an approval or a rejection did not count. `changed`: the plan of that id is no longer the current one. */
export type DecisionRefusal = "unknown-plan" | "changed" | "unknown-operation";

export type DecisionResult = { readonly ok: true } | { readonly ok: false; readonly reason: DecisionRefusal };

/** The answer to a question that the asker can have put wrongly. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

/** How the database differs from what was last applied; tables and changes in the JSON of the existing tool. */
export interface Discrepancies {
  readonly unmappedTables: readonly unknown[];
  /** Names. */
  readonly missingTables: readonly string[];
  readonly mismatchedTables: readonly unknown[];
}

export interface IntegratedChanges {
  readonly message: string;
  /** Names. */
  readonly updatedTables: readonly string[];
}

/**
 * What is behind the admin routes.
 *
 * A method may throw a `DiagnosticError` where something that it needs cannot be had just now, as while ClickHouse
 * is down: that is answered with 503 and the diagnostics. Anything else that is thrown is a fault, and a 500.
 */
export interface AdminPort {
  /** In memory, at once; the same object as long as nothing has changed, for it is written to JSON once. */
  status(): ServerStatus;
  /** The current difference of code and reality. */
  plan(): Promise<PlanView>;
  /** The changes from reality to an InfraMap in the JSON of the existing tool, in its shape. */
  planAgainst(infraMap: unknown): Promise<Answer<unknown>>;
  /**
   * @param operationId - undefined for all that wait for an approval
   * @param by - who approves, for the journal
   */
  approve(planId: string, operationId: string | undefined, by: string): Promise<DecisionResult>;
  reject(planId: string, operationId: string | undefined, by: string): Promise<DecisionResult>;
  /** Asks for a round now; returns before it begins. */
  reconcile(): void;
  /** The newest first. */
  history(limit: number): Promise<readonly HistoryEntry[]>;
  /** What is managed, in the JSON of the existing tool. */
  infraMap(): Promise<unknown>;
  realityCheck(): Promise<Discrepancies>;
  /** Takes the tables as they are in the database for what was last applied. */
  integrateChanges(tables: readonly string[]): Promise<Answer<IntegratedChanges>>;
  /** Called with each new status; the result ends it. A listener must not throw. */
  subscribe(listener: (status: ServerStatus) => void): () => void;
}
