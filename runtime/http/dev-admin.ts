// The admin routes of moose dev: what they show and do, over the session that is under way.

import { DiagnosticError } from "../../src/diagnostic.js";
import { writeInfraMap } from "../../src/format/inframap-json.js";
import type { Verdict } from "../../src/policy/verdict.js";
import type { ServerStatus } from "../../src/status/server-status.js";
import { topicOperationId } from "../../src/status/topic-operation-status.js";
import type { DevHandle, DevState } from "../reconcile/dev-state.js";
import { planProject } from "../reconcile/plan-project.js";
import type { Planned } from "../reconcile/planner.js";
import type { AdminPort, Answer, DecisionResult, Discrepancies, IntegratedChanges } from "./admin-port.js";
import { KnownPlans } from "./known-plans.js";
import { discrepancies, historyOf, notConnected, planAgainst } from "./project-answers.js";

/** What waits for somebody's word. */
interface Waiting {
  readonly id: string;
  readonly cause: string;
  /** What would be taken over. */
  readonly adopts: string;
}

export class DevAdmin implements AdminPort {
  readonly #state: DevState;
  readonly #knownPlans = new KnownPlans();

  constructor(state: DevState) {
    this.#state = state;
  }

  status(): ServerStatus {
    const { status } = this.#state;
    this.#knownPlans.add(status.plan?.id);
    return status;
  }

  /** What the last round has left undone: whatever can be done, a save brings about at once. */
  async plan() {
    const { plan, unmanaged, diagnostics } = this.status();
    const { unsure } = this.#planned;
    const operations = plan?.operations.filter(({ state }) => state !== "applied") ?? [];
    const { id = "", basedOn = "" } = plan ?? {};
    return { id, basedOn, operations, renames: [], unsure: [...unsure], unmanaged, diagnostics };
  }

  async approve(planId: string, operationId: string | undefined): Promise<DecisionResult> {
    return this.#decide(planId, operationId, (waiting) =>
      this.#handle.adopt(waiting.map(({ adopts }) => adopts)),
    );
  }

  async reject(planId: string, operationId: string | undefined, by: string): Promise<DecisionResult> {
    return this.#decide(planId, operationId, (waiting) =>
      this.#state.reject(
        waiting.map(({ cause }) => cause),
        by,
      ),
    );
  }

  reconcile(): void {
    this.#state.handle?.wake();
  }

  async history(limit: number) {
    return historyOf(this.#handle, limit);
  }

  async infraMap(): Promise<unknown> {
    const { actual } = await this.#compare();
    return writeInfraMap(actual, this.#handle.settings.clickhouse.database);
  }

  async planAgainst(value: unknown): Promise<Answer<unknown>> {
    return planAgainst(this.#handle, value);
  }

  async realityCheck(): Promise<Discrepancies> {
    return discrepancies(this.#handle, await this.#compare());
  }

  async integrateChanges(names: readonly string[]): Promise<Answer<IntegratedChanges>> {
    const { desired } = this.#state.facts;
    const handle = this.#handle;
    const { actual } = await this.#compare();
    const chosen = [...(desired?.tables ?? [])].filter(
      ([address, { name }]) =>
        (names.includes(name) || names.includes(address)) && actual.tables.has(address),
    );
    if (chosen.length === 0) return { ok: false, problems: ["none of these tables is declared and exists"] };
    handle.adopt(chosen.map(([address]) => address));
    const updatedTables = chosen.map(([, { name }]) => name);
    return { ok: true, value: { message: `${updatedTables.length} taken over`, updatedTables } };
  }

  subscribe(listener: (status: ServerStatus) => void): () => void {
    return this.#state.subscribe((status) => {
      this.#knownPlans.add(status.plan?.id);
      listener(status);
    });
  }

  #decide(
    planId: string,
    operationId: string | undefined,
    carryOut: (waiting: readonly Waiting[]) => void,
  ): DecisionResult {
    if (this.status().plan?.id !== planId) return { ok: false, reason: this.#knownPlans.refusal(planId) };
    const waiting = this.#waiting().filter(({ id }) => operationId === undefined || operationId === id);
    if (waiting.length === 0) return { ok: false, reason: "unknown-operation" };
    carryOut(waiting);
    return { ok: true };
  }

  #waiting(): readonly Waiting[] {
    const { judged, topics } = this.#state.facts;
    return [
      ...judged.flatMap(({ operation, verdict }) => waitingOf(operation, operation.id, verdict)),
      ...(topics?.operations ?? []).flatMap((one) =>
        waitingOf(one.operation, topicOperationId(one), one.verdict),
      ),
    ];
  }

  /** The code against the database, as it is now. */
  async #compare(): Promise<Planned> {
    const { desired } = this.#state.facts;
    if (desired === undefined) throw new DiagnosticError([notConnected]);
    const { clickhouse, settings } = this.#handle;
    const { planned } = await planProject(
      clickhouse,
      { map: desired, diagnostics: [] },
      { project: settings.project, database: settings.clickhouse.database, adopt: [], renames: [] },
    );
    return planned;
  }

  get #planned(): Planned {
    const { planned } = this.#state.facts;
    if (planned === undefined) throw new DiagnosticError([notConnected]);
    return planned;
  }

  get #handle(): DevHandle {
    const { handle } = this.#state;
    if (handle === undefined) throw new DiagnosticError([notConnected]);
    return handle;
  }
}

function waitingOf({ cause }: { readonly cause: string }, id: string, verdict: Verdict): readonly Waiting[] {
  return verdict.decision === "blocked" && verdict.adopts !== undefined
    ? [{ id, cause, adopts: verdict.adopts }]
    : [];
}
