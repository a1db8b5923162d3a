// What suites about topics stand on: started before their tests, ended after them.

import { Admin } from "@platformatic/kafka";
import { afterAll, beforeAll } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { Processes } from "../migrate/processes.js";

interface Closing {
  readonly close: () => Promise<unknown>;
}

/** @param use - takes what the tests need of it */
function suite<T>(open: () => Promise<T & Closing>, use: (ground: T) => void): void {
  let ground: (T & Closing) | undefined;
  beforeAll(async () => {
    ground = await open();
    use(ground);
  });
  afterAll(() => ground?.close());
}

export interface KafkaGround {
  readonly broker: LiveKafka;
  readonly kafka: Kafka;
  /** The library's own way, for what moose does not do. */
  readonly admin: Admin;
}

/** A Kafka with nothing in it. */
export function onKafka(use: (ground: KafkaGround) => void): void {
  suite(openKafka, use);
}

async function openKafka(): Promise<KafkaGround & Closing> {
  const broker = await startLiveKafka();
  const kafka = connectKafka(plainKafka(broker.broker));
  const admin = new Admin({ clientId: "test", bootstrapBrokers: [broker.broker] });
  const close = async () => {
    await Promise.all([admin.close(), kafka.close()]);
    await broker.stop();
  };
  return { broker, kafka, admin, close };
}

export interface TopicGround extends KafkaGround {
  readonly engine: LiveEngine;
}

/** A Kafka and a ClickHouse. */
export function onKafkaAndEngine(use: (ground: TopicGround) => void): void {
  suite(openBoth, use);
}

async function openBoth(): Promise<TopicGround & Closing> {
  const [ofKafka, engine] = await Promise.all([openKafka(), startLive()]);
  return { ...ofKafka, engine, close: () => Promise.all([ofKafka.close(), engine.stop()]) };
}

export interface MigrationGround extends TopicGround {
  readonly processes: Processes;
}

/** The same, and processes that migrate. */
export function onMigrations(use: (ground: MigrationGround) => void): void {
  suite(async () => {
    const [ground, processes] = await Promise.all([openBoth(), Processes.open()]);
    const close = async () => {
      await processes.close();
      await ground.close();
    };
    return { ...ground, processes, close };
  }, use);
}
