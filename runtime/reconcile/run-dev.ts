// Runs `moose dev` from start to stop: settings, server, code, watcher, and all of it anew when the settings change.

import { join, relative, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import picomatch from "picomatch";
import { DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import type { ReadSettings, Settings } from "../config/settings.js";
import { Code } from "./code.js";
import { DevSession } from "./dev.js";
import type { DevEvent, OnDevEvent } from "./dev-event.js";
import { DevLock } from "./dev-lock.js";
import { type DevPage, showSession } from "./dev-page.js";
import { DevState } from "./dev-state.js";
import { streamOptions } from "./project.js";
import type { Reconciler } from "./reconcile.js";
import { Rounds } from "./rounds.js";
import type { Tool } from "./run.js";
import { type Server, workFolder } from "./server.js";
import { ServerHost } from "./server-host.js";
import { type HostEvent, KafkaHost } from "./topics/kafka-host.js";
import { TopicSession } from "./topics/topic-session.js";
import { userCodeEvents } from "./user-code-events.js";
import { Watcher } from "./watch.js";

export interface RunDevOptions {
  /** Reads the settings; called again when one of their files changes. */
  readonly read: () => Promise<ReadSettings>;
  /** Addresses of existing tables to take over. */
  readonly adopt: readonly string[];
  readonly tool: Tool;
  /** Aborted to stop in order. */
  readonly stop: AbortSignal;
  readonly onEvent: OnDevEvent;
  /** Shows the sessions to others. */
  readonly page?: DevPage | undefined;
}

/** After the event of a settings file, until it is read. */
const settleMs = 50;
/** After the signal to stop: how long a round may take to end, and a server to be there so that it can be closed. */
const stopGraceMs = 1_500;
/** After that: how long letting go of the lock may take. */
const releaseGraceMs = 500;

/**
 * Resolves when `stop` was aborted and everything is closed.
 *
 * @throws DiagnosticError when the settings are wrong or no server can be had at the start
 */
export async function runDev(options: RunDevOptions): Promise<void> {
  const { onEvent, stop } = options;
  const current = await options.read();
  if (hasErrors(current.diagnostics)) throw new DiagnosticError(current.diagnostics);
  onEvent({ event: "starting", folder: current.settings.folder });
  if (current.diagnostics.length > 0)
    onEvent({ event: "problems", kept: false, diagnostics: current.diagnostics });
  const stopped = aborted(stop);
  const impatience = endOfPatience(stopped, stopGraceMs);
  const seen = { text: JSON.stringify(current.settings) };
  const host = new ServerHost(onEvent, impatience);
  const kafka = new KafkaHost((event) => localKafkaEvent(event, onEvent));
  const state = new DevState(options.tool.version);
  void stopped.then(() => state.stopping());
  const adopt = [...options.adopt];
  try {
    await runSessions({ ...options, adopt, stopped, impatience, seen, kafka, state }, host, current);
  } finally {
    const others = Promise.all([kafka.close(), options.page?.close()]);
    await Promise.all([host.close(), Promise.race([others, impatience])]);
  }
  onEvent({ event: "stopped" });
}

/** Resolves a while after the signal to stop; what has not ended by then ends with the process. */
function endOfPatience(stopped: Promise<void>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    void stopped.then(() => setTimeout(resolve, graceMs).unref());
  });
}

interface SessionOptions extends RunDevOptions {
  readonly stopped: Promise<void>;
  readonly impatience: Promise<void>;
  /** The settings that were read last, whether or not a session could begin with them. */
  readonly seen: { text: string };
  readonly kafka: KafkaHost;
  readonly state: DevState;
  /** Grows when somebody on the page lets existing objects be taken over. */
  readonly adopt: string[];
}

function aborted(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    stop.addEventListener("abort", () => resolve(), { once: true });
    if (stop.aborted) resolve();
  });
}

