// What a command that runs once needs of a project: what its code declares, and a way to its ClickHouse.

import { join } from "node:path";
import type { Desired } from "../../src/declare/desired.js";
import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import { connect } from "../clickhouse/client.js";
import { plainKafka } from "../config/kafka-settings.js";
import type { Settings } from "../config/settings.js";
import { findEmbedded } from "../embedded/embedded.js";
import { readHolder } from "../process/folder-lock.js";
import { Code, type CodeOptions } from "./code.js";
import { openServer, type Server, workFolder } from "./server.js";
import type { KafkaAccess } from "./topics/access.js";
import { localKafkaFolder } from "./topics/kafka-host.js";

/** What the settings say of the topics of streams. The local Kafka is one broker, which has room for one copy. */
export function streamOptions({ mode, kafka, topics }: Settings): CodeOptions["streams"] {
  const isLocal = mode === "dev" && kafka === undefined;
  return { ...topics, replicationFactor: isLocal ? undefined : topics.replicationFactor };
}

export interface ReachedKafka extends KafkaAccess {
  close(): Promise<void>;
}

/** The configured Kafka, or the local one of a `moose dev` that runs; nothing is connected before it is asked. */
export async function reachKafka(
  settings: Pick<Settings, "kafka" | "folder" | "topics">,
): Promise<ReachedKafka> {
  const local = readHolder(localKafkaFolder(join(settings.folder, workFolder)), "kafka.lock")?.url;
  const found = settings.kafka ?? (local === undefined ? undefined : plainKafka(local));
  const kafka = found && (await import("../kafka/client.js")).connectKafka(found);
  return { kafka, namespace: settings.topics.namespace, close: async () => kafka?.close() };
}

type OnOutput = (line: string) => void;

/**
 * Reads the types and runs the code once.
 *
 * @param onOutput - gets the lines that the code prints
 */
export async function loadDesired(
  settings: Settings,
  onOutput: OnOutput,
  onSent?: CodeOptions["onSent"],
): Promise<Desired> {
  const embedded = settings.clickhouse.kind === "embedded";
  return (await loadCode(settings, onOutput, { embedded, onSent })).desired;
}

/** As the code says, also where that is more than what is local can have: for files that go to servers. */
export async function loadExactly(settings: Settings, onOutput: OnOutput): Promise<Desired> {
  return (await loadCode(settings, onOutput, { streams: settings.topics })).desired;
}

/** The same with its files. The tables are for a server, unless the options say that they are for the embedded ClickHouse. */
export async function loadCode(
  settings: Settings,
  onOutput: OnOutput,
  options: Pick<CodeOptions, "embedded" | "streams" | "onSent"> = {},
): Promise<{ readonly desired: Desired; readonly files: readonly string[] }> {
  const code = Code.start({
    root: settings.folder,
    entry: settings.entryFile,
    database: settings.clickhouse.database,
    streams: streamOptions(settings),
    environment: settings.environment,
    deadlineMs: settings.loadTimeoutMs,
    cacheFile: join(settings.folder, workFolder, "schema-cache.json"),
    onEvent: (event) => {
      if (event.kind === "output") onOutput(event.line);
    },
    ...options,
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
  const clickhouse = await connect({ url: running.url, user: "default", password: "" }, settings.environment);
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
