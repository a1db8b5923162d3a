import { Admin } from "@platformatic/kafka";
import { expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { addPartitions, createTopic, deleteTopic } from "../../runtime/kafka/execute.js";
import { inspectNamed, inspectTopics } from "../../runtime/kafka/inspect.js";
import type { LocalKafkaOptions } from "../../runtime/kafka/local/local-kafka.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { topicOf } from "./topics.js";

const applied = { state: "applied" };

describeWithKafka("brokers that behave in their own way", () => {
  /** A test on a broker of its own. */
  async function on(
    options: Pick<LocalKafkaOptions, "properties">,
    run: (kafka: Kafka, live: LiveKafka) => Promise<void>,
  ): Promise<void> {
    const live = await startLiveKafka(options);
    const kafka = connectKafka(plainKafka(live.broker));
    try {
      await run(kafka, live);
    } finally {
      await kafka.close();
      await live.stop();
    }
  }

  test("a broker that is started again in between is found again, with its topics", () =>
    on({}, async (kafka, live) => {
      const topic = topicOf({ partitions: 2, config: { "retention.ms": "1000" } });
      expect(await createTopic(kafka, topic)).toEqual(applied);
      await live.restart();
      const { topics } = await inspectTopics(kafka);
      expect(topics.map((found) => found.topic)).toEqual([{ ...topic, replicationFactor: 1 }]);
      expect(await addPartitions(kafka, topic.name, 3)).toEqual(applied);
    }));

  test("brokers that delete no topics are told, and nothing else stops", () =>
    on({ properties: { "delete.topic.enable": "false" } }, async (kafka) => {
      const topic = topicOf();
      expect(await createTopic(kafka, topic)).toEqual(applied);
      expect(await deleteTopic(kafka, { name: topic.name })).toMatchObject({
        state: "refused",
        code: "TOPIC_DELETION_DISABLED",
        passing: false,
      });
      expect(await createTopic(kafka, topicOf())).toEqual(applied);
    }));

  test("looking at a topic that is not there makes none, even where brokers make topics by themselves", () =>
    on({ properties: { "auto.create.topics.enable": "true" } }, async (kafka) => {
      expect((await inspectNamed(kafka, ["not-there"])).topics).toEqual([]);
      expect((await inspectTopics(kafka)).topics).toEqual([]);
    }));

  test("the brokers' own defaults are read, and are not taken for configs of a topic", () =>
    on({ properties: { "log.retention.ms": "123456", "compression.type": "zstd" } }, async (kafka) => {
      const { name } = topicOf();
      expect(await createTopic(kafka, topicOf({ name }))).toEqual(applied);
      const { topics, brokerDefaults } = await inspectNamed(kafka, [name]);
      expect(topics[0]?.topic.config).toEqual({});
      expect(brokerDefaults).toMatchObject({ "retention.ms": "123456", "compression.type": "zstd" });
    }));

  test("a quota on changes is waited for", () =>
    on({}, async (kafka, live) => {
      const admin = new Admin({ clientId: "test", bootstrapBrokers: [live.broker] });
      const entities = [{ entityType: "client-id" as const, entityName: "moose" }];
      // The library's types do not list this quota.
      const op = {
        key: "controller_mutation_rate" as "request_percentage",
        value: 1,
        remove: false,
      } as const;
      await admin.alterClientQuotas({ entries: [{ entities, ops: [op] }] });
      await admin.close();
      // 22 may be used at once, and a check counts as much as the change.
      for (const topic of [topicOf({ partitions: 8 }), topicOf({ partitions: 8 })])
        expect(await createTopic(kafka, topic)).toEqual(applied);
    }));
});
