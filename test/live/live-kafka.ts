// One local Kafka for a test file, and a client for it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { isInstalled } from "../../runtime/kafka/local/install.js";
import { findJava, findMaven, majorOf, oldestJava } from "../../runtime/kafka/local/java.js";
import {
  type LocalKafka,
  type LocalKafkaOptions,
  startLocalKafka,
} from "../../runtime/kafka/local/local-kafka.js";

export interface LiveKafka {
  /** The broker that runs at the moment. */
  readonly local: LocalKafka;
  /** `127.0.0.1:49213` */
  readonly broker: string;
  /** Its data, which a second start finds again. */
  readonly folder: string;
  /** Ends the broker and starts it again on the same folder and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A broker with nothing in it; it takes about 2 s, more where Apache Kafka has to be fetched first. */
export async function startLiveKafka(
  options: Partial<Omit<LocalKafkaOptions, "folder" | "environment">> = {},
): Promise<LiveKafka> {
  const folder = mkdtempSync(join(tmpdir(), "moose-kafka-test-"));
  const start = (port: number) => startLocalKafka({ ...options, port, folder, environment: process.env });
  let local = await start(options.port ?? 0);
  return {
    get local() {
      return local;
    },
    broker: local.broker,
    folder,
    async restart() {
      await local.stop();
      local = await start(local.port);
    },
    async stop() {
      await local.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const java = await findJava(process.env);
const lacking =
  java === undefined || majorOf(java.version) < oldestJava
    ? `Java ${oldestJava}`
    : !isInstalled(process.env) && findMaven(process.env) === undefined
      ? "Maven"
      : undefined;

/**
 * A suite that needs a Kafka. Where none can be had it is skipped, loudly, and under continuous integration it fails.
 */
export function describeWithKafka(name: string, body: () => void): void {
  if (lacking === undefined) describe(name, body);
  else if (process.env.CI) throw new Error(`The tests of Kafka need ${lacking}, which is not installed.`);
  else {
    process.stderr.write(`\n*** SKIPPED: "${name}" needs ${lacking}, which is not installed. ***\n\n`);
    describe.skip(`${name} (SKIPPED: needs ${lacking})`, body);
  }
}
