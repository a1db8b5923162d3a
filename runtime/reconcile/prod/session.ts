// moose prod: brings the database into line with the code, then watches for drift. Every wake leads to one round.

import { type Diagnostic, DiagnosticError, hasErrors } from "../../../src/diagnostic.js";
import { type ClickHouse, errorText } from "../../clickhouse/client.js";
import { writeDeployment } from "../../clickhouse/deployments.js";
import { Interrupted } from "../../clickhouse/execute.js";
import { type Lock, readLock } from "../../clickhouse/lock.js";
import { Rounds } from "../rounds.js";
import { newRun } from "../run.js";
import type { KafkaAccess } from "../topics/access.js";
import { applyTopicsUnderLock, applyUnderLock } from "./apply.js";
import type { DesiredState } from "./desired-source.js";
import { DriftWatch } from "./drift-watch.js";
import { Ground } from "./ground.js";
import { isToHeal, type Look } from "./look.js";
import { type MigrationFiles, migrateFiles, readMigrationFiles } from "./migrate-files.js";
import { blockedRetryMs, firstRetryMs, lockPatienceMs, longestRetryMs } from "./pauses.js";
import { failedOperation, kafkaProblem, mismatch, ofServer, unconverged } from "./problems.js";
import type { ProdOptions } from "./prod-options.js";
import {
  initialState,
  type ProdState,
  plannedOperations,
  plannedTopicOperations,
  withOperation,
} from "./prod-state.js";
import { outcomeOf, resourcesOf } from "./resources.js";
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
  #drift: DriftWatch | undefined;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;

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
    await this.#ground?.clickhouse.close();
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
    if (verdicts.length === 0) return this.#allInLine(ground, found);
    const files = await readMigrationFiles(this.#options.settings);
    if (files.kind === "refused")
      return this.#stuck("failed", "the files of the migration cannot be used", files.diagnostics);
    if (found.supersededBy === undefined && files.kind !== "absent")
      return this.#migrate(ground, files, found);
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
    const lock = kafka && (await this.#takeLock(ground.clickhouse));
    if (kafka === undefined || lock === undefined) return;
    this.#set({ phase: "applying", message: "applying", lockHolder: undefined });
    try {
      const { settings, adopt, tool } = this.#options;
      const report = await applyTopicsUnderLock(lock, kafka, {
        ...{ settings, adopt, namespace, run: newRun(tool), planId: found.report.id },
        desired: ground.desired.map,
        deployment: ground.deployment,
      });
      const failed = report?.operations.find(({ outcome }) => outcome.state === "failed");
      if (failed?.outcome.state === "failed")
        throw new DiagnosticError([failedOperation(failed.operation, failed.outcome.reason)]);
    } finally {
      await lock.release();
    }
    this.#rounds.wake();
  }

  #blocked(blocked: number): void {
    this.#set({
      phase: "blocked",
      message: `${blocked} ${blocked === 1 ? "change is" : "changes are"} not made by themselves`,
      diagnostics: [],
      rounds: { ...this.#state.rounds, blocked: this.#state.rounds.blocked + 1 },
    });
    this.#wakeIn(blockedRetryMs);
  }

  async #apply(ground: Ground, found: Look): Promise<void> {
    const lock = await this.#takeLock(ground.clickhouse);
    if (lock === undefined) return;
    this.#set({ phase: "applying", message: "applying", lockHolder: undefined });
    try {
      const report = await applyUnderLock(lock, {
        settings: this.#options.settings,
        desired: ground.desired.map,
        deployment: ground.deployment,
        planId: found.report.id,
        adopt: this.#options.adopt,
        run: newRun(this.#options.tool),
        statementDeadlineMs: this.#options.statementDeadlineMs,
        stop: this.#options.stop,
        onPlan: ({ operations }) => this.#set({ operations: plannedOperations(operations) }),
        onRunning: ({ id }, partsToDo) =>
          this.#operation(id, {
            state: "running",
            progress: partsToDo === undefined ? "" : `${partsToDo} parts to rewrite`,
          }),
        onOutcome: ({ id }, outcome) => this.#operation(id, outcomeOf(outcome)),
      });
      const failed = report?.operations.find(({ outcome }) => outcome.state === "failed");
      const open = report?.unconverged[0];
      if (failed !== undefined && failed.outcome.state === "failed")
        throw new DiagnosticError([failedOperation(failed.operation, failed.outcome.reason)]);
      if (open !== undefined) throw new DiagnosticError([unconverged(open)]);
      this.#retryMs = firstRetryMs;
    } finally {
      await lock.release();
    }
    this.#rounds.wake();
  }

  /** Undefined while another has it: then one looks again whether anything is left to do. */
  async #takeLock(clickhouse: ClickHouse): Promise<Lock | undefined> {
    const { settings, tool, stop } = this.#options;
    const lock = await takeLock(clickhouse, {
      ...{ project: settings.project, tool, stop, patienceMs: lockPatienceMs },
      onWaiting: (holder) =>
        this.#set({
          phase: "waiting-for-lock",
          lockHolder: holder,
          message: `waiting for ${holder.owner.command} on ${holder.owner.host} (process ${holder.owner.pid})`,
        }),
    });
    if (lock === undefined) this.#wakeIn(Math.random() * firstRetryMs);
    return lock;
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
      onOperation: (id, change) => this.#operation(id, change),
    });
    switch (result.state) {
      case "waiting":
        this.#set({
          phase: "waiting-for-lock",
          lockHolder: await readLock(ground.clickhouse, settings.project),
          message: "waiting for another run",
        });
        return this.#wakeIn(Math.random() * firstRetryMs);
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
    this.#drift = new DriftWatch(found.planned.actual);
    this.#retryMs = firstRetryMs;
    this.#set({
      phase: "ready",
      message: "the database matches the schema",
      isReady: true,
      diagnostics: [],
      lockHolder: undefined,
      observedHash: ground.desired.hash,
      ...this.#succeeded(),
    });
    this.#wakeIn(this.#options.driftIntervalMs);
    await this.#remember(ground, found).catch((error: unknown) =>
      this.#options.onNotice(
        `it could not be written down that this deployment is in place: ${errorText(error)}`,
      ),
    );
  }

  #succeeded(): Pick<ProdState, "rounds" | "lastSuccess"> {
    const { rounds } = this.#state;
    return { rounds: { ...rounds, success: rounds.success + 1 }, lastSuccess: new Date() };
  }

  /** An older deployment has to know that this one was here, also where this one had nothing to do. */
  async #remember({ clickhouse, deployment }: Ground, { latest, supersededBy }: Look): Promise<void> {
    if (supersededBy !== undefined || latest?.hash === deployment.hash) return;
    const lock = await this.#takeLock(clickhouse).catch(() => undefined);
    if (lock === undefined) return;
    try {
      await writeDeployment(lock.clickhouse, lock.database, deployment);
    } finally {
      await lock.release();
    }
  }

  /** Afterwards drift is reported; it is healed where the settings say so. */
  async #watch(ground: Ground): Promise<void> {
    const drift = this.#drift?.compare(await ground.refresh()) ?? [];
    this.#retryMs = firstRetryMs;
    if (drift.length === 0) {
      const was = this.#state.driftSince !== undefined || this.#state.diagnostics.length > 0;
      if (was)
        this.#set({
          phase: "ready",
          message: "the database matches the schema",
          drift: [],
          driftSince: undefined,
          diagnostics: [],
        });
      if (was) await this.#lookAgain(ground);
      return this.#wakeIn(this.#options.driftIntervalMs);
    }
    const found = await this.#lookAgain(ground);
    if (found.supersededBy !== undefined) {
      this.#set({ drift: [], driftSince: undefined, message: "a newer deployment has changed the schema" });
      return this.#wakeIn(this.#options.driftIntervalMs);
    }
    const since = this.#state.driftSince ?? new Date();
    this.#set({
      drift,
      driftSince: since,
      message: `${drift.length} ${drift.length === 1 ? "thing has" : "things have"} drifted`,
    });
    if (found.report.operations.some((one) => isToHeal(one, found, this.#options.healDrift)))
      await this.#apply(ground, found);
    this.#wakeIn(this.#options.driftIntervalMs);
  }

  #operation(id: string, change: Parameters<typeof withOperation>[2]): void {
    this.#set(withOperation(this.#state, id, change));
  }

  /** Somebody has to do something; meanwhile one looks again. */
  #stuck(phase: "failed" | "drifted", message: string, diagnostics: readonly Diagnostic[]): void {
    const { rounds } = this.#state;
    this.#set({ phase, message, diagnostics, rounds: { ...rounds, error: rounds.error + 1 } });
    this.#wakeIn(blockedRetryMs);
  }

  /** What a server or a network can cause is tried again, ever less often. */
  #failed(error: unknown): void {
    const { stop } = this.#options;
    if (stop.aborted || error instanceof Interrupted) return;
    const diagnostics = error instanceof DiagnosticError ? error.diagnostics : [ofServer(error)];
    const { rounds } = this.#state;
    const phase = this.#ground === undefined ? "waiting-for-clickhouse" : "failed";
    this.#set({
      phase: this.#state.isReady ? "ready" : phase,
      message: diagnostics[0]?.summary ?? "",
      diagnostics,
      rounds: { ...rounds, error: rounds.error + 1 },
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
    this.#state = { ...this.#state, ...change, ...stopping };
    this.#options.onChange(this.#state);
  }
}