/** One session after the other; when one cannot begin with new settings, those before are taken up again. */
async function runSessions(options: SessionOptions, host: ServerHost, first: ReadSettings): Promise<void> {
  const { onEvent, stop } = options;
  let current = first;
  let good: ReadSettings | undefined;
  while (!stop.aborted) {
    try {
      const next = await runOnce(options, host, current, (settings) => {
        good = settings;
      });
      current = next ?? current;
    } catch (error) {
      if (stop.aborted) return;
      if (!(error instanceof DiagnosticError) || good === undefined || good === current) throw error;
      onEvent({ event: "problems", kept: true, diagnostics: error.diagnostics });
      onEvent({ event: "notice", text: "going on with the settings as they were before" });
      current = good;
    }
  }
}

/**
 * One session. Gives the new settings when it ended because they changed, nothing when it was stopped.
 *
 * @param onGood - called with the settings once the first round with them is over
 */
async function runOnce(
  options: SessionOptions,
  host: ServerHost,
  current: ReadSettings,
  onGood: (settings: ReadSettings) => void,
): Promise<ReadSettings | undefined> {
  const { onEvent, adopt, tool, state } = options;
  const { settings } = current;
  state.begins(settings);
  const beganMs = host.isOpen ? performance.now() : 0;
  const code = startCode(settings, onEvent);
  const server = host.open(settings);
  const onReconciler = (reconciler: Reconciler | undefined) => session.use(reconciler);
  const lock = new DevLock({ server, settings, tool, adopt, onEvent, onReconciler, state });
  const topics = topicSession(options, settings);
  const session = new DevSession({ settings, opened: lock.opened, code, topics, onEvent, state });
  host.onRestart = () => session.wake();
  options.kafka.onEnded = () => topics.wake();
  const changed = settingsChange(options, current);
  const watcher = await watchProject(current, code, session, changed);
  // What was saved between the reading of the settings and the start of the watcher.
  changed.look();
  let isOver = false;
  const shown = showSession(options, settings, server, session);
  const start = async (): Promise<void> => {
    await session.start();
    if (isOver) return;
    watcher.add(code.files);
    onGood(current);
    const startMs = performance.now() - beganMs;
    onEvent(readyEvent(settings, await server, { tables: session.tables, startMs }));
    shown.now();
  };
  try {
    await Promise.race([start(), changed.result]);
    return await changed.result;
  } finally {
    isOver = true;
    shown.never();
    await Promise.all([watcher.close(), changed.close()]);
    // Code that does not end would hold up the round that waits for it.
    const closed = Promise.all([session.close(), topics.close(), code.close()]);
    await Promise.race([closed, options.impatience]);
    await Promise.race([lock.close(), endOfPatience(options.stopped, releaseGraceMs)]);
  }
}

function topicSession({ kafka, adopt, onEvent, state }: SessionOptions, settings: Settings): TopicSession {
  return new TopicSession({
    open: () => kafka.open(settings, join(settings.folder, workFolder)),
    namespace: settings.topics.namespace,
    ...{ adopt, onEvent },
    onRound: (report, looks) => state.topicsApplied(report, looks),
    onCounts: (counts) => state.counted(counts),
  });
}

function localKafkaEvent(event: HostEvent, onEvent: OnDevEvent): void {
  switch (event.kind) {
    case "fetching":
      return onEvent({
        event: "notice",
        text: "fetching Apache Kafka for the streams, which takes a minute or so",
      });
    case "started":
      return onEvent({ event: "kafka-ready", broker: event.broker, startMs: event.startMs });
    case "ended":
      return onEvent({ event: "notice", text: endText(event) });
    case "stopped":
  }
}

function endText({ how, restartInMs }: Extract<HostEvent, { kind: "ended" }>): string {
  return restartInMs === undefined
    ? `the local Kafka ended (${how}), as it did several times before; it is started again with the next save`
    : `the local Kafka ended (${how}); it is started again in ${restartInMs} ms`;
}

