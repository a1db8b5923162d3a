// Runs `moose dev` from start to stop: settings, server, code, watcher, and all of it anew when the settings change.

import { relative, sep } from "node:path";
import picomatch from "picomatch";
import { DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import type { ReadSettings, Settings } from "../config/settings.js";
import type { EmbeddedEvent } from "../embedded/embedded-event.js";
import { Code } from "./code.js";
import { DevSession, userCodeEvents } from "./dev.js";
import type { DevEvent, OnDevEvent } from "./dev-event.js";
import { Reconciler } from "./reconcile.js";
import { openServer, type Server, workFolder } from "./server.js";
import { Watcher } from "./watch.js";

export interface RunDevOptions {
  /** Reads the settings; called again when one of their files changes. */
  readonly read: () => Promise<ReadSettings>;
  /** Addresses of existing tables to take over. */
  readonly adopt: readonly string[];
  /** Aborted to stop in order. */
  readonly stop: AbortSignal;
  readonly onEvent: OnDevEvent;
}

/**
 * Resolves when `stop` was aborted and everything is closed.
 *
 * @throws DiagnosticError when the settings are wrong or no server can be had at the start
 */
export async function runDev(options: RunDevOptions): Promise<void> {
  const { onEvent, stop } = options;
  let current = await options.read();
  if (hasErrors(current.diagnostics)) throw new DiagnosticError(current.diagnostics);
  onEvent({ event: "starting", folder: current.settings.folder });
  if (current.diagnostics.length > 0)
    onEvent({ event: "problems", kept: false, diagnostics: current.diagnostics });
  const host = new ServerHost(onEvent);
  try {
    while (!stop.aborted) current = (await runOnce(options, host, current)) ?? current;
  } finally {
    await host.close();
    onEvent({ event: "stopped" });
  }
}

/** Keeps the server over a change of settings that does not concern it. */
class ServerHost {
  readonly #onEvent: OnDevEvent;
  #server: Server | undefined;
  #target = "";
  /** Called when the embedded engine is back. */
  onRestart: () => void = () => {};

  constructor(onEvent: OnDevEvent) {
    this.#onEvent = onEvent;
  }

  async open(settings: Settings): Promise<Server> {
    const target = JSON.stringify(settings.clickhouse);
    if (this.#server !== undefined && this.#target === target) return this.#server;
    await this.close();
    this.#target = target;
    this.#server = await openServer(settings, (event) => this.#engineEvent(event));
    return this.#server;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  #engineEvent(event: EmbeddedEvent): void {
    switch (event.kind) {
      case "crashed":
        return this.#onEvent({
          event: "notice",
          text: `the embedded ClickHouse ended (${event.how}); it starts again in ${event.restartInMs} ms`,
        });
      case "restarted":
        this.#onEvent({ event: "notice", text: "the embedded ClickHouse is back" });
        return this.onRestart();
      case "gave-up":
        return this.#onEvent({
          event: "notice",
          text: `the embedded ClickHouse ended ${event.restarts} times and is not started again: ${event.detail}`,
        });
      case "started":
      case "stderr":
      case "stopped":
    }
  }
}

/** One session. Gives the new settings when it ended because they changed, nothing when it was stopped. */
async function runOnce(
  options: RunDevOptions,
  host: ServerHost,
  current: ReadSettings,
): Promise<ReadSettings | undefined> {
  const { onEvent, stop } = options;
  const { settings } = current;
  const code = Code.start({
    root: settings.folder,
    entry: settings.entryFile,
    database: settings.clickhouse.database,
    environment: settings.environment,
    onEvent: userCodeEvents(onEvent),
  });
  const server = host.open(settings);
  const reconciler = server.then(({ clickhouse }) =>
    Reconciler.open(clickhouse, {
      project: settings.project,
      database: settings.clickhouse.database,
      adopt: options.adopt,
    }),
  );
  reconciler.catch(() => {});
  const session = new DevSession({ settings, reconciler, code, onEvent });
  host.onRestart = () => session.wake();
  const changed = settingsChange(options, current, stop);
  const watcher = await watchProject(current, code, session, changed);
  try {
    await session.start();
    watcher.add(code.files);
    onEvent(readyEvent(settings, await server, session.tables));
    return await changed.result;
  } finally {
    await watcher.close();
    await session.close();
    await code.close();
  }
}

function readyEvent(settings: Settings, { clickhouse, embedded }: Server, tables: number): DevEvent {
  return {
    event: "ready",
    url: clickhouse.url,
    database: settings.clickhouse.database,
    version: clickhouse.version,
    embedded,
    folder: settings.sourceFolder,
    startMs: performance.now(),
    tables,
  };
}

interface SettingsChange {
  /** A file of the settings was saved. */
  readonly look: () => void;
  /** The settings are the same, but all else has to be read anew. */
  readonly restart: () => void;
  /** The new settings once they are valid and differ; nothing when the command is stopped. */
  readonly result: Promise<ReadSettings | undefined>;
}

function settingsChange(options: RunDevOptions, current: ReadSettings, stop: AbortSignal): SettingsChange {
  let settle: (next: ReadSettings | undefined) => void = () => {};
  const result = new Promise<ReadSettings | undefined>((resolve) => {
    settle = resolve;
  });
  stop.addEventListener("abort", () => settle(undefined), { once: true });
  if (stop.aborted) settle(undefined);
  const look = async (): Promise<void> => {
    const next = await options.read();
    if (hasErrors(next.diagnostics)) {
      return options.onEvent({ event: "problems", kept: true, diagnostics: next.diagnostics });
    }
    if (JSON.stringify(next.settings) === JSON.stringify(current.settings)) return;
    options.onEvent({ event: "notice", text: "the settings changed; starting again with them" });
    settle(next);
  };
  return { look: () => void look(), restart: () => settle(current), result };
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
