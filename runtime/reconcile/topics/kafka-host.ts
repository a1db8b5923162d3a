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

export class KafkaHost {
  readonly #onLocal: (event: LocalKafkaEvent) => void;
  #client: { readonly key: string; readonly kafka: Promise<Kafka> } | undefined;
  #local: Promise<LocalKafka> | undefined;
  /** Called when a local Kafka has ended by itself. */
  onEnded: () => void = () => {};

  constructor(onLocal: (event: LocalKafkaEvent) => void) {
    this.#onLocal = onLocal;
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
    this.#onLocal(event);
    if (event.kind !== "ended") return;
    this.#local = undefined;
    void this.#client?.kafka.then((kafka) => kafka.close()).catch(() => undefined);
    this.#client = undefined;
    this.onEnded();
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
