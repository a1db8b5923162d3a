// The execution of a migration of topics: looks, does what is left, and looks again where an answer was lost.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { topicAddress } from "../../../src/infra/topic.js";
import type { TopicOperation } from "../../../src/plan/topic-operation.js";
import type { OperationResult } from "../../../src/status/migration-report.js";
import type { Outcome } from "../../../src/status/report.js";
import type { Kafka } from "../../kafka/client.js";
import { inspectTopics, type LiveTopic } from "../../kafka/inspect.js";
import type { StepOf } from "../journalled-steps.js";
import { recordOf } from "./records.js";
import { appliedOf, type TopicHistory } from "./topic-history.js";
import { begunOf, liveTopic, operationsOf, type TopicMigration } from "./topic-migration.js";
import { executeTopics } from "./work.js";

export class TopicRun {
  readonly #migration: TopicMigration;
  readonly #kafka: Kafka;
  readonly #histories: readonly TopicHistory[];
  readonly #results = new Map<number, OperationResult>();

  constructor(migration: TopicMigration, kafka: Kafka, histories: readonly TopicHistory[]) {
    this.#migration = migration;
    this.#kafka = kafka;
    this.#histories = histories;
  }

  get results(): readonly OperationResult[] {
    return [...this.#results.values()].sort((a, b) => a.index - b.index);
  }

  get hasFailed(): boolean {
    return this.results.some(({ state }) => state === "failed" || state === "unknown");
  }

  problems(): readonly Diagnostic[] {
    return this.results.flatMap(({ kind, subject, state, reason }): readonly Diagnostic[] => {
      if (state !== "failed" && state !== "unknown") return [];
      const isFailed = state === "failed";
      return [
        {
          code: isFailed ? "reconcile/failed-operation" : "reconcile/lost-answer",
          severity: "error",
          summary: isFailed ? `${kind} ${subject} failed` : `the answer to ${kind} ${subject} was lost`,
          detail: reason,
          hint: "mend the cause and run moose migrate again: it goes on from here",
        },
      ];
    });
  }

  /** One operation of each topic after the other, topics side by side. */
  async round(): Promise<"done" | "look"> {
    const live = (await inspectTopics(this.#kafka)).topics;
    const longest = Math.max(0, ...this.#histories.map(({ operations }) => operations.length));
    const stopped = new Set<TopicHistory>();
    for (let position = 0; position < longest; position++) {
      const due = this.#histories.filter(
        (history) => position < history.operations.length && !stopped.has(history),
      );
      for (const history of await this.#step(due, position, live)) stopped.add(history);
      await this.#migration.steps.flush();
      if (this.#migration.options.stop.aborted) return "done";
    }
    const isUnknown = this.results.some(({ state }) => state === "unknown");
    return isUnknown ? "look" : "done";
  }

  /** Gives the histories that cannot go on. */
  async #step(
    due: readonly TopicHistory[],
    position: number,
    live: readonly LiveTopic[],
  ): Promise<readonly TopicHistory[]> {
    const { steps } = this.#migration;
    const work = new Map<TopicOperation, { readonly of: StepOf; readonly history: TopicHistory }>();
    for (const history of due) {
      const operation = history.operations[position] ?? 0;
      const applied = appliedOf(history, liveTopic(live, history.name), begunOf(history, steps)) ?? 0;
      if (position < applied) {
        if (!this.#results.has(operation))
          this.#note(operation, history.name, { state: "applied", durationMs: 0 }, true);
        else if (this.#results.get(operation)?.state === "unknown")
          this.#note(operation, history.name, { state: "applied", durationMs: 0 });
        continue;
      }
      for (const [step, planned] of operationsOf(history, position).entries()) {
        const address = topicAddress(history.name);
        work.set(planned, { of: { operation, step, address, kind: planned.kind }, history });
      }
    }
    await claim(this.#migration, [...work.keys()]);
    await steps.announce([...work].map(([{ request }, { of }]) => ({ ...of, sql: request })));
    const judged = [...work.keys()].map((operation) => ({
      operation,
      verdict: { decision: "apply" as const },
    }));
    const reports = await executeTopics(this.#kafka, judged, {
      onOutcome: (operation, outcome) => this.#ended(work.get(operation)?.of, operation, outcome),
    });
    return reports.flatMap(({ operation, outcome }) => {
      const history = work.get(operation)?.history;
      return outcome.state === "applied" || history === undefined ? [] : [history];
    });
  }

  async #ended(of: StepOf | undefined, { topic }: TopicOperation, outcome: Outcome): Promise<void> {
    if (of === undefined) return;
    this.#note(of.operation, topic.name, outcome);
    const { options, steps } = this.#migration;
    options.onEvent({ event: "step", step: { moment: "answered", step: of } });
    if (outcome.state === "applied") await steps.ended(of, { kind: "done", durationMs: outcome.durationMs });
    else if (outcome.state === "failed" || outcome.state === "unknown")
      await steps.ended(of, { kind: outcome.state, error: outcome.reason });
    const result = this.#results.get(of.operation);
    if (result !== undefined) options.onEvent({ event: "operation", result });
  }

  #note(index: number, name: string, outcome: Outcome, wasBefore = false): void {
    const kind = this.#migration.source.operations[index]?.kind ?? "";
    const reason = "reason" in outcome ? outcome.reason : undefined;
    const durationMs = outcome.state === "applied" ? outcome.durationMs : 0;
    const state = wasBefore ? "done-before" : outcome.state;
    this.#results.set(index, { index, kind, subject: topicAddress(name), state, durationMs, reason });
  }
}

/** Says before topics are made that they will be ours. */
async function claim(
  { state, access, source }: TopicMigration,
  operations: readonly TopicOperation[],
): Promise<void> {
  await state.put(
    operations.flatMap(({ kind, topic }) => {
      if (kind !== "CreateTopic") return [];
      const { name, config } = topic;
      const lifeCycle = source.desired?.topics.get(name)?.lifeCycle ?? topic.lifeCycle;
      const { namespace } = access;
      return [
        recordOf({ name, namespace, topicId: "", lifeCycle, configs: Object.keys(config), owned: true }),
      ];
    }),
  );
}
