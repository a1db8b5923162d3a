// The one way to Kafka: @platformatic/kafka's Admin, with bounded times and with errors that say what they mean.

import { setTimeout as sleep } from "node:timers/promises";
import { Admin, type Connection } from "@platformatic/kafka";
import type { KafkaBroker, KafkaSettings } from "../config/kafka-settings.js";
import { securityOf } from "./login.js";
import { failed, KafkaProblem, notConnected, notSent } from "./problem.js";
import { type AnswerOf, type RequestName, type RequestOf, requests } from "./requests.js";

export interface Kafka {
  readonly settings: KafkaSettings;
  /**
   * Sends a change once, to the controller. Throws a `KafkaProblem`, which says whether it may have been executed; what
   * is answered for a single topic in it is such a problem too.
   */
  change<N extends RequestName>(name: N, ...request: RequestOf<N>): Promise<AnswerOf<N>>;
  /**
   * Asks something that changes nothing, several times where the cause of a failure may pass. Items of the answer may
   * have an `errorCode`.
   */
  ask<N extends RequestName>(name: N, ...request: RequestOf<N>): Promise<AnswerOf<N>>;
  /** The library's own requests that change nothing, in the same way. */
  question<T>(ask: (admin: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface KafkaOptions {
  /** Longest time to make one connection, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Longest time until one answer, in milliseconds. Default 15,000. */
  readonly requestTimeoutMs?: number;
}

const defaultConnectTimeoutMs = 5_000;
const defaultRequestTimeoutMs = 15_000;
const greatestQuotaWaitMs = 30_000;
const closeTimeoutMs = 2_000;
const greatestAsks = 4;
const firstBackOffMs = 100;

/**
 * A client for the topics of a Kafka. Nothing is connected until the first request.
 *
 * @example
 * const kafka = connectKafka(settings.kafka);
 * const { topics } = await inspectTopics(kafka);
 * await kafka.close();
 */
export function connectKafka(settings: KafkaSettings, options: KafkaOptions = {}): Kafka {
  return new Client(settings, options);
}

class Client implements Kafka {
  readonly settings: KafkaSettings;
  readonly #admin: Admin;
  #controller: KafkaBroker | undefined;
  /** Newest version that the brokers speak, by name of the request. */
  #versions: Promise<ReadonlyMap<string, number>> | undefined;
  #closed = false;
  /** What was said last on a connection. */
  readonly #errors = new WeakMap<Connection, Error | undefined>();
  /** Those that are open or opening; the library can leave some of them behind when they broke while it closes. */
  readonly #connections = new Set<Connection>();
  /** Until when the brokers have asked to send nothing more. */
  #quotaEndMs = 0;

  constructor(settings: KafkaSettings, options: KafkaOptions) {
    this.settings = settings;
    const requestTimeout = options.requestTimeoutMs ?? defaultRequestTimeoutMs;
    this.#admin = new Admin({
      clientId: "moose",
      bootstrapBrokers: settings.brokers.map(({ host, port }) => ({ host, port })),
      connectTimeout: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
      ...{ requestTimeout, timeout: requestTimeout },
      // The library would repeat a request that may have been executed.
      retries: 0,
      ...securityOf(settings),
    });
    const pool = this.#admin.connections;
    pool.on("connecting", ({ connection }) => this.#connections.add(connection));
    pool.on("failed", ({ connection }) => this.#connections.delete(connection));
    pool.on("disconnect", ({ connection }) => this.#connections.delete(connection));
  }

  async change<N extends RequestName>(name: N, ...request: RequestOf<N>): Promise<AnswerOf<N>> {
    const controller = await this.#findController();
    const connection = await this.#connect(controller);
    return this.#send(connection, name, request);
  }

  ask<N extends RequestName>(name: N, ...request: RequestOf<N>): Promise<AnswerOf<N>> {
    return repeatedly(async (): Promise<AnswerOf<N>> => {
      const connection = await this.#connect(undefined);
      try {
        return await this.#send(connection, name, request);
      } catch (thrown) {
        // The library makes an error of an answer when one item of it has an error.
        const whole = thrown instanceof KafkaProblem ? thrown.answer : undefined;
        if (whole === undefined) throw thrown;
        return whole as AnswerOf<N>;
      }
    });
  }

  question<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    return repeatedly(async () => {
      try {
        // A connection first, so that a refused login is told from a lost answer.
        await this.#connect(undefined);
        return await ask(this.#admin);
      } catch (thrown) {
        this.#admin.clearMetadata();
        throw failed(thrown);
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = this.#admin.close().catch(() => undefined);
    await Promise.race([closed, sleep(closeTimeoutMs, undefined, { ref: false })]);
    for (const { socket } of this.#connections) socket?.destroy();
  }

  async #send<N extends RequestName>(
    connection: Connection,
    name: N,
    request: RequestOf<N>,
  ): Promise<AnswerOf<N>> {
    try {
      const api = await this.#api(name);
      await this.#waitForQuota();
      const answer = await api(connection, ...request);
      this.#noteQuota(answer.throttleTimeMs);
      return answer;
    } catch (thrown) {
      const problem = this.#causeOf(failed(thrown), connection);
      this.#noteQuota(problem.throttleMs);
      if (problem.code === "NOT_CONTROLLER") this.#controller = undefined;
      if (problem.code === "UNSUPPORTED_VERSION") this.#versions = undefined;
      // The library cannot go on with a connection whose answer comes after all.
      if (problem.code === "TIMED_OUT") connection.socket.destroy();
      throw problem;
    }
  }

  /** A broker that wants a client's certificate says so only after the connection was made. */
  #causeOf(problem: KafkaProblem, connection: Connection): KafkaProblem {
    const error = this.#errors.get(connection);
    if (problem.code !== "LOST" || error === undefined) return problem;
    const cause = notConnected(error);
    return cause.code === "TLS_FAILED" ? cause : problem;
  }

  #noteErrors(connection: Connection): Connection {
    if (this.#errors.has(connection)) return connection;
    this.#errors.set(connection, undefined);
    connection.on("error", (error) => this.#errors.set(connection, error));
    return connection;
  }

  /** Brokers do not read a connection for the time that they asked to wait, so that a request would seem lost. */
  async #waitForQuota(): Promise<void> {
    const waitMs = this.#quotaEndMs - performance.now();
    if (waitMs > 0) await sleep(Math.min(waitMs, greatestQuotaWaitMs));
  }

  #noteQuota(throttleMs: number): void {
    this.#quotaEndMs = Math.max(this.#quotaEndMs, performance.now() + throttleMs);
  }

  /** To the given broker, or to any. */
  async #connect(broker: KafkaBroker | undefined): Promise<Connection> {
    if (this.#closed) throw new KafkaProblem("CLOSED", "refused", "The connection to Kafka was closed.");
    const pool = this.#admin.connections;
    try {
      return this.#noteErrors(
        broker === undefined
          ? await pool.getFirstAvailable([...this.settings.brokers])
          : await pool.get(broker),
      );
    } catch (thrown) {
      this.#controller = undefined;
      this.#versions = undefined;
      throw notConnected(thrown);
    }
  }

  /** With KRaft the controller is hidden, and any broker is named, which passes the request on. */
  async #findController(): Promise<KafkaBroker | undefined> {
    if (this.#controller !== undefined) return this.#controller;
    const { brokers, controllerId } = await this.ask("Metadata", [], false, false).catch(
      (thrown: unknown) => {
        throw notSent(thrown);
      },
    );
    const found = brokers.find(({ nodeId }) => nodeId === controllerId);
    this.#controller = found && { host: found.host, port: found.port };
    return this.#controller;
  }

  async #api<N extends RequestName>(
    name: N,
  ): Promise<(connection: Connection, ...request: RequestOf<N>) => Promise<AnswerOf<N>>> {
    this.#versions ??= this.#askVersions();
    const newest = (await this.#versions).get(name);
    const api = requests[name].find(({ version }) => newest !== undefined && version <= newest);
    if (api === undefined) {
      const reason = `These brokers are too old for the request ${name} that is needed.`;
      throw new KafkaProblem("UNSUPPORTED", "refused", reason);
    }
    // Of one request, all versions take and give the same.
    return api.async as unknown as (connection: Connection, ...request: RequestOf<N>) => Promise<AnswerOf<N>>;
  }

  async #askVersions(): Promise<ReadonlyMap<string, number>> {
    try {
      const apis = await this.#admin.listApis();
      return new Map(apis.map(({ name, maxVersion }) => [name, maxVersion]));
    } catch (thrown) {
      this.#versions = undefined;
      throw notSent(thrown);
    }
  }
}

async function repeatedly<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (thrown) {
      const problem = failed(thrown);
      if (problem.kind === "refused" || attempt === greatestAsks) throw problem;
      await sleep(Math.max(problem.throttleMs, firstBackOffMs * 2 ** attempt * (0.5 + Math.random() / 2)));
    }
  }
}
