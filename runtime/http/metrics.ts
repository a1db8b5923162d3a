// What Prometheus is told: counts of the loop, and the status as numbers. No table is named, for there may be many.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { topicOfAddress } from "../../src/infra/topic.js";
import {
  conditionTypes,
  type OperationStatus,
  phases,
  type ServerStatus,
} from "../../src/status/server-status.js";

export type ReconcileTarget = "clickhouse" | "kafka";
export type ReconcileResult = "success" | "error" | "blocked" | "drifted" | "requeue";

/** Counts that the loop reports; everything else is read off the status when it is asked for. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #rounds = this.#counter("moose_reconcile_total", "Rounds of reconciling.", ["target", "result"]);
  readonly #errors = this.#counter("moose_reconcile_errors_total", "Errors of rounds.", ["target", "class"]);
  readonly #terminal = this.#counter(
    "moose_terminal_reconcile_errors_total",
    "Errors after which a round is not tried again by itself.",
    [],
  );
  readonly #takeovers = this.#counter(
    "moose_lock_takeovers_total",
    "Times that the lock was taken from an owner that was gone.",
    [],
  );
  readonly #seconds = new Histogram({
    name: "moose_reconcile_time_seconds",
    help: "How long a round of reconciling took.",
    labelNames: ["target"],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200],
    registers: [this.#registry],
  });
  readonly #mutations = this.#gauge(
    "moose_mutations_unfinished",
    "Mutations that ClickHouse has not finished.",
  );
  readonly #lastSuccess = this.#gauge(
    "moose_last_success_timestamp_seconds",
    "When a round last ended with everything as desired, in Unix time.",
  );
  readonly #ofStatus: readonly ((status: ServerStatus) => void)[];

  constructor(version: string) {
    this.#gauge("moose_build_info", "Which moose this is.", ["version"]).set({ version }, 1);
    this.#terminal.inc(0);
    this.#takeovers.inc(0);
    this.#ofStatus = [
      ...this.#statusGauges(),
      this.#conditionGauge(),
      this.#phaseGauge(),
      this.#operationsGauge(),
      this.#driftGauge(),
    ];
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** A round has ended. */
  reconciled(target: ReconcileTarget, result: ReconcileResult, seconds: number): void {
    this.#rounds.inc({ target, result });
    this.#seconds.observe({ target }, seconds);
  }

  /** @param errorClass - of a closed list, such as the reason of a condition; never a message */
  reconcileFailed(target: ReconcileTarget, errorClass: string, isTerminal: boolean): void {
    this.#errors.inc({ target, class: errorClass });
    if (isTerminal) this.#terminal.inc();
  }

  lockTakenOver(): void {
    this.#takeovers.inc();
  }

  mutationsUnfinished(count: number): void {
    this.#mutations.set(count);
  }

  succeededAt(unixSeconds: number): void {
    this.#lastSuccess.set(unixSeconds);
  }

  /** In the text format of Prometheus. */
  text(status: ServerStatus): Promise<string> {
    for (const update of this.#ofStatus) update(status);
    return this.#registry.metrics();
  }

  #statusGauges(): readonly ((status: ServerStatus) => void)[] {
    const leader = this.#gauge("moose_leader", "1 where this process holds the lock.");
    const epoch = this.#gauge("moose_lock_epoch", "How often the lock has changed hands.");
    const generation = this.#gauge("moose_schema_generation", "Version of the code that is asked for.");
    const observed = this.#gauge("moose_schema_observed_generation", "Version of the code last compared.");
    const unmanaged = this.#gauge("moose_unmanaged_objects", "Tables that moose does not manage.");
    return [
      (status) => leader.set(status.lock?.isOurs === true ? 1 : 0),
      ({ lock }) => {
        // What was seen last: the lock is held only now and then.
        if (lock !== undefined) epoch.set(lock.epoch);
      },
      (status) => generation.set(status.generation),
      (status) => observed.set(status.observedGeneration),
      (status) => unmanaged.set(status.unmanaged.length),
    ];
  }

  #conditionGauge(): (status: ServerStatus) => void {
    const gauge = this.#gauge("moose_condition", "1 where the condition is true.", ["type"]);
    return (status) => {
      for (const type of conditionTypes)
        gauge.set({ type }, status.conditions[type].status === "True" ? 1 : 0);
    };
  }

  #phaseGauge(): (status: ServerStatus) => void {
    const gauge = this.#gauge("moose_phase", "1 for the phase that the server is in.", ["phase"]);
    return (status) => {
      for (const phase of phases) gauge.set({ phase }, phase === status.phase ? 1 : 0);
    };
  }

  #operationsGauge(): (status: ServerStatus) => void {
    const gauge = this.#gauge("moose_plan_operations", "Operations of the plan that are not done.", [
      "target",
      "action",
      "destructive",
    ]);
    return (status) => {
      gauge.reset();
      for (const operation of status.plan?.operations ?? [])
        if (isOpen(operation))
          gauge.inc({
            target: operation.target,
            action: operation.kind,
            destructive: String(operation.destructive),
          });
    };
  }

  #driftGauge(): (status: ServerStatus) => void {
    const gauge = this.#gauge("moose_drift_objects", "Objects that somebody else has changed.", ["target"]);
    return ({ drift }) => {
      const topics = drift.filter(({ address }) => topicOfAddress(address) !== undefined).length;
      gauge.set({ target: "clickhouse" }, drift.length - topics);
      gauge.set({ target: "kafka" }, topics);
    };
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }
}

function isOpen({ state }: OperationStatus): boolean {
  return state !== "applied";
}
