// moose prod: brings the database into line with the code, then watches for drift. Every wake leads to one round.

import { type Diagnostic, DiagnosticError, hasErrors } from "../../../src/diagnostic.js";
import { driftSize, noDrift } from "../../../src/status/drift-entry.js";
import { type ClickHouse, errorText } from "../../clickhouse/client.js";
import { type Lock, readLock } from "../../clickhouse/lock.js";
import { Interrupted } from "../../clickhouse/send-step.js";
import { Rounds } from "../rounds.js";
import { newRun } from "../run.js";
import type { KafkaAccess } from "../topics/access.js";
import { applyTopicsUnderLock, applyUnderLock } from "./apply.js";
import type { DesiredState } from "./desired-source.js";
import { GatheredProgress } from "./gathered-progress.js";
import { Ground } from "./ground.js";
import { type Look, whatToHeal } from "./look.js";
import { isPending, type MigrationFiles, migrateFiles, readMigrationFiles } from "./migrate-files.js";
import { blockedRetryMs, firstRetryMs, lockPatienceMs, longestRetryMs, progressMs } from "./pauses.js";
import { type Applied, kafkaProblem, mismatch, ofServer, problemIn } from "./problems.js";
import type { ProdOptions } from "./prod-options.js";
import {
  initialState,
  type ProdState,
  plannedOperations,
  plannedTopicOperations,
  withPartsToDo,
} from "./prod-state.js";
import { remember } from "./remember.js";
import { outcomeOf, resourcesOf } from "./resources.js";
import { ServerWatch, type WatchLook } from "./server-watch.js";
import { lockOf, ourLock, ownerText } from "./shown-lock.js";
import { takeLock } from "./take-lock.js";

export class ProdSession {
  readonly #options: ProdOptions;
  readonly #rounds = new Rounds(() => this.#round());
  readonly #startedAt = Date.now();
  #state: ProdState = initialState;
  #desired: DesiredState | undefined;
  #ground: Ground | undefined;
  #kafka: (KafkaAccess & { close(): Promise<void> }) | undefined;
  #look: Look | undefined;
  #seen: ServerWatch | undefined;
  #isRemembered = false;
  /** Somebody wants to know now. */
  #isAsked = false;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;
  readonly #progress = new GatheredProgress();
  #shown: NodeJS.Timeout | undefined;