function startCode(settings: Settings, onEvent: OnDevEvent): Code {
  return Code.start({
    root: settings.folder,
    entry: settings.entryFile,
    database: settings.clickhouse.database,
    embedded: settings.clickhouse.kind === "embedded",
    streams: streamOptions(settings),
    environment: settings.environment,
    deadlineMs: settings.loadTimeoutMs,
    onEvent: userCodeEvents(onEvent),
  });
}

function readyEvent(
  settings: Settings,
  { clickhouse, embedded }: Server,
  session: { readonly tables: number; readonly startMs: number },
): DevEvent {
  return {
    event: "ready",
    url: clickhouse.url,
    database: settings.clickhouse.database,
    version: clickhouse.version,
    embedded,
    folder: settings.sourceFolder,
    ...session,
  };
}

interface SettingsChange {
  /** A file of the settings was saved. */
  readonly look: () => void;
  /** The settings are the same, but all else has to be read anew. */
  readonly restart: () => void;
  /** The new settings once they are valid and differ; nothing when the command is stopped. */
  readonly result: Promise<ReadSettings | undefined>;
  /** No look has any effect from now on. */
  close(): Promise<void>;
}

function settingsChange(options: SessionOptions, current: ReadSettings): SettingsChange {
  let settle: (next: ReadSettings | undefined) => void = () => {};
  const result = new Promise<ReadSettings | undefined>((resolve) => {
    settle = resolve;
  });
  void options.stopped.then(() => settle(undefined));
  const { seen } = options;
  let isOver = false;
  const looks = new Rounds(async () => {
    // A file that is just being written is empty for a moment, which would be valid settings.
    await sleep(settleMs);
    const next = await options.read();
    if (isOver) return;
    const text = JSON.stringify(next.settings);
    if (hasErrors(next.diagnostics)) {
      seen.text = "";
      return options.onEvent({ event: "problems", kept: true, diagnostics: next.diagnostics });
    }
    if (text === seen.text) return;
    seen.text = text;
    if (text === JSON.stringify(current.settings)) {
      return options.onEvent({ event: "notice", text: "the settings are as they were before" });
    }
    options.onEvent({ event: "notice", text: "the settings changed; starting again with them" });
    settle(next);
  });
  const close = (): Promise<void> => {
    isOver = true;
    return looks.close();
  };
  return { look: () => looks.wake(), restart: () => settle(current), result, close };
}

/** The source folder, the files of the settings, and whatever else the code imports. */
function watchProject(
  current: ReadSettings,
  code: Code,
  session: DevSession,
  changed: SettingsChange,
): Promise<Watcher> {
  const { settings, files } = current;
  const settingsFiles = new Set(files.filter((file) => file !== settings.entryFile));
  return Watcher.start({
    paths: [settings.sourceFolder, ...settingsFiles],
    poll: settings.watcher.poll,
    ignored: ignoredPaths(settings),
    onFirst: () => session.saving(),
    onChange(paths, firstEventMs) {
      const sources = [...paths].filter((path) => !settingsFiles.has(path));
      if (sources.length < paths.size) changed.look();
      if (sources.some((path) => code.isConfig(path))) changed.restart();
      if (sources.length > 0) session.saved(new Set(sources), firstEventMs);
    },
  });
}

const ignoredFolders = ["node_modules", ".git", workFolder].map((name) => `${sep}${name}`);

/** Folders that hold nothing of the user's, and what `watcher_config.ignore_patterns` names below the source folder. */
function ignoredPaths({ sourceFolder, watcher }: Settings): (path: string) => boolean {
  const matches = watcher.ignorePatterns.length === 0 ? () => false : picomatch([...watcher.ignorePatterns]);
  return (path) =>
    ignoredFolders.some((folder) => path.endsWith(folder) || path.includes(folder + sep)) ||
    (path.startsWith(sourceFolder + sep) && matches(relative(sourceFolder, path).split(sep).join("/")));
}
