// What a command that runs once needs of a project: what its code declares, and a way to its ClickHouse.

import { join } from "node:path";
import type { Desired } from "../../src/declare/desired.js";
import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import { connect } from "../clickhouse/client.js";
import type { Settings } from "../config/settings.js";
import { findEmbedded } from "../embedded/embedded.js";
import { Code } from "./code.js";
import { openServer, type Server, workFolder } from "./server.js";

/** Reads the types and runs the code once. `onOutput` gets the lines that the code prints. */
export async function loadDesired(settings: Settings, onOutput: (line: string) => void): Promise<Desired> {
  return (await loadCode(settings, onOutput)).desired;
}

/** The same with the files that it came from. */
export async function loadCode(
  settings: Settings,
  onOutput: (line: string) => void,
): Promise<{ readonly desired: Desired; readonly files: readonly string[] }> {
  const code = Code.start({
    root: settings.folder,
    entry: settings.entryFile,
    database: settings.clickhouse.database,
    environment: settings.environment,
    deadlineMs: settings.loadTimeoutMs,
    cacheFile: join(settings.folder, workFolder, "schema-cache.json"),
    onEvent: (event) => {
      if (event.kind === "output") onOutput(event.line);
    },
  });
  try {
    const desired = await code.open();
    return { desired, files: code.files };
  } finally {
    await code.close();
  }
}

/**
 * The configured server; the embedded ClickHouse of a `moose dev` that runs, or one that is started for this command.
 *
 * @throws DiagnosticError when none can be had; an AbortError on `stop`, also while a server keeps silent
 */
export async function reachServer(settings: Settings, stop: AbortSignal): Promise<Server> {
  const stopped = new Promise<never>((_, reject) => {
    if (stop.aborted) reject(stop.reason);
    else stop.addEventListener("abort", () => reject(stop.reason), { once: true });
  });
  stopped.catch(() => undefined);
  return Promise.race([stopped, reach(settings)]);
}

async function reach(settings: Settings): Promise<Server> {
  const target = settings.clickhouse;
  if (target.kind === "server") return openServer(settings, () => {});
  const folder = target.dataFolder ?? join(settings.folder, workFolder, "clickhouse");
  const running = await findEmbedded(folder);
  if (running === undefined) return openServer(settings, () => {});
  const clickhouse = await connect({ url: running.url, user: "default", password: "" });
  return { clickhouse, embedded: true, close: () => clickhouse.close() };
}

/**
 * The same for work that can do without: no ClickHouse is started for it, and none is insisted on.
 *
 * @param onUnreachable - told why there is none, where one is configured
 */
export async function reachIfThere(
  settings: Settings,
  stop: AbortSignal,
  onUnreachable: (problem: Diagnostic) => void,
): Promise<Server | undefined> {
  const target = settings.clickhouse;
  if (target.kind === "embedded") {
    const folder = target.dataFolder ?? join(settings.folder, workFolder, "clickhouse");
    if ((await findEmbedded(folder)) === undefined) return undefined;
  }
  try {
    return await reachServer(settings, stop);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    for (const problem of error.diagnostics) onUnreachable(problem);
    return undefined;
  }
}
