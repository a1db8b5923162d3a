// What moose dev knows of its own progress, for whoever looks from outside. Noting it costs a round next to nothing.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { Operation } from "../../src/plan/operation.js";
import type { JudgedPlan } from "../../src/policy/verdict.js";
import { conditionsOf } from "../../src/status/conditions.js";
import type { Outcome, RoundReport } from "../../src/status/report.js";
import type { Conditions, ServerStatus } from "../../src/status/server-status.js";
import type { TopicsReport } from "../../src/status/topics-report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import type { Lock } from "../clickhouse/lock.js";
import type { LockHolder, LockOwner } from "../clickhouse/lock-store.js";
import type { Settings } from "../config/settings.js";
import { DevDrift, type SeenByRound } from "./dev-drift.js";
import { type DevFacts, nothingYet, type OnOperation, resultOf } from "./dev-facts.js";
import { devStatus, standingOf } from "./dev-status.js";
import type { Planned } from "./planner.js";
import type { MessageCounts } from "./topics/message-watch.js";
import type { TopicLooks } from "./topics/reconcile-topics.js";

/** The session that is under way, for those who want something of it. */
export interface DevHandle {
  readonly settings: Settings;
  readonly clickhouse: ClickHouse;
  /** Looks now. */
  wake(): void;
  /** Takes existing objects over, as `--adopt` does. */
  adopt(addresses: readonly string[]): void;
}

/** Changes that follow each other closely are told once. */
const tellAfterMs = 30;

export class DevState {
  #facts: DevFacts;
  #conditions: Conditions | undefined;
  #made: ServerStatus | undefined;
  #handle: DevHandle | undefined;
  readonly #listeners = new Set<(status: ServerStatus) => void>();
  readonly #onPhase = new Set<(facts: DevFacts) => void>();
  #telling: NodeJS.Timeout | undefined;
  #drift = new DevDrift();
  #topicDrift = new DevDrift();

  constructor(mooseVersion: string) {
    const startedAt = new Date();
    this.#facts = { ...nothingYet, mooseVersion, startedAt };
  }

  /** As it is; the same object until something changes. */
  get status(): ServerStatus {
    this.#made ??= devStatus(this.#facts, this.#conditionsNow(), new Date());
    return this.#made;
  }

  get facts(): DevFacts {
    return this.#facts;
  }

  /** Undefined until there is a server. */
  get handle(): DevHandle | undefined {
    return this.#handle;
  }

  subscribe(listener: (status: ServerStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells each change of the phase; the result ends it. */
  onPhase(listener: (facts: DevFacts) => void): () => void {
    this.#onPhase.add(listener);
    return () => void this.#onPhase.delete(listener);
  }

  /** A session begins with these settings; what was known of the one before counts no more. */
  begins({ project }: Settings): void {
    const { startedAt, mooseVersion, generation } = this.#facts;
    this.#handle = undefined;
    this.#drift = new DevDrift();
    this.#topicDrift = new DevDrift();
    this.#set({ ...nothingYet, startedAt, mooseVersion, project, generation });
  }

  reached(handle: DevHandle): void {
    this.#handle = handle;
    this.#set({ clickhouseVersion: handle.clickhouse.version });
  }

  hasLock({ epoch, owner }: Lock): void {
    const lock = { holder: ownerText(owner), isOurs: true, epoch, since: new Date().toISOString() };
    this.#set({ lock, ...(this.#facts.phase === "waiting-for-lock" && planning) });
  }

  waitsForLock(holder: LockHolder | undefined): void {
    const who = holder && ownerText(holder.owner);
    const since = new Date(Date.now() - (holder?.heldForMs ?? 0)).toISOString();
    this.#set({
      ...{ phase: "waiting-for-lock", reason: "LockHeldByOther" },
      message: who === undefined ? "the lock was lost" : `waiting for ${who}`,
      lock:
        holder && who !== undefined ? { holder: who, isOurs: false, epoch: holder.epoch, since } : undefined,
    });
  }

  /** Files were saved, or the first round begins. */
  reads(): void {
    const { generation } = this.#facts;
    this.#set({ ...planning, generation: generation + 1 });
  }

  read(desired: InfraMap): void {
    this.#set({ desired });
  }

