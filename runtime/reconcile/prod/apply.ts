// Applies what may be applied by itself, under the lock and written down: the plan is made anew when the lock is held.

import type { Address } from "../../../src/infra/address.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import type { Operation } from "../../../src/plan/operation.js";
import { type ApprovalPolicy, operationFingerprint } from "../../../src/policy/approval.js";
import { topicFingerprint } from "../../../src/policy/judge-topics.js";
import type { OwnDeployment } from "../../../src/policy/supersede.js";
import type { JudgedPlan } from "../../../src/policy/verdict.js";
import type { Outcome, RoundReport } from "../../../src/status/report.js";
import type { TopicsReport } from "../../../src/status/topics-report.js";
import { type ApprovalRecord, writeApprovals } from "../../clickhouse/approvals.js";
import { writeDeployment } from "../../clickhouse/deployments.js";
import { Journal, type JournalRun } from "../../clickhouse/journal.js";
import type { Lock } from "../../clickhouse/lock.js";
import type { SendStep } from "../../clickhouse/send-step.js";
import type { Settings } from "../../config/settings.js";
import type { Kafka } from "../../kafka/client.js";
import { JournalledSteps, type StepOf } from "../journalled-steps.js";
import { Reconciler } from "../reconcile.js";
import { RoundJournal } from "../round-journal.js";
import { goBackFingerprint, readWord, supersededUnlessApproved } from "./look.js";
import { tablesAtOnce } from "./pauses.js";
import type { Applied } from "./problems.js";

export interface ApplyOptions {
  readonly settings: Settings;
  readonly desired: InfraMap;
  readonly deployment: OwnDeployment;
  readonly planId: string;
  readonly adopt: readonly Address[];
  readonly run: JournalRun;
  /** For one statement, in milliseconds. */
  readonly statementDeadlineMs: number;
  readonly stop: AbortSignal;
  readonly onPlan: (judged: JudgedPlan) => void;
  readonly onRunning: (operation: Operation, partsToDo: number | undefined) => void;
  readonly onOutcome: (operation: Operation, outcome: Outcome) => void;
}

/** Nothing is done, and undefined given, where a newer deployment has been here meanwhile. */
export async function applyUnderLock(lock: Lock, options: ApplyOptions): Promise<RoundReport | undefined> {
  const { settings, deployment, desired } = options;
  const { clickhouse, database } = lock;
  const { approvals, applied } = await readWord(clickhouse, settings);
  if (supersededUnlessApproved(deployment, applied, approvals) !== undefined) return undefined;
  const reconciler = await Reconciler.open(clickhouse, {
    project: settings.project,
    database: settings.clickhouse.database,
    adopt: options.adopt,
    state: { database },
  });
  const written = new WrittenRun(lock, options);
  try {
    const report = await reconciler.reconcile(desired, {
      approvals,
      onPlan: options.onPlan,
      onProgress: options.onRunning,
      execution: {
        tablesAtOnce,
        onClaimed: (first) => written.announce(first),
        send: (operation, step, statement) => written.send(operation, step, statement),
        onOutcome: (operation, outcome) => written.ended(operation, outcome),
        stop: options.stop,
      },
    });
    const back = {
      fingerprint: goBackFingerprint(deployment.hash),
      subject: "going back to an older schema",
    };
    const done = [...doneOf(report.operations, operationFingerprint), back];
    await spendApprovals(lock, options, approvals, done);
    if (isDone(report)) await writeDeployment(clickhouse, database, deployment);
    return report;
  } finally {
    await written.close();
  }
}

function isDone({ operations, unconverged }: Applied): boolean {
  return unconverged.length === 0 && operations.every(({ outcome }) => outcome.state === "applied");
}

/** An approval is for one time. */
async function spendApprovals(
  { clickhouse }: Lock,
  { settings, planId }: Pick<ApplyOptions, "settings" | "planId">,
  { decisions }: ApprovalPolicy,
  done: readonly { readonly fingerprint: string; readonly subject: string }[],
): Promise<void> {
  const used = done.flatMap((one): readonly ApprovalRecord[] => {
    const said = decisions.get(one.fingerprint);
    return said === undefined ? [] : [{ ...one, planId, by: said.by, decision: "used" }];
  });
  await writeApprovals(clickhouse, settings.project, used);
}

