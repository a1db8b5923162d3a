import type { Admin } from "@platformatic/kafka";
import { expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { createTopic } from "../../runtime/kafka/execute.js";
import { inspectNamed, inspectTopics, topicEvidence } from "../../runtime/kafka/inspect.js";
import { describeWithKafka, type LiveKafka } from "../live/live-kafka.js";
import { onKafka } from "./ground.js";
import { produce, readBy } from "./records.js";
import { topicOf } from "./topics.js";
import { WireProxy } from "./wire-proxy.js";

const manyTopics = 1_000;

describeWithKafka("inspecting topics", () => {
  let live: LiveKafka;
  let kafka: Kafka;
  let admin: Admin;

  onKafka((ground) => {
    ({ broker: live, kafka, admin } = ground);
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
    const { topics, brokers, brokerDefaults } = await inspectTopics(kafka);
    expect(brokers).toBe(1);
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

  test("a config that is set to the brokers' default is told from one that is not set", async () => {
    const { name } = topicOf();
    await createTopic(kafka, topicOf({ name, config: { "retention.ms": "604800000" } }));
    expect((await inspectNamed(kafka, [name])).topics[0]?.topic.config).toEqual({
      "retention.ms": "604800000",
    });
  });

  test("Kafka's own topics are left out, and named ones that are not there too", async () => {
    await readBy("makes-the-offsets-topic", live.broker, "orders", 0);
    expect(await admin.listTopics({ includeInternals: true })).toContain("__consumer_offsets");
    const { topics } = await inspectTopics(kafka);
    expect(topics.filter(({ topic }) => topic.name.startsWith("__"))).toEqual([]);
    expect((await inspectNamed(kafka, ["__consumer_offsets", "nowhere"])).topics).toEqual([]);
  });

  test("messages and consumer groups are counted, with what each group has not read", async () => {
    const { name } = topicOf({ partitions: 3 });
    await createTopic(kafka, topicOf({ name, partitions: 3 }));
    await isServed([name]);
    await fill(name, 20);
    await readBy("half-way", live.broker, name, 12);
    const [evidence] = await topicEvidence(kafka, [name, "nowhere"]);
    expect(evidence).toEqual({ name, messages: 20, groups: [{ id: "half-way", state: "EMPTY", lag: 8 }] });
  });

  test("a topic without messages and groups has none at stake", async () => {
    const { name } = topicOf();
    await createTopic(kafka, topicOf({ name }));
    expect(await topicEvidence(kafka, [name])).toEqual([{ name, messages: 0, groups: [] }]);
    expect(await topicEvidence(kafka, [])).toEqual([]);
  });

  test("messages that have been deleted do not count", async () => {
    const { name } = topicOf();
    await createTopic(kafka, topicOf({ name }));
    await isServed([name]);
    await fill(name, 10);
    await admin.deleteRecords({ topics: [{ name, partitions: [{ partition: 0, offset: 7n }] }] });
    expect(await topicEvidence(kafka, [name])).toMatchObject([{ messages: 3 }]);
  });

  test("a thousand topics take as many requests as one, for reading and for the evidence", async () => {
    const names = Array.from({ length: manyTopics }, (_, i) => `many-${String(i).padStart(4, "0")}`);
    await admin.createTopics({
      topics: names,
      partitions: 1,
      configs: [{ name: "retention.ms", value: "1" }],
    });
    const proxy = await WireProxy.start(live.local.port);
    const counted = connectKafka(plainKafka(proxy.broker));
    const requestsOf = async (ask: () => Promise<unknown>): Promise<readonly string[]> => {
      proxy.requests.length = 0;
      await ask();
      return [...proxy.requests].sort();
    };
    await inspectTopics(counted);
    const startMs = performance.now();
    expect(await requestsOf(() => inspectTopics(counted))).toEqual(["DescribeConfigs", "Metadata"]);
    process.stderr.write(`${manyTopics} topics read in ${Math.round(performance.now() - startMs)} ms\n`);
    expect((await inspectTopics(counted)).topics.length).toBeGreaterThanOrEqual(manyTopics);
    await isServed(names);
    await topicEvidence(counted, names.slice(0, 1));
    const forOne = await requestsOf(() => topicEvidence(counted, names.slice(1, 2)));
    const forAll = await requestsOf(() => topicEvidence(counted, names));
    expect(forAll).toEqual(forOne);
    expect(forAll.length).toBeLessThan(10);
    await counted.close();
    await proxy.stop();
  }, 120_000);

  /** A broker learns a moment later than the controller that it leads a new partition. */
  async function isServed(names: readonly string[]): Promise<void> {
    const ask = () => topicEvidence(kafka, names).then(({ length }) => length);
    await expect.poll(ask, { timeout: 60_000 }).toBe(names.length);
  }

  /** So many messages. */
  function fill(topic: string, count: number): Promise<void> {
    return produce(
      live.broker,
      topic,
      Array.from({ length: count }, (_, i) => ({ key: `${i}`, value: "x" })),
    );
  }
});
