import { Admin } from "@platformatic/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { inspectTopics } from "../../runtime/kafka/inspect.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";

describeWithKafka("inspecting topics", () => {
  let live: LiveKafka;
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    live = await startLiveKafka();
    kafka = connectKafka(plainKafka(live.broker));
    admin = new Admin({ clientId: "test", bootstrapBrokers: [live.broker] });
  });

  afterAll(async () => {
    await admin?.close();
    await kafka?.close();
    await live?.stop();
  });

  test("a topic is read with partitions, replication and the configs that are set on it", async () => {
    await admin.createTopics({
      topics: ["orders"],
      partitions: 3,
      configs: [
        { name: "retention.ms", value: "60000" },
        { name: "cleanup.policy", value: "compact" },
      ],
    });
    const { topics, brokerDefaults } = await inspectTopics(kafka);
    expect(topics.map(({ topic }) => topic)).toEqual([
      {
        name: "orders",
        partitions: 3,
        replicationFactor: 1,
        config: { "cleanup.policy": "compact", "retention.ms": "60000" },
        lifeCycle: "FULLY_MANAGED",
      },
    ]);
    expect(topics[0]).toMatchObject({ leaderless: 0, topicId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(brokerDefaults).toMatchObject({ "compression.type": "producer" });
  });
});
