// The local Kafka for development and tests: Apache Kafka itself, one node on loopback, run by moose.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type FolderLock, orphanOf, readHolder, takeLock } from "../../process/folder-lock.js";
import { isSame, residentBytes, startOf } from "../../process/process-identity.js";
import { answers } from "./answers.js";
import { type BrokerPorts, brokerConfig, dataFolder, type Listener } from "./broker-config.js";
import { BrokerProcess, type BrokerProgram, type BrokerRun, formatFolder } from "./broker-process.js";
import { DockerBroker, type DockerProgram, ensureImage, removeLeftOver, runArguments } from "./docker.js";
import { install, isInstalled } from "./install.js";
import { findDocker, findJava, findMaven, majorOf, oldestJava } from "./java.js";
import { folderHeld, missing, notStarted, notWritable, tooOldJava } from "./problem.js";

export interface LocalKafkaOptions {
  /** Absolute; made when it is not there, e.g. `<project>/.moose/kafka`. One broker at a time per folder. */
  readonly folder: string;
  /** Of the plain listener on 127.0.0.1; 0 is any free port. */
  readonly port: number;
  /** Where Java, Maven and the cache folder are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Besides the plain one. */
  readonly listeners?: readonly Listener[];
  /** Further lines of `server.properties`, which win over moose's own. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Further arguments for formatting a new folder, `--add-scram` for instance. */
  readonly formatArguments?: readonly string[];
  /** Largest heap in megabytes. Default 256. */
  readonly heapMb?: number;
  readonly onEvent?: (event: LocalKafkaEvent) => void;
}

export type LocalKafkaEvent =
  /** Apache Kafka is not in the cache yet and is being fetched, which takes a minute or so. */
  | { readonly kind: "fetching" }
  | { readonly kind: "started"; readonly broker: string; readonly pid: number; readonly startMs: number }
  /** It ended by itself and stays down until the next start. */
  | { readonly kind: "ended"; readonly how: string; readonly log: string }
  | { readonly kind: "stopped" };

export interface LocalKafka {
  /** `127.0.0.1:49213` */
  readonly broker: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Resident memory of the broker, in bytes. */
  rssBytes(): number | undefined;
  /** Ends the broker in order, by force after 15 s. The folder is free when it settles. May be called twice. */
  stop(): Promise<void>;
}

const lockName = "kafka.lock";
const readyDeadlineMs = 60_000;
const readyPollMs = 50;
const defaultHeapMb = 256;
/** Others may take a free port between our choosing it and the broker's binding it. */
const greatestTries = 3;
/** A broker whose moose died is told to end by its watchdog, and needs some time for it. */
const orphanWaitMs = 10_000;
const orphanPollMs = 50;

/**
 * Starts the local Kafka and settles when it lists its topics: after about 2 s, or a minute or so where Apache Kafka
 * has to be fetched first. Throws a `DiagnosticError` with `kafka/local-missing`, `kafka/local-fetch`,
 * `kafka/local-held`, `kafka/local-not-writable` or `kafka/local-not-started`.
 *
 * @example
 * const kafka = await startLocalKafka({ folder: "/app/.moose/kafka", port: 0, environment: process.env });
 * const client = connectKafka(plainKafka(kafka.broker));
 * await kafka.stop();
 */
