// The Kafka of a dev session: the configured one, or Apache Kafka started here when the first stream asks for it.

import { createServer } from "node:net";
import { join } from "node:path";
import { plainKafka } from "../../config/kafka-settings.js";
import type { Settings } from "../../config/settings.js";
import type { Kafka } from "../../kafka/client.js";
import type { LocalKafka, LocalKafkaEvent } from "../../kafka/local/local-kafka.js";

/** Where other tools look for the broker of a project in development. */
const usualPort = 19_092;

/** Below the work folder of a project: topics and messages stay from one session to the next. */
export function localKafkaFolder(workFolder: string): string {
  return join(workFolder, "kafka");
}

/** What is told of the local Kafka; one that ended is started again after a while, or not any more. */
export type HostEvent =
  | Exclude<LocalKafkaEvent, { kind: "ended" }>
  | (Extract<LocalKafkaEvent, { kind: "ended" }> & {
      /** Undefined when it has ended too often; the next save tries it again. */
      readonly restartInMs: number | undefined;
    });

/** Within this time it may end so often. */
const restartsWithinMs = 600_000;
const defaultMostRestarts = 5;
const firstRestartMs = 500;

export class KafkaHost {
  readonly #onLocal: (event: HostEvent) => void;
  readonly #mostRestarts: number;
  /** When it has ended by itself. */
  #ends: number[] = [];
  #restart: NodeJS.Timeout | undefined;
  #client: { readonly key: string; readonly kafka: Promise<Kafka> } | undefined;
  #local: Promise<LocalKafka> | undefined;
  /** Called when a local Kafka that has ended by itself is to be opened again. */
  onEnded: () => void = () => {};

  /** @param mostRestarts - of a local Kafka in ten minutes */
  constructor(onLocal: (event: HostEvent) => void, mostRestarts = defaultMostRestarts) {
    this.#onLocal = onLocal;
    this.#mostRestarts = mostRestarts;
  }

  /**
   * The same client until the settings change, or the local Kafka ends.
   *
   * @param workFolder - of the project, absolute
   * @throws DiagnosticError when a local one is needed and cannot be started
   */
  open(settings: Settings, workFolder: string): Promise<Kafka> {
    const key = JSON.stringify(settings.kafka ?? workFolder);
    if (this.#client?.key === key) return this.#client.kafka;
    const former = this.#client;
    const kafka = this.#connect(settings, workFolder);
    const client = { key, kafka };
    this.#client = client;
    kafka.catch(() => {
      if (this.#client === client) this.#client = undefined;
    });
    void former?.kafka.then((one) => one.close()).catch(() => undefined);
    return kafka;
  }

  async close(): Promise<void> {
    clearTimeout(this.#restart);
    const [client, local] = [this.#client, this.#local];
    this.#client = undefined;
    this.#local = undefined;
    await client?.kafka.then((kafka) => kafka.close()).catch(() => undefined);
    await local?.then((kafka) => kafka.stop()).catch(() => undefined);
  }

  async #connect(settings: Settings, workFolder: string): Promise<Kafka> {
    // Loaded only where there are streams.
    const { connectKafka } = await import("../../kafka/client.js");
    if (settings.kafka !== undefined) return connectKafka(settings.kafka);
    this.#local ??= this.#start(settings, localKafkaFolder(workFolder));
    const { broker } = await this.#local;
    return connectKafka(plainKafka(broker));
  }

  #start(settings: Settings, folder: string): Promise<LocalKafka> {
    const local = isFree(usualPort).then(async (free) => {
      const { startLocalKafka } = await import("../../kafka/local/local-kafka.js");
      return startLocalKafka({
        folder,
        port: free ? usualPort : 0,
        environment: settings.environment,
        onEvent: (event) => this.#localEvent(event),
      });
    });
    local.catch(() => {
      if (this.#local === local) this.#local = undefined;
    });
    return local;
  }

  #localEvent(event: LocalKafkaEvent): void {
    if (event.kind !== "ended") return this.#onLocal(event);
    this.#local = undefined;
    void this.#client?.kafka.then((kafka) => kafka.close()).catch(() => undefined);
    this.#client = undefined;
    const now = performance.now();
    this.#ends = [...this.#ends.filter((at) => now - at < restartsWithinMs), now];
    const mayRestart = this.#ends.length <= this.#mostRestarts;
    const restartInMs = mayRestart ? firstRestartMs * 2 ** (this.#ends.length - 1) : undefined;
    this.#onLocal({ ...event, restartInMs });
    if (mayRestart) this.#restart = setTimeout(() => this.onEnded(), restartInMs);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
