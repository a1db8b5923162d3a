// Migrations of topics whose process is killed: the next run finishes them, does nothing twice, and loses no message.

import { afterAll, beforeAll, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { random } from "../faults/random.js";
import { topicKillStory } from "../kafka/topic-kill-story.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { Processes } from "../migrate/processes.js";

const chance = random();

describeWithKafka("kills of migrations of topics", () => {
  let broker: LiveKafka;
  let engine: LiveEngine;
  let kafka: Kafka;
  let processes: Processes;

  beforeAll(async () => {
    [broker, engine, processes] = await Promise.all([startLiveKafka(), startLive(), Processes.open()]);
    kafka = connectKafka(plainKafka(broker.broker));
  });

  afterAll(async () => {
    await processes?.close();
    await kafka?.close();
    await Promise.all([broker?.stop(), engine?.stop()]);
  });

  test(`120 kills leave every migration to be finished by the next run (MOOSE_TEST_SEED=${chance.seed})`, {
    timeout: 3_600_000,
  }, async () => {
    const ground = { engine, kafka, processes };
    const kills = await topicKillStory(ground, chance, { kills: 120, atOnce: 4 });
    expect(kills).toBeGreaterThanOrEqual(120);
  });
});
