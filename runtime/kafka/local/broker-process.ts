// One run of the broker's process: Java started with what makes it small and quick, watched, and ended.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Java } from "./java.js";

export interface BrokerProgram {
  readonly kind: "java";
  readonly java: Java;
  /** Folder of the jars. */
  readonly jars: string;
  /** Largest heap of the broker, in megabytes. */
  readonly heapMb: number;
}

/** How the process ended, as `SIGKILL` or `code 1`. */
export type BrokerEnd = string;

const formatDeadlineMs = 60_000;
/** Writing the class archive at the end of a first run takes some seconds more. */
const stopDeadlineMs = 15_000;
export const keptLogBytes = 4_000;

/** Writes the identity of a new broker into its data folder, once for each folder. */
export function formatFolder(
  program: BrokerProgram,
  configFile: string,
  clusterId: string,
  more: readonly string[],
): Promise<void> {
  const command = ["format", `--cluster-id=${clusterId}`, "--config", configFile, ...more];
  const all = [...javaOptions(program, archiveOf(program)), "kafka.tools.StorageTool", ...command];
  return new Promise((resolve, reject) => {
    execFile(program.java.program, all, { timeout: formatDeadlineMs }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      reject(new Error(`${stdout}${stderr}`.trim() || error.message));
    });
  });
}

/** A broker that runs, however it was started. */
export interface BrokerRun {
  readonly pid: number | undefined;
  readonly ended: Promise<BrokerEnd>;
  /** The last lines that it logged. */
  logTail(): string;
  kill(): void;
  /** Lets it write its logs to the end; by force when that takes longer than 15 s. */
  stop(): Promise<void>;
}

export class BrokerProcess implements BrokerRun {
  readonly pid: number | undefined;
  readonly ended: Promise<BrokerEnd>;
  readonly #process: ChildProcess;
  readonly #watchdog: ChildProcess | undefined;
  readonly #logFile: string;

  constructor(program: BrokerProgram, configFile: string, logFile: string) {
    this.#logFile = logFile;
    const archive = archiveOf(program);
    const draft = existsSync(archive) ? undefined : `${archive}.${process.pid}-${Date.now()}`;
    const options = javaOptions(program, archive, draft);
    const log = openSync(logFile, "w");
    // Detached, so that Ctrl-C in a terminal reaches moose alone, which then ends the broker in order.
    this.#process = spawn(program.java.program, [...options, "kafka.Kafka", configFile], {
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    this.pid = this.#process.pid;
    this.#watchdog = this.pid === undefined ? undefined : startWatchdog(this.pid);
    this.ended = this.#watch(archive, draft);
  }

  logTail(): string {
    try {
      return readFileSync(this.#logFile, "utf8").slice(-keptLogBytes).trim();
    } catch {
      return "";
    }
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), stopDeadlineMs);
    await this.ended;
    clearTimeout(timer);
  }

  #watch(archive: string, draft: string | undefined): Promise<BrokerEnd> {
    return new Promise((resolve) => {
      const end = (how: BrokerEnd) => {
        this.#watchdog?.stdin?.end("ended\n");
        if (draft !== undefined) keepArchive(draft, archive);
        resolve(how);
      };
      this.#process.once("exit", (code, signal) => end(signal ?? `code ${code}`));
      this.#process.once("error", (error) => end(error.message));
    });
  }
}

/**
 * Ends the broker when moose dies without doing so: the shell's `read` fails when the other end of its pipe closes.
 * A line that arrives means that there is nothing to end any more.
 */
export function startWatchdog(pid: number): ChildProcess {
  const child = spawn("/bin/sh", ["-c", 'read -r _ || kill -TERM "$1"', "sh", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  child.unref();
  return child;
}

/** Classes as they are in memory, which saves half of the start; made by the first run that ends in order. */
function archiveOf({ java, jars }: BrokerProgram): string {
  return join(jars, "..", `classes-java-${java.version.replace(/[^\w.+-]/g, "_")}.jsa`);
}

function javaOptions(
  { jars, heapMb }: BrokerProgram,
  archive: string,
  archiveDraft?: string | undefined,
): readonly string[] {
  const sharing = existsSync(archive)
    ? [`-XX:SharedArchiveFile=${archive}`]
    : archiveDraft === undefined
      ? []
      : [`-XX:ArchiveClassesAtExit=${archiveDraft}`];
  return [
    ...sharing,
    "-Xshare:auto",
    "-Xms48m",
    `-Xmx${heapMb}m`,
    ...["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"],
    ...["-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true"],
    ...["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"],
    // Named one by one and in order: the archive belongs to exactly this path.
    ...["-cp", jarsIn(jars).join(":")],
  ];
}

function jarsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jar"))
    .sort()
    .map((name) => join(folder, name));
}

function keepArchive(draft: string, archive: string): void {
  try {
    renameSync(draft, archive);
  } catch {
    rmSync(draft, { force: true });
  }
}