export async function startLocalKafka(options: LocalKafkaOptions): Promise<LocalKafka> {
  const { environment, onEvent = () => undefined } = options;
  const program = await findProgram(environment, options.heapMb ?? defaultHeapMb, () =>
    onEvent({ kind: "fetching" }),
  );
  await endOrphan(options.folder);
  const lock = lockFolder(options.folder);
  try {
    return await start(options, program, lock);
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

type Program = BrokerProgram | DockerProgram;

/** Java and Maven, and Docker where one of them is missing. */
async function findProgram(
  environment: LocalKafkaOptions["environment"],
  heapMb: number,
  onFetch: () => void,
): Promise<Program> {
  const java = await findJava(environment);
  const isGood = java !== undefined && majorOf(java.version) >= oldestJava;
  if (isGood && (isInstalled(environment) || findMaven(environment) !== undefined))
    return { kind: "java", java, heapMb, jars: await install(environment, onFetch) };
  const docker = findDocker(environment);
  if (docker !== undefined) {
    const program = { kind: "docker", docker, heapMb } as const;
    await ensureImage(program, onFetch);
    return program;
  }
  if (java === undefined) throw missing("Java");
  throw isGood ? missing("Maven") : tooOldJava(java.version);
}

/** Where the local Kafka of a folder answers, when another process runs one. `pid` is that process. */
export function findLocalKafka(
  folder: string,
): { readonly broker: string; readonly pid: number } | undefined {
  const holder = readHolder(folder, lockName);
  return holder?.url === undefined ? undefined : { broker: holder.url, pid: holder.pid };
}

async function endOrphan(folder: string): Promise<void> {
  const orphan = orphanOf(folder, lockName);
  if (orphan === undefined) return;
  process.kill(orphan.pid, "SIGTERM");
  for (let waitedMs = 0; waitedMs < orphanWaitMs; waitedMs += orphanPollMs) {
    if (!isSame(orphan.pid, orphan.start)) return;
    await sleep(orphanPollMs);
  }
  if (isSame(orphan.pid, orphan.start)) process.kill(orphan.pid, "SIGKILL");
  await sleep(orphanPollMs);
}

function lockFolder(folder: string): FolderLock {
  let taken: ReturnType<typeof takeLock>;
  try {
    mkdirSync(folder, { recursive: true });
    taken = takeLock(folder, lockName);
  } catch (thrown) {
    throw notWritable(folder, thrown);
  }
  if ("release" in taken) return taken;
  throw folderHeld(folder, taken.pid, taken.url);
}

async function start(options: LocalKafkaOptions, program: Program, lock: FolderLock): Promise<LocalKafka> {
  const logFile = join(options.folder, "kafka.log");
  const startMs = performance.now();
  let detail = "";
  for (let tries = 0; tries < greatestTries; tries++) {
    const { process: broker, ports } = await startOnce(options, program, logFile, lock);
    const state = await readiness(broker, ports.plain);
    if (state === "ready") return running(options, broker, ports, lock, performance.now() - startMs, logFile);
    broker.kill();
    await broker.ended;
    detail = state === "slow" ? `It did not answer within ${readyDeadlineMs} ms.` : broker.logTail();
    if (!/address already in use/i.test(detail) || options.port !== 0) break;
  }
  throw notStarted(options.folder, logFile, detail);
}

interface StartedOnce {
  readonly process: BrokerRun;
  readonly ports: BrokerPorts;
}

async function startOnce(
  options: LocalKafkaOptions,
  program: Program,
  logFile: string,
  lock: FolderLock,
): Promise<StartedOnce> {
  const [free, controller] = await freePorts(2);
  const ports = { plain: options.port || (free ?? 0), controller: controller ?? 0 };
  const broker = await launch(options, program, ports, logFile);
  const begun = broker.pid === undefined ? undefined : startOf(broker.pid);
  if (broker.pid !== undefined && begun !== undefined)
    lock.update({ engine: { pid: broker.pid, start: begun } });
  return { process: broker, ports };
}

async function launch(
  options: LocalKafkaOptions,
  program: Program,
  ports: BrokerPorts,
  logFile: string,
): Promise<BrokerRun> {
  const { folder, properties = {} } = options;
  const keepLog = () => {
    if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
  };
  if (program.kind === "docker") {
    await removeLeftOver(program, folder);
    keepLog();
    return new DockerBroker(
      program,
      folder,
      runArguments(folder, ports, program.heapMb, properties),
      logFile,
    );
  }
  const configFile = join(folder, "server.properties");
  writeFileSync(configFile, brokerConfig(folder, ports, options.listeners ?? [], properties));
  if (!existsSync(join(dataFolder(folder), "meta.properties"))) {
    await formatFolder(program, configFile, newClusterId(), options.formatArguments ?? []).catch(
      (thrown: unknown) => {
        throw notStarted(folder, logFile, thrown instanceof Error ? thrown.message : String(thrown));
      },
    );
  }
  keepLog();
  return new BrokerProcess(program, configFile, logFile);
}

/** 16 random bytes; a leading hyphen would be read as an option. */
function newClusterId(): string {
  return randomBytes(16).toString("base64url").replace(/^-/, "a");
}

async function readiness(broker: BrokerRun, port: number): Promise<"ready" | "ended" | "slow"> {
  let ended = false;
  void broker.ended.then(() => {
    ended = true;
  });
  const deadlineMs = performance.now() + readyDeadlineMs;
  while (performance.now() < deadlineMs) {
    if (ended) return "ended";
    if (await answers(port)) return "ready";
    await sleep(readyPollMs);
  }
  return "slow";
}

function running(
  options: LocalKafkaOptions,
  process: BrokerRun,
  { plain: port }: BrokerPorts,
  lock: FolderLock,
  startMs: number,
  logFile: string,
): LocalKafka {
  const { onEvent = () => undefined } = options;
  const broker = `127.0.0.1:${port}`;
  const pid = process.pid ?? 0;
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await process.stop();
    lock.release();
    onEvent({ kind: "stopped" });
  };
  void process.ended.then((how) => {
    if (stopping !== undefined) return;
    lock.release();
    onEvent({ kind: "ended", how, log: process.logTail() });
  });
  lock.update({ url: broker });
  onEvent({ kind: "started", broker, pid, startMs });
  return {
    ...{ broker, port, pid, logFile },
    rssBytes: () => residentBytes(pid),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Ports that nobody listens on at the moment. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