/** Of those that were applied, by what they are approved. */
function doneOf<T extends { readonly kind: string; readonly address: string }>(
  operations: readonly { readonly operation: T; readonly outcome: Outcome }[],
  fingerprintOf: (operation: T) => string,
) {
  return operations.flatMap(({ operation, outcome }) =>
    outcome.state === "applied"
      ? [{ fingerprint: fingerprintOf(operation), subject: `${operation.kind} ${operation.address}` }]
      : [],
  );
}

/** The same for the topics, once the tables are in line or wait for somebody. */
export async function applyTopicsUnderLock(
  lock: Lock,
  kafka: Kafka,
  options: Pick<ApplyOptions, "settings" | "desired" | "deployment" | "planId" | "adopt" | "run"> & {
    readonly namespace: string;
  },
): Promise<TopicsReport | undefined> {
  const { settings, deployment, desired, adopt, namespace, planId, run } = options;
  const { clickhouse, database } = lock;
  const { approvals, applied } = await readWord(clickhouse, settings);
  if (supersededUnlessApproved(deployment, applied, approvals) !== undefined) return undefined;
  const journal = new RoundJournal(clickhouse, database, run, `prod-${planId}`);
  const reconciler = await Reconciler.open(clickhouse, {
    ...{ project: settings.project, adopt, journal },
    database: settings.clickhouse.database,
    state: { database },
  });
  const report = await reconciler.reconcileTopics(kafka, desired, { namespace, adopt, approvals });
  await spendApprovals(lock, options, approvals, doneOf(report.operations, topicFingerprint));
  await journal.close();
  if (isDone(report)) await writeDeployment(clickhouse, database, deployment);
  return report;
}

/** The journal of a run that changes something; one that changes nothing leaves no trace. */
class WrittenRun {
  readonly #lock: Lock;
  readonly #options: ApplyOptions;
  readonly #migrationId: string;
  readonly #numbers = new Map<string, number>();
  readonly #ended: Promise<void>[] = [];
  #begun: Promise<{ readonly journal: Journal; readonly steps: JournalledSteps }> | undefined;

  constructor(lock: Lock, options: ApplyOptions) {
    this.#lock = lock;
    this.#options = options;
    this.#migrationId = `prod-${options.planId}`;
  }

  /** The intents of many statements are stored by one insert. */
  async announce(operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return;
    this.#begun ??= this.#begin();
    const { steps } = await this.#begun;
    await steps.announce(
      operations.map((operation) => ({ ...this.#stepOf(operation, 0), sql: operation.steps[0]?.sql ?? "" })),
    );
  }

  async send(operation: Operation, step: number, statement: Parameters<SendStep>[2]): Promise<void> {
    this.#begun ??= this.#begin();
    const { steps } = await this.#begun;
    await steps.send(this.#stepOf(operation, step), { mayBeDone: true, ...statement });
  }

  ended(operation: Operation, outcome: Outcome): void {
    this.#options.onOutcome(operation, outcome);
    const begun = this.#begun;
    if (begun === undefined || outcome.state === "skipped" || outcome.state === "blocked") return;
    const end = {
      kind: outcome.state === "applied" ? ("done" as const) : outcome.state,
      ...(outcome.state === "applied" && { durationMs: outcome.durationMs }),
      ...("reason" in outcome && { error: outcome.reason }),
    };
    const noted = begun.then(({ steps }) => steps.ended(this.#stepOf(operation, 0), end));
    // It is waited for at the end; until then its failure must not count as one that nobody looks at.
    noted.catch(() => undefined);
    this.#ended.push(noted);
  }

  /** Of a lock that was just lost the last word is not written. */
  async close(): Promise<void> {
    if (this.#begun === undefined) return;
    try {
      const { journal, steps } = await this.#begun;
      await Promise.all(this.#ended);
      await steps.flush();
      await journal.append([{ kind: "run-ended", migrationId: this.#migrationId }]);
    } catch (error) {
      if (!this.#lock.lost.aborted) throw error;
    }
  }

  async #begin() {
    const { clickhouse, database } = this.#lock;
    const { run, statementDeadlineMs: deadlineMs, stop } = this.#options;
    const migrationId = this.#migrationId;
    const journal = await Journal.open(clickhouse, database, run);
    await journal.append([{ kind: "run-started", migrationId }]);
    const shared = { clickhouse, journal, migrationId, deadlineMs, stop };
    return { journal, steps: new JournalledSteps({ ...shared, records: [], onStep: () => {} }) };
  }

  #stepOf(operation: Operation, step: number): StepOf {
    const number = this.#numbers.get(operation.id) ?? this.#numbers.size;
    this.#numbers.set(operation.id, number);
    return { operation: number, step, address: operation.address, kind: operation.kind };
  }
}
