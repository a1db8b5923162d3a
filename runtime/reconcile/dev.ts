// moose dev: from each save to a changed database. One session lives as long as the settings stay the same.

import { relative, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Desired } from "../../src/declare/desired.js";
import { notRunText } from "../../src/declare/listed.js";
import { type Diagnostic, DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { streamChecks } from "../../src/plan/stream-checks.js";
import type { RoundReport } from "../../src/status/report.js";
import { errorCode, errorText } from "../clickhouse/client.js";
import type { Live } from "../clickhouse/live-tables.js";
import type { Settings } from "../config/settings.js";
import type { Code } from "./code.js";
import type { OnDevEvent } from "./dev-event.js";
import type { DevState } from "./dev-state.js";
import { readEdits } from "./edited-files.js";
import { missingVariables } from "./missing-variables.js";
import type { Reconciler } from "./reconcile.js";
import { Rounds } from "./rounds.js";
import type { TopicSession } from "./topics/topic-session.js";

/** A table that vanishes from the code is dropped only after the files have been quiet for this long. */
const quietMs = 300;
/** After a change, look once more when the stamps of the tables can tell (their resolution is one second). */
const lookAgainMs = 1_200;
/** One save can come as several events; what they all lead to is said once. */
const sameSaveMs = 2_000;
const nothingShown: Shown = { text: "", paths: [], atMs: Number.NEGATIVE_INFINITY };
/** While saves follow each other, tables that just changed are looked at anew only this often. */
const busyRelookMs = 10_000;
/** A look that began with a save counts for this long. */
const aheadMs = 200;
const firstRetryMs = 500;
const longestRetryMs = 30_000;

export interface DevOptions {
  readonly settings: Settings;
  /** Resolves when the server is there and ours; the code is read meanwhile. */
  readonly opened: Promise<void>;
  readonly code: Code;
  /** Brings the topics into line beside the tables. */
  readonly topics: TopicSession;
  readonly onEvent: OnDevEvent;
  /** Told how far it is. */
  readonly state: DevState;
}

/** How a round began. */
interface RoundStart {
  readonly live: Promise<Live> | undefined;
  readonly startMs: number;
  readonly paths: readonly string[];
}

interface Shown {
  /** The problems as JSON, empty for a round that was applied. */
  readonly text: string;
  /** The saved files that led to it. */
  readonly paths: readonly string[];
  readonly atMs: number;
}

export class DevSession {
  readonly #options: DevOptions;
  readonly #rounds: Rounds;
  /** Saved files that no round has taken up yet. */
  readonly #edits = new Set<string>();
  #firstEventMs = 0;
  #lastEventMs = 0;
  /** While the project's lock is held. */
  #reconciler: Reconciler | undefined;
  /** The code was read, so rounds can begin. */
  #isStarted = false;
  /** What the code declared when it was first read, until the first round takes it up. */
  #first: Desired | undefined;
  /** What was last applied; nothing yet before the first round has gone well. */
  #desired: InfraMap | undefined;
  /** What was last shown as not done; shown again only when it changes. */
  #shownOpen = "";
  /** What was shown last, and when. */
  #shown = nothingShown;
  #notRun = "";
  /** What a look found that began with the first event of a save. */
  #ahead: { readonly live: Promise<Live>; readonly atMs: number } | undefined;
  /** As JSON. */
  #shownWarnings = "[]";
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: DevOptions) {
    this.#options = options;
    this.#rounds = new Rounds(() => this.#round());
  }

  /**
   * Reads the code while the server starts, then does the first round; resolves when that is over, whatever its result.
   *
   * @throws DiagnosticError when no server can be had
   */
  async start(): Promise<void> {
    this.#firstEventMs = performance.now();
    const [first] = await Promise.all([this.#options.code.open(), this.#options.opened]);
    this.#first = first;
    this.#isStarted = true;
    this.#rounds.wake();
    await this.#rounds.settled();
  }

  /** Works with this one from now on, beginning with a look; with none until there is another. */
  use(reconciler: Reconciler | undefined): void {
    this.#reconciler = reconciler;
    this.#ahead = undefined;
    if (reconciler === undefined) this.#options.topics.forget();
    if (reconciler !== undefined) this.#wake();
  }

  #wake(): void {
    if (this.#isStarted) this.#rounds.wake();
  }

  /** Number of tables that the code declares, as far as it could be read. */
  get tables(): number {
    return this.#desired?.tables.size ?? 0;
  }

  /** A save has begun: the look at the database runs while its text settles and is read. */
  saving(): void {
    // Beside a round it could read what that round is just changing.
    if (this.#reconciler === undefined || !this.#isStarted || this.#rounds.isRunning) return;
    this.#ahead = { live: this.#look(this.#reconciler, busyRelookMs), atMs: performance.now() };
  }

  /** The server was lost: what was found before counts no more. */
  #forget(): void {
    this.#ahead = undefined;
    this.#reconciler?.forget();
  }

  #aheadOrLook(reconciler: Reconciler, paths: readonly string[]): Promise<Live> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined && performance.now() - ahead.atMs < aheadMs) return ahead.live;
    return this.#look(reconciler, paths.length > 0 ? busyRelookMs : undefined);
  }

  /** Its failure shows when it is awaited. */
  #look(reconciler: Reconciler, relookMs?: number): Promise<Live> {
    const look = reconciler.look(relookMs);
    look.catch(() => {});
    return look;
  }

  /** Files were saved. */
  saved(paths: ReadonlySet<string>, firstEventMs: number): void {
    if (this.#edits.size === 0) this.#firstEventMs = firstEventMs;
    this.#lastEventMs = performance.now();
    for (const path of paths) this.#edits.add(path);
    this.#wake();
  }

  /** The server is back, or something else may have changed it: look again. */
  wake(): void {
    this.#retryMs = firstRetryMs;
    this.#forget();
    this.#wake();
  }

  /** Lets the round under way end; what comes of it is not shown any more, unless it was applied. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#rounds.close();
  }

  async #round(): Promise<void> {
    clearTimeout(this.#timer);
    const reconciler = this.#reconciler;
    if (reconciler === undefined) return;
    const startMs =
      this.#edits.size > 0 || this.#first !== undefined ? this.#firstEventMs : performance.now();
    const paths = [...this.#edits];
    this.#edits.clear();
    const { state, topics } = this.#options;
    if (paths.length > 0 || this.#first !== undefined) state.reads();
    try {
      const live = this.#first === undefined ? this.#aheadOrLook(reconciler, paths) : undefined;
      const desired = await this.#readCode(paths);
      this.#sayNotRun(desired);
      const emptied = await this.#emptied(reconciler, desired);
      const problems = [...emptied, ...desired.diagnostics];
      if (hasErrors(problems)) return this.#problems(problems, paths);
      if (paths.length > 0) this.#notices(desired.diagnostics);
      if (await this.#isUnquiet(desired.map)) return;
      state.read(desired.map);
      topics.want(reconciler, desired.map);
      await this.#apply(reconciler, desired, { live, startMs, paths });
    } catch (error) {
      // When the lock was lost, that has been said; and the round is done anew when it is held again.
      if (reconciler === this.#reconciler) this.#failed(error, paths);
    }
  }

  #readCode(paths: readonly string[]): Promise<Desired> {
    const first = this.#first;
    this.#first = undefined;
    const read =
      first !== undefined && paths.length === 0
        ? Promise.resolve(first)
        : readEdits(paths).then((edits) => this.#options.code.edit(edits));
    return read.then((desired) => {
      const missing = missingVariables(desired.map, this.#options.settings.environment);
      return { ...desired, diagnostics: [...desired.diagnostics, ...missing] };
    });
  }

  /** What the code declares and nothing comes of is said when it changes. */
  #sayNotRun({ objects = [] }: Desired): void {
    const text = notRunText(objects) ?? "";
    if (text !== "" && text !== this.#notRun) this.#options.onEvent({ event: "notice", text });
    this.#notRun = text;
  }

  /** Files that lost their text, if tables are missing that could have been in them. */
  async #emptied(reconciler: Reconciler, { map, diagnostics }: Desired): Promise<readonly Diagnostic[]> {
    const files = this.#options.code.emptied;
    if (files.length === 0) return [];
    const before = this.#desired === undefined ? await reconciler.owned(map) : addressesOf(this.#desired);
    const isMissing =
      hasErrors(diagnostics) ||
      isAnyGone(before, map) ||
      this.#topicsBefore(reconciler).some((name) => !map.topics.has(name));
    const entry = this.#relative(this.#options.settings.entryFile);
    return isMissing ? files.map((file) => emptyFile(file, file === entry)) : [];
  }

  #topicsBefore(reconciler: Reconciler): readonly string[] {
    const { namespace } = this.#options.settings.topics;
    return [...(this.#desired?.topics.keys() ?? reconciler.ownTopics(namespace))];
  }

  /** A checkout writes file after file: what is missing now may be there in a moment. */
  async #isUnquiet(map: InfraMap): Promise<boolean> {
    const before = this.#desired;
    if (before === undefined) return false;
    const hasVanished =
      isAnyGone(addressesOf(before), map) || [...before.topics.keys()].some((name) => !map.topics.has(name));
    if (!hasVanished) return false;
    for (let waitMs = this.#untilQuietMs(); waitMs > 0; waitMs = this.#untilQuietMs()) {
      await sleep(waitMs);
      if (this.#edits.size > 0) return true;
    }
    return false;
  }

  #untilQuietMs(): number {
    return this.#lastEventMs + quietMs - performance.now();
  }

  async #apply(reconciler: Reconciler, desired: Desired, round: RoundStart): Promise<void> {
    const { onEvent, state } = this.#options;
    const { map } = desired;
    const report = await reconciler.reconcile(map, {
      live: round.live,
      onPlan: (judged, planned, seen) => state.planned(judged, planned, seen),
      execution: { onOutcome: (operation, outcome) => state.ended(operation, outcome) },
      onProgress: (operation, partsToDo) => {
        state.running(operation, partsToDo);
        onEvent({ event: "progress", operation, partsToDo });
      },
      onReport: (report, left) => {
        state.applied(report, left);
        this.#report(report, performance.now() - round.startMs, round.paths);
        this.#warn(desired, report);
      },
    });
    if (hasErrors(report.diagnostics)) return this.#problems(report.diagnostics, round.paths);
    this.#notices(report.diagnostics);
    this.#desired = map;
    this.#options.code.applied();
    this.#retryMs = firstRetryMs;
    if (reconciler.isUnsettled) this.#wakeIn(lookAgainMs);
  }

  #report(report: RoundReport, durationMs: number, paths: readonly string[]): void {
    const open = JSON.stringify(
      report.operations.filter(({ outcome }) => outcome.state !== "applied").map(openKey),
    );
    const isAsShown = open === this.#shownOpen && !report.operations.some(isApplied);
    this.#shownOpen = open;
    if (isAsShown && (paths.length === 0 || this.#wasShown("", paths))) return;
    this.#shown = { text: "", paths, atMs: performance.now() };
    this.#options.onEvent({
      event: "round",
      report,
      durationMs,
      files: paths.map((path) => this.#relative(path)),
    });
  }

  /** What is no problem, but done otherwise than it is written. */
  #notices(diagnostics: readonly Diagnostic[]): void {
    const notices = diagnostics.filter(({ severity }) => severity === "notice");
    if (notices.length > 0) this.#options.onEvent({ event: "problems", kept: false, diagnostics: notices });
  }

  /** What a stream and its table do not agree on, and what is declared and not run; said once. */
  #warn({ map, diagnostics }: Desired, { operations }: RoundReport): void {
    const ofStreams = diagnostics.filter(({ code }) => code === "declare/handlers-not-run");
    const planned = operations.map(({ operation }) => operation);
    const warnings = [...ofStreams, ...streamChecks(map, planned)];
    const text = JSON.stringify(warnings);
    if (text === this.#shownWarnings || this.#isClosed) return;
    this.#shownWarnings = text;
    if (warnings.length > 0) this.#options.onEvent({ event: "problems", kept: false, diagnostics: warnings });
  }

  #problems(diagnostics: readonly Diagnostic[], paths: readonly string[]): void {
    this.#options.state.refused(diagnostics);
    const text = JSON.stringify(diagnostics);
    if (this.#isClosed || this.#wasShown(text, paths)) return;
    this.#shown = { text, paths, atMs: performance.now() };
    this.#shownOpen = "";
    this.#options.onEvent({ event: "problems", kept: hasErrors(diagnostics), diagnostics });
  }

  #wasShown(text: string, paths: readonly string[]): boolean {
    const shown = this.#shown;
    const isSameSave =
      performance.now() - shown.atMs < sameSaveMs && paths.every((path) => shown.paths.includes(path));
    return isSameSave && shown.text === text;
  }

  /** A lost connection: what was sent may or may not have been done, so the next round begins with a look. */
  #failed(error: unknown, paths: readonly string[]): void {
    if (this.#isClosed) return;
    this.#forget();
    if (error instanceof DiagnosticError) return this.#problems(error.diagnostics, paths);
    const what =
      errorCode(error) === undefined ? "ClickHouse does not answer" : "ClickHouse refused a statement";
    this.#options.state.lost(`${what} (${errorText(error)})`);
    const text = `${what} (${errorText(error)}); trying again in ${this.#retryMs / 1_000} s`;
    this.#options.onEvent({ event: "notice", text });
    this.#wakeIn(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  #wakeIn(delayMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rounds.wake(), delayMs);
  }

  #relative(path: string): string {
    return relative(this.#options.settings.folder, path).split(sep).join("/");
  }
}

function addressesOf({ tables, views, sqlResources }: InfraMap): Iterable<string> {
  return [...tables.keys(), ...views.keys(), ...sqlResources.keys()];
}

function isAnyGone(before: Iterable<string>, { tables, views, sqlResources }: InfraMap): boolean {
  return [...before].some((address) => ![tables, views, sqlResources].some((map) => map.has(address)));
}

function emptyFile(file: string, isEntry: boolean): Diagnostic {
  return {
    code: "reconcile/empty-file",
    severity: "error",
    summary: `${file} is empty; its tables are kept`,
    hint: isEntry
      ? "to remove all tables, leave only a comment in it"
      : "delete the file or take out its import to remove them",
  };
}

type Operations = RoundReport["operations"][number];

function isApplied({ outcome }: Operations): boolean {
  return outcome.state === "applied";
}

function openKey({ operation, verdict, outcome }: Operations): readonly unknown[] {
  return [operation.cause, verdict, outcome.state];
}
