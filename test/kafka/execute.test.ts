import { type Admin, Producer, stringSerializers } from "@platformatic/kafka";
import { expect, test } from "vitest";
import type { Kafka } from "../../runtime/kafka/client.js";
import { shownConfig } from "../../runtime/kafka/config-form.js";
import {
  addPartitions,
  alterConfigs,
  checkAddPartitions,
  checkAlterConfigs,
  checkCreateTopic,
  createTopic,
  deleteTopic,
} from "../../runtime/kafka/execute.js";
import { inspectNamed, inspectTopics, type LiveTopic, topicEvidence } from "../../runtime/kafka/inspect.js";
import type { Topic } from "../../src/infra/topic.js";
import { describeWithKafka, type LiveKafka } from "../live/live-kafka.js";
import { onKafka } from "./ground.js";
import { topicOf } from "./topics.js";

const applied = { state: "applied" };

describeWithKafka("changes of topics", () => {
  let live: LiveKafka;
  let kafka: Kafka;
  let admin: Admin;

  onKafka((ground) => {
    ({ broker: live, kafka, admin } = ground);
  });

  async function read(name: string): Promise<LiveTopic | undefined> {
    return (await inspectNamed(kafka, [name])).topics[0];
  }

  async function made(parts: Partial<Topic> = {}): Promise<Topic> {
    const topic = topicOf(parts);
    expect(await createTopic(kafka, topic)).toEqual(applied);
    return topic;
  }

  test("a topic is made with the brokers' defaults", async () => {
    const { name } = await made();
    expect((await read(name))?.topic).toMatchObject({ partitions: 1, replicationFactor: 1, config: {} });
  });

  test("a topic is made with partitions, replication and configs, and has leaders at once", async () => {
    const topic = await made({
      partitions: 12,
      replicationFactor: 1,
      config: { "retention.ms": "3600000", "cleanup.policy": "compact,delete", "max.message.bytes": "2048" },
    });
    const found = await read(topic.name);
    expect(found?.topic).toEqual(topic);
    expect(found?.leaderless).toBe(0);
  });

  test("configs that Kafka shows in another form are known in that form, and count as set", async () => {
    const config = {
      "cleanup.policy": "compact, delete",
      "min.cleanable.dirty.ratio": "1",
      "max.compaction.lag.ms": "+900000",
      "retention.ms": " 01000 ",
      "unclean.leader.election.enable": "TRUE",
      "compression.type": " zstd",
    };
    const topic = await made({ config });
    expect(await createTopic(kafka, topic)).toEqual(applied);
    const { topics, configKinds } = await inspectNamed(kafka, [topic.name]);
    expect(topics[0]?.topic.config).toEqual(shownConfig(config, configKinds));
    expect(topics[0]?.topic.config["retention.ms"]).toBe("1000");
    const startMs = performance.now();
    const set = { "retention.ms": " 2000 ", "min.cleanable.dirty.ratio": "0.250" };
    expect(await alterConfigs(kafka, topic.name, { set, reset: [] })).toEqual(applied);
    // Less than it waits for what it does not find.
    expect(performance.now() - startMs).toBeLessThan(2_500);
  });

  test("every config of a topic is shown as we expect it to be", async () => {
    const { name } = await made();
    const { brokerDefaults, configKinds } = await inspectNamed(kafka, [name]);
    expect(Object.keys(brokerDefaults).length).toBeGreaterThan(20);
    expect(shownConfig(brokerDefaults, configKinds)).toEqual(brokerDefaults);
  });

  test("a topic that exists in the same shape counts as made", async () => {
    const topic = await made({ partitions: 2, config: { "retention.ms": "1000" } });
    const before = await read(topic.name);
    expect(await createTopic(kafka, topic)).toEqual(applied);
    expect((await read(topic.name))?.topicId).toBe(before?.topicId);
  });

  test.each<readonly [string, Partial<Topic>, string]>([
    ["partitions", { partitions: 3 }, "2 partitions"],
    ["configs", { config: { "retention.ms": "2000" } }, "retention.ms 1000"],
    ["a config that is not set there", { config: { "retention.bytes": "5" } }, "retention.bytes unset"],
  ])(
    "a topic that exists with other %s does not, and says how it differs",
    async (_what, parts, difference) => {
      const topic = await made({ partitions: 2, config: { "retention.ms": "1000" } });
      expect(await createTopic(kafka, { ...topic, ...parts }, { deadlineMs: 5_000 })).toEqual({
        state: "refused",
        code: "TOPIC_ALREADY_EXISTS",
        reason: `A topic of that name exists already, with ${difference}.`,
        passing: false,
      });
    },
  );

  test.each<readonly [string, Partial<Topic>, string]>([
    ["more copies than brokers", { replicationFactor: 3 }, "INVALID_REPLICATION_FACTOR"],
    ["no partitions", { partitions: 0 }, "INVALID_PARTITIONS"],
    ["an unknown config", { config: { "retention.sm": "1" } }, "INVALID_CONFIG"],
    ["a config value out of range", { config: { "retention.ms": "-5" } }, "INVALID_CONFIG"],
    ["a config value that is no number", { config: { "retention.ms": "a week" } }, "INVALID_CONFIG"],
    ["a name with a space", { name: "a b" }, "INVALID_TOPIC_EXCEPTION"],
    ["a name of 250 letters", { name: "a".repeat(250) }, "INVALID_TOPIC_EXCEPTION"],
    ["an empty name", { name: "" }, "INVALID_TOPIC_EXCEPTION"],
    ["the name of two dots", { name: ".." }, "INVALID_TOPIC_EXCEPTION"],
  ])("%s is refused with Kafka's own reason, by the check too", async (_what, parts, code) => {
    const topic = topicOf(parts);
    const refused = { state: "refused", code, passing: false, reason: expect.stringMatching(/\w+ \w+ \w+/) };
    expect(await checkCreateTopic(kafka, topic)).toEqual(refused);
    expect(await createTopic(kafka, topic)).toEqual(refused);
  });

  test("a name that differs from an existing one by a dot for an underscore is refused", async () => {
    await made({ name: "shop.orders" });
    expect(await createTopic(kafka, topicOf({ name: "shop_orders" }))).toMatchObject({
      state: "refused",
      code: "INVALID_TOPIC_EXCEPTION",
      reason: expect.stringContaining("collide"),
    });
  });

  test("a check makes nothing", async () => {
    const topic = topicOf();
    expect(await checkCreateTopic(kafka, topic)).toEqual(applied);
    expect(await read(topic.name)).toBeUndefined();
  });

  test("a topic is deleted, and can be made again at once", async () => {
    const topic = await made();
    const before = await read(topic.name);
    expect(await deleteTopic(kafka, { name: topic.name, topicId: before?.topicId })).toEqual(applied);
    expect(await read(topic.name)).toBeUndefined();
    expect(await createTopic(kafka, topic)).toEqual(applied);
    expect((await read(topic.name))?.topicId).not.toBe(before?.topicId);
  });

  test("a topic that is not there counts as deleted", async () => {
    expect(await deleteTopic(kafka, { name: "never-there" })).toEqual(applied);
  });

  test("a topic that was deleted and made again since it was read is left alone", async () => {
    const topic = await made();
    const before = await read(topic.name);
    await admin.deleteTopics({ topics: [topic.name] });
    await made(topic);
    expect(await deleteTopic(kafka, { name: topic.name, topicId: before?.topicId })).toMatchObject({
      state: "refused",
      code: "TOPIC_REPLACED",
    });
    expect(await read(topic.name)).toBeDefined();
  });

  test("partitions are added, and the messages stay", async () => {
    const { name } = await made({ partitions: 2 });
    await produce(name, 10);
    expect(await addPartitions(kafka, name, 5)).toEqual(applied);
    expect(await read(name)).toMatchObject({ topic: { partitions: 5 }, leaderless: 0 });
    expect(await topicEvidence(kafka, [name])).toMatchObject([{ name, messages: 10 }]);
  });

  test("as many partitions as there are is nothing to do", async () => {
    const { name } = await made({ partitions: 3 });
    expect(await addPartitions(kafka, name, 3)).toEqual(applied);
  });

  test("fewer partitions are refused, and nothing is deleted for them", async () => {
    const { name } = await made({ partitions: 3 });
    const before = await read(name);
    expect(await addPartitions(kafka, name, 2)).toEqual({
      state: "refused",
      code: "INVALID_PARTITIONS",
      reason: "The topic has 3 partitions, and Kafka cannot take any away.",
      passing: false,
    });
    expect(await checkAddPartitions(kafka, name, 2)).toMatchObject({ code: "INVALID_PARTITIONS" });
    expect(await read(name)).toEqual(before);
  });

  test("configs are set and reset, and those that were not named stay as they are", async () => {
    const { name } = await made({ config: { "cleanup.policy": "compact", "retention.ms": "1000" } });
    const change = { set: { "max.message.bytes": "4096" }, reset: ["retention.ms"] };
    expect(await checkAlterConfigs(kafka, name, change)).toEqual(applied);
    expect((await read(name))?.topic.config).toEqual({ "cleanup.policy": "compact", "retention.ms": "1000" });
    expect(await alterConfigs(kafka, name, change)).toEqual(applied);
    expect((await read(name))?.topic.config).toEqual({
      "cleanup.policy": "compact",
      "max.message.bytes": "4096",
    });
  });

  test("of configs of which one is wrong, none takes effect", async () => {
    const { name } = await made({ config: { "retention.ms": "1000" } });
    const set = { "retention.ms": "2000", "cleanup.policy": "shred" };
    const refused = { state: "refused", code: "INVALID_CONFIG", reason: expect.stringContaining("shred") };
    expect(await alterConfigs(kafka, name, { set, reset: [] })).toMatchObject(refused);
    expect((await read(name))?.topic.config).toEqual({ "retention.ms": "1000" });
  });

  test("a config that is not set can be reset", async () => {
    const { name } = await made();
    expect(await alterConfigs(kafka, name, { set: {}, reset: ["retention.ms"] })).toEqual(applied);
  });

  test("a topic that is gone cannot be changed", async () => {
    const gone = { state: "refused", code: "UNKNOWN_TOPIC_OR_PARTITION", passing: false };
    expect(await addPartitions(kafka, "gone", 2)).toMatchObject(gone);
    expect(await alterConfigs(kafka, "gone", { set: { "retention.ms": "1" }, reset: [] })).toMatchObject(
      gone,
    );
  });

  test("one refused topic stops no other", async () => {
    const topics = [topicOf(), topicOf({ name: "b a d" }), topicOf({ partitions: 4 })];
    const outcomes = await Promise.all(topics.map((topic) => createTopic(kafka, topic)));
    expect(outcomes.map(({ state }) => state)).toEqual(["applied", "refused", "applied"]);
  });

  test("a config that was changed behind our back is read as it is now", async () => {
    const { name } = await made({ config: { "retention.ms": "1000" } });
    const configs = [{ name: "retention.ms", configOperation: 0 as const, value: "5000" }];
    await admin.incrementalAlterConfigs({ resources: [{ resourceType: 2, resourceName: name, configs }] });
    const { topics } = await inspectTopics(kafka);
    expect(topics.find(({ topic }) => topic.name === name)?.topic.config).toEqual({ "retention.ms": "5000" });
  });

  async function produce(topic: string, count: number): Promise<void> {
    const producer = new Producer({
      clientId: "test",
      bootstrapBrokers: [live.broker],
      serializers: stringSerializers,
    });
    const messages = Array.from({ length: count }, (_, i) => ({ topic, key: `${i}`, value: "x" }));
    await producer.send({ messages });
    await producer.close();
  }
});
