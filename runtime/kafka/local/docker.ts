// The local Kafka as a container, where Java or Maven are missing: the same broker and settings, from Apache's own image.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { sha256 } from "../../../src/infra/sha256.js";
import { type BrokerPorts, brokerProperties } from "./broker-config.js";
import { type BrokerEnd, type BrokerRun, keptLogBytes, startWatchdog } from "./broker-process.js";
import { kafkaVersion } from "./install.js";
import { notFetched } from "./problem.js";

export interface DockerProgram {
  readonly kind: "docker";
  /** Absolute path of the program. */
  readonly docker: string;
  readonly heapMb: number;
}

export const image = `apache/kafka:${kafkaVersion}`;
/** Where the image keeps its messages; a volume is mounted there. */
const dataInside = "/var/lib/kafka/data";
const askDeadlineMs = 20_000;
const pullDeadlineMs = 600_000;
const stopDeadlineSeconds = 15;

/** Of one folder: containers and volumes of other projects have other names. */
export function containerName(folder: string): string {
  return `moose-kafka-${sha256(folder, 12)}`;
}

/** What `docker` is called with to run the broker of a folder, published on loopback alone. */
export function runArguments(
  folder: string,
  ports: BrokerPorts,
  heapMb: number,
  properties: Readonly<Record<string, string>>,
): readonly string[] {
  const name = containerName(folder);
  const inside = brokerProperties("0.0.0.0", dataInside, ports, [], {
    // Clients come from outside of the container, the controller does not.
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${ports.plain}`,
    "controller.quorum.voters": `1@127.0.0.1:${ports.controller}`,
    ...properties,
  });
  const variables = Object.entries(inside).map(([key, value]) => `${variableOf(key)}=${value}`);
  return [
    ...["run", "--rm", "--name", name],
    ...["--publish", `127.0.0.1:${ports.plain}:${ports.plain}`],
    ...["--volume", `${name}:${dataInside}`],
    ...variables.flatMap((one) => ["--env", one]),
    ...["--env", `KAFKA_HEAP_OPTS=-Xms48m -Xmx${heapMb}m`, "--env", `CLUSTER_ID=${clusterId(folder)}`],
    image,
  ];
}

/** How the image spells a setting of the broker. */
function variableOf(key: string): string {
  return `KAFKA_${key.replaceAll("_", "___").replaceAll("-", "__").replaceAll(".", "_").toUpperCase()}`;
}

/** The same at each start of a folder, for the messages in the volume belong to it. */
function clusterId(folder: string): string {
  return createHash("sha256")
    .update(`cluster ${folder}`)
    .digest()
    .subarray(0, 16)
    .toString("base64url")
    .replace(/^-/, "a");
}

/** Fetches the image where it is not there yet. Throws a `DiagnosticError` when it cannot be had. */
export async function ensureImage({ docker }: DockerProgram, onFetch: () => void): Promise<void> {
  if ((await call(docker, ["image", "inspect", image], askDeadlineMs)) === undefined) return;
  onFetch();
  const problem = await call(docker, ["pull", "--quiet", image], pullDeadlineMs);
  if (problem !== undefined) throw notFetched("Docker", problem);
}

/** Removes what a run that was killed has left. */
export async function removeLeftOver({ docker }: DockerProgram, folder: string): Promise<void> {
  await call(docker, ["rm", "--force", containerName(folder)], askDeadlineMs);
}

/** Undefined when it ended well, else what it said. */
function call(docker: string, parameters: readonly string[], timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(docker, parameters, { timeout }, (error, stdout, stderr) => {
      resolve(error === null ? undefined : `${stdout}${stderr}`.trim() || error.message);
    });
  });
}

export class DockerBroker implements BrokerRun {
  readonly pid: number | undefined;
  readonly ended: Promise<BrokerEnd>;
  readonly #program: DockerProgram;
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #logFile: string;
  #isOver = false;

  /** @param parameters - see {@link runArguments} */
  constructor(program: DockerProgram, folder: string, parameters: readonly string[], logFile: string) {
    this.#program = program;
    this.#name = containerName(folder);
    this.#logFile = logFile;
    const log = openSync(logFile, "w");
    this.#process = spawn(program.docker, parameters, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    this.pid = this.#process.pid;
    const watchdog = this.pid === undefined ? undefined : startWatchdog(this.pid);
    this.ended = new Promise((resolve) => {
      const end = (how: BrokerEnd) => {
        this.#isOver = true;
        watchdog?.stdin?.end("ended\n");
        resolve(how);
      };
      this.#process.once("exit", (code, signal) => end(signal ?? `code ${code}`));
      this.#process.once("error", (error) => end(error.message));
    });
  }

  logTail(): string {
    try {
      return readFileSync(this.#logFile, "utf8").slice(-keptLogBytes).trim();
    } catch {
      return "";
    }
  }

  kill(): void {
    if (this.#isOver) return;
    void call(this.#program.docker, ["kill", this.#name], askDeadlineMs);
    this.#process.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    const parameters = ["stop", "--time", String(stopDeadlineSeconds), this.#name];
    const problem = await call(this.#program.docker, parameters, askDeadlineMs);
    if (problem !== undefined) this.kill();
    await this.ended;
  }
}