  constructor(options: ProdOptions) {
    this.#options = options;
    options.stop.addEventListener("abort", () => this.#set({ phase: "stopping", message: "stopping" }), {
      once: true,
    });
  }

  /** Begins; comes back at once. */
  start(): void {
    this.#rounds.wake();
  }

  /** Looks now, whatever is being waited for. */
  wake(): void {
    this.#retryMs = firstRetryMs;
    this.#isAsked = true;
    this.#rounds.wake();
  }

  get state(): ProdState {
    return this.#state;
  }

  /** What the last look found; undefined before the first. */
  get lastLook(): Look | undefined {
    return this.#look;
  }

  /** Undefined while the schema is not read or ClickHouse was not reached yet. */
  get ground(): Ground | undefined {
    return this.#ground;
  }

  /** Lets the statement in flight end, which `stop` has made the last; lets the lock go. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#rounds.close();
    if (this.#shown !== undefined) this.#set({});
    await this.#ground?.close();
    await this.#kafka?.close();
  }

  async #round(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#options.stop.aborted) return;
    try {
      const desired = await this.#readDesired();
      if (desired === undefined) return;
      const ground = await this.#connected(desired);
      if (this.#state.isReady) await this.#watch(ground);
      else await this.#bringIntoLine(ground);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #readDesired(): Promise<DesiredState | undefined> {
    if (this.#desired !== undefined) return this.#desired;
    const result = await this.#options.readDesired();
    if ("problems" in result) {
      this.#stuck("failed", "the schema could not be read", result.problems);
      return undefined;
    }
    for (const { summary } of result.warnings) this.#options.onNotice(summary);
    this.#desired = result.desired;
    this.#set({ desiredHash: result.desired.hash });
    return result.desired;
  }

  async #connected(desired: DesiredState): Promise<Ground> {
    if (this.#ground !== undefined) return this.#ground;
    if (this.#state.phase === "starting")
      this.#set({ phase: "waiting-for-clickhouse", message: "connecting to ClickHouse" });
    const clickhouse = await this.#options.connect();
    this.#kafka ??= await this.#options.reachKafka?.();
    this.#ground = await Ground.open(this.#options.settings, desired, clickhouse, this.#startedAt, {
      kafka: this.#kafka,
      adopt: this.#options.adopt,
      onCounts: (counts) => this.#set({ counts }),
    });
    this.#set({ clickhouseVersion: clickhouse.version });
    return this.#ground;
  }

  async #bringIntoLine(ground: Ground): Promise<void> {
    if (this.#state.phase !== "blocked") this.#set({ phase: "planning", message: "comparing" });
    const found = await this.#lookAgain(ground);
    if (hasErrors(found.report.diagnostics))
      return this.#stuck("failed", "the schema cannot be compared", found.report.diagnostics);
    const topics = found.report.topics?.operations ?? [];
    const verdicts = [...found.report.operations, ...topics].map(({ verdict }) => verdict.decision);
    const isInLine = verdicts.length === 0;
    if (isInLine && found.supersededBy !== undefined) return this.#allInLine(ground, found);
    const { settings } = this.#options;
    const files = await readMigrationFiles(settings);
    if (files.kind === "refused")
      return this.#stuck("failed", "the files of the migration cannot be used", files.diagnostics);
    if (found.supersededBy === undefined && files.kind !== "absent") {
      if (!isInLine || (await isPending(ground.clickhouse, settings.project, files)))
        return this.#migrate(ground, files, found);
    }
    if (isInLine) return this.#allInLine(ground, found);
    if (verdicts.every((decision) => decision === "blocked")) return this.#blocked(verdicts.length);
    if (found.report.operations.some(({ verdict }) => verdict.decision === "apply"))
      return this.#apply(ground, found);
    await this.#applyTopics(ground, found);
  }

  async #lookAgain(ground: Ground): Promise<Look> {
    const found = await ground.look();
    this.#look = found;
    this.#set({
      planId: found.report.id,
      operations: [
        ...plannedOperations(found.report.operations),
        ...plannedTopicOperations(found.report.topics?.operations ?? []),
      ],
      resources: resourcesOf(found.planned, ground.desired.map),
      unmanaged: found.report.unmanaged,
      isKafkaReached: found.report.topics && found.report.topics.kafka.state === "reached",
    });
    return found;
  }

  /** The tables are; whether the topics are, only a Kafka that answers can tell. */
  async #allInLine(ground: Ground, found: Look): Promise<void> {
    const problem = found.report.topics && kafkaProblem(found.report.topics.kafka);
    if (problem === undefined) return this.#becomeReady(ground, found);
    this.#stuck("failed", "the tables match the schema; the topics are not known", [problem]);
  }

  async #applyTopics(ground: Ground, found: Look): Promise<void> {
    const { kafka, namespace = "" } = ground.kafka ?? {};
    if (kafka === undefined) return;
    await this.#underLock(ground, (lock) =>
      applyTopicsUnderLock(lock, kafka, { ...this.#applied(ground, found), namespace }),
    );
  }

  #blocked(blocked: number): void {
    this.#set({
      phase: "blocked",
      message: `${blocked} ${blocked === 1 ? "change is" : "changes are"} not made by themselves`,
      diagnostics: [],
    });
    this.#wakeIn(blockedRetryMs);
  }

  async #apply(ground: Ground, found: Look): Promise<void> {
    const { statementDeadlineMs, stop } = this.#options;
    await this.#underLock(ground, (lock) =>
      applyUnderLock(lock, {
        ...{ ...this.#applied(ground, found), statementDeadlineMs, stop },
        onPlan: ({ operations }) => this.#set({ operations: plannedOperations(operations) }),
        onRunning: ({ id }, partsToDo) => this.#operation(id, (one) => withPartsToDo(one, partsToDo)),
        onOutcome: ({ id }, outcome) => this.#operation(id, (one) => ({ ...one, ...outcomeOf(outcome) })),
      }),
    );
  }

  /** What is applied, and for whom. */
  #applied({ desired, deployment }: Ground, { report }: Look) {
    const { settings, adopt, tool } = this.#options;
    return { settings, adopt, run: newRun(tool), planId: report.id, desired: desired.map, deployment };
  }

  /** Applies something and looks again; what failed, or does not converge, is tried again ever less often. */
  async #underLock(ground: Ground, work: (lock: Lock) => Promise<Applied | undefined>): Promise<void> {
    const lock = await this.#takeLock(ground.clickhouse);
    if (lock === undefined) return;
    this.#set({ phase: "applying", message: "applying", lock: ourLock(lock) });
    try {
      const problem = problemIn(await work(lock));
      if (problem !== undefined) throw new DiagnosticError([problem]);
      this.#retryMs = firstRetryMs;
    } finally {
      await lock.release();
      this.#set({ lock: undefined });
    }
    this.#rounds.wake();
  }

  /** Undefined while another has it: then one looks again whether anything is left to do. */
  async #takeLock(clickhouse: ClickHouse): Promise<Lock | undefined> {
    const lock = await takeLock(clickhouse, {
      ...this.#lockOptions(),
      onWaiting: (holder) =>
        this.#set({
          phase: "waiting-for-lock",
          lock: lockOf(holder),
          message: `waiting for ${ownerText(holder.owner)}`,
        }),
    });
    if (lock === undefined) this.#wakeIn(Math.random() * firstRetryMs);
    return lock;
  }

  #lockOptions() {
    const { settings, tool, stop } = this.#options;
    return { project: settings.project, tool, stop, patienceMs: lockPatienceMs };
  }

  async #migrate(
    ground: Ground,
    files: Exclude<MigrationFiles, { kind: "absent" | "refused" }>,
    found: Look,
  ): Promise<void> {
    const { settings, tool, stop, statementDeadlineMs } = this.#options;
    const result = await migrateFiles(ground.clickhouse, files, {
      ...{ settings, tool, stop, statementDeadlineMs, lockTimeoutMs: lockPatienceMs },
      desired: { ...found.planned.wanted, topics: ground.desired.map.topics },
      kafka: ground.kafka,
      onOperations: (operations) => this.#set({ operations, phase: "applying", message: "applying" }),
      onOperation: (id, change) => this.#operation(id, (one) => ({ ...one, ...change })),
      onLock: (lock) => this.#set({ lock }),
      onPartsToDo: (id, left) => this.#operation(id, (one) => withPartsToDo(one, left)),
    }).finally(() => this.#set({ lock: undefined }));
    switch (result.state) {
      case "waiting": {
        const holder = await readLock(ground.clickhouse, settings.project);
        const lock = holder && lockOf(holder);
        this.#set({ phase: "waiting-for-lock", message: "waiting for another run", lock });
        return this.#wakeIn(Math.random() * firstRetryMs);
      }
      case "refused":
        return this.#stuck(
          result.isDrift ? "drifted" : "failed",
          "the migration is not executed",
          result.diagnostics,
        );
      case "unfinished":
        throw new DiagnosticError(result.diagnostics);
      case "applied": {
        const after = await this.#lookAgain(ground);
        // What lifecycles keep out of a reviewed migration was seen by whoever reviewed it.
        const isLeftOver = after.report.operations.every(({ verdict }) => verdict.decision === "blocked");
        if (isLeftOver) return this.#becomeReady(ground, after);
        return this.#stuck("drifted", "the migration does not lead to what the code declares", [mismatch]);
      }
    }
  }

  async #becomeReady(ground: Ground, found: Look): Promise<void> {
    this.#seen = new ServerWatch(ground, found);
    this.#retryMs = firstRetryMs;
    this.#set({
      phase: "ready",
      message: "the database matches the schema",
      isReady: true,
      diagnostics: [],
      lock: undefined,
      observedHash: ground.desired.hash,
    });
    this.#wakeIn(this.#options.driftIntervalMs);
    await this.#remember(ground);
  }

  /** An older deployment has to know that this one was here, also where this one had nothing to do. */
  async #remember(ground: Ground): Promise<void> {
    const { settings, adopt, onNotice } = this.#options;
    if (this.#look === undefined) return;
    const quiet = { ...this.#lockOptions(), onWaiting: () => undefined };
    this.#isRemembered = await remember(ground, this.#look, {
      ...{ project: settings.project, adopt },
      takeLock: () => takeLock(ground.clickhouse, quiet),
    }).catch((error: unknown) => {
      onNotice(`it could not be written down that this deployment is in place: ${errorText(error)}`);
      return false;
    });
  }

  /** Afterwards drift is reported; it is healed where the settings say so. */
  async #watch(ground: Ground): Promise<void> {
    const isAsked = this.#isAsked;
    this.#isAsked = false;
    if (!this.#isRemembered) await this.#remember(ground);
    const seen = await this.#seen?.look(isAsked);
    this.#retryMs = firstRetryMs;
    if (seen === undefined || driftSize(seen.drift) === 0) await this.#undrifted(ground, seen);
    else await this.#drifted(ground, seen);
    this.#wakeIn(this.#options.driftIntervalMs);
  }

  async #undrifted(ground: Ground, seen: Partial<WatchLook> = {}): Promise<void> {
    const { drift, diagnostics, isKafkaReached, unfinishedMutations } = this.#state;
    if (driftSize(drift) > 0 || diagnostics.length > 0) {
      const message = "the database matches the schema";
      this.#set({ ...seen, phase: "ready", message, drift: noDrift, diagnostics: [] });
      await this.#lookAgain(ground);
    } else if (isKafkaReached !== seen.isKafkaReached || unfinishedMutations !== seen.unfinishedMutations)
      this.#set(seen);
  }

  async #drifted(ground: Ground, seen: WatchLook): Promise<void> {
    const found = await this.#lookAgain(ground);
    if (found.supersededBy !== undefined)
      return this.#set({ drift: noDrift, message: "a newer deployment has changed the schema" });
    const size = driftSize(seen.drift);
    this.#set({ ...seen, message: `${size} ${size === 1 ? "thing has" : "things have"} drifted` });
    const toHeal = whatToHeal(found, this.#options.healDrift);
    if (toHeal === "tables") return this.#apply(ground, found);
    if (toHeal === undefined) return;
    this.#isAsked = true;
    await this.#applyTopics(ground, found);
  }

  /** Shown a little later, with what else happens meanwhile. */
  #operation(id: string, change: Parameters<GatheredProgress["note"]>[1]): void {
    this.#progress.note(id, change);
    this.#shown ??= setTimeout(() => this.#set({}), progressMs);
  }

  /** Somebody has to do something; meanwhile one looks again. */
  #stuck(phase: "failed" | "drifted", message: string, diagnostics: readonly Diagnostic[]): void {
    this.#set({ phase, message, diagnostics });
    this.#wakeIn(blockedRetryMs);
  }

  /** What a server or a network can cause is tried again, ever less often. */
  #failed(error: unknown): void {
    const { stop } = this.#options;
    if (stop.aborted || error instanceof Interrupted) return;
    const diagnostics = error instanceof DiagnosticError ? error.diagnostics : [ofServer(error)];
    const phase = this.#ground === undefined ? "waiting-for-clickhouse" : "failed";
    this.#set({
      phase: this.#state.isReady ? "ready" : phase,
      message: diagnostics[0]?.summary ?? "",
      diagnostics,
    });
    this.#ground?.forget();
    this.#wakeIn(this.#retryMs * (0.75 + Math.random() / 2));
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  #wakeIn(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#options.stop.aborted) return;
    this.#timer = setTimeout(() => this.#rounds.wake(), delayMs);
  }

  #set(change: Partial<ProdState>): void {
    const stopping = this.#options.stop.aborted ? { phase: "stopping" as const } : {};
    clearTimeout(this.#shown);
    this.#shown = undefined;
    const operations = this.#progress.applyTo(this.#state.operations);
    this.#state = { ...this.#state, operations, ...change, ...stopping };
    this.#options.onChange(this.#state);
  }
}