  planned({ operations }: JudgedPlan, planned: Planned, seen: SeenByRound): void {
    this.#drift.begins(seen);
    if (operations.length === 0) return this.#set({ planned, ...this.#settledPlan() });
    const isApplying = operations.some(({ verdict }) => verdict.decision === "apply");
    const phase = { phase: "applying", reason: "Applying", message: "applying" } as const;
    const { topics } = this.#facts;
    const left = topics && isDone(topics) ? { topics: { ...topics, operations: [] } } : {};
    this.#set({ planned, judged: operations, progress: new Map(), ...left, ...(isApplying && phase) });
  }

  /** What was all done stays in sight until something else is; what was open and is no more goes. */
  #settledPlan(): Partial<DevFacts> {
    const { judged, progress } = this.#facts;
    const isAllDone = judged.every(
      ({ operation }) => progress.get(operation.id)?.outcome?.state === "applied",
    );
    return isAllDone ? {} : { judged: [], progress: new Map() };
  }

  running({ id }: Operation, partsToDo: number | undefined): void {
    const before = this.#facts.progress.get(id)?.parts;
    const parts =
      partsToDo === undefined ? before : { atFirst: before?.atFirst ?? partsToDo, left: partsToDo };
    this.#progress(id, { parts, outcome: undefined });
  }

  ended({ id }: Operation, outcome: Outcome): void {
    this.#progress(id, { parts: undefined, outcome });
  }

  /** A round was applied and verified. */
  applied({ operations, unconverged, diagnostics }: RoundReport, left: SeenByRound): void {
    const progress = new Map(this.#facts.progress);
    for (const { operation, outcome } of operations)
      progress.set(operation.id, { parts: undefined, outcome });
    const { generation } = this.#facts;
    this.#set({
      progress,
      diagnostics,
      drift: this.#drift.ends(left),
      observedGeneration: generation,
      ...resultOf(operations, unconverged),
    });
  }

  /** The round came to nothing: the database stays as it was. */
  refused(diagnostics: readonly Diagnostic[]): void {
    const message = diagnostics.find(({ severity }) => severity === "error")?.summary ?? "";
    this.#set({ phase: "failed", reason: "CodeDoesNotLoad", message, diagnostics });
  }

  lost(message: string): void {
    this.#set({ phase: "waiting-for-clickhouse", reason: "ClickHouseUnreachable", message });
  }

  /** A round of the topics is over, which run beside those of the tables. */
  topicsApplied(topics: TopicsReport, looks: TopicLooks | undefined): void {
    if (looks !== undefined) {
      this.#topicDrift.begins(looks.before);
      this.#set({ topicDrift: this.#topicDrift.ends(looks.after) });
    }
    const before = this.#facts.topics;
    const staysInSight = topics.operations.length === 0 && before !== undefined && isDone(before);
    this.#set({ topics: staysInSight ? { ...topics, operations: before.operations } : topics });
  }

  /** The messages of the streams were counted, or cannot be. */
  counted(counts: MessageCounts): void {
    this.#set({ counts });
  }

  reject(causes: readonly string[], by: string): void {
    const rejected = new Map([...this.#facts.rejected, ...causes.map((cause) => [cause, by] as const)]);
    this.#set({ rejected });
  }

  stopping(): void {
    this.#set({ phase: "stopping", reason: "Stopping", message: "stopping" });
  }

  #progress(id: string, on: OnOperation): void {
    this.#set({ progress: new Map(this.#facts.progress).set(id, on) });
  }

  #conditionsNow(): Conditions {
    this.#conditions = conditionsOf(standingOf(this.#facts), this.#conditions, new Date().toISOString());
    return this.#conditions;
  }

  #set(change: Partial<DevFacts>): void {
    const before = this.#facts;
    this.#facts = { ...before, ...change };
    this.#made = undefined;
    // The time of a change is that of the change, whether or not anybody looks.
    if (before.phase !== this.#facts.phase) {
      this.#conditionsNow();
      for (const listener of this.#onPhase) listener(this.#facts);
    }
    if (this.#listeners.size > 0) this.#telling ??= setTimeout(() => this.#tell(), tellAfterMs).unref();
  }

  #tell(): void {
    this.#telling = undefined;
    for (const listener of this.#listeners) listener(this.status);
  }
}

const planning = { phase: "planning", reason: "Planning", message: "reading the code" } as const;

function ownerText({ command, host, pid }: LockOwner): string {
  return `${command} on ${host} (process ${pid})`;
}

function isDone({ operations }: TopicsReport): boolean {
  return operations.every(({ outcome }) => outcome.state === "applied");
}
