// moose kafka pull on real topics: what it writes plans to nothing, has the types of the messages, and commits nothing.

import { readFileSync } from "node:fs";
import { Producer, stringSerializers } from "@platformatic/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { createTopic } from "../../runtime/kafka/execute.js";
import { sampleMessages } from "../../runtime/kafka/sample.js";
import { anyPort, type Project } from "../dev/project.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { moose, projectOf } from "../migrate/moose-once.js";
import { topicOf } from "./topics.js";

describeWithKafka("moose kafka pull", () => {
  let live: LiveKafka;
  let kafka: Kafka;

  beforeAll(async () => {
    live = await startLiveKafka();
    kafka = connectKafka(plainKafka(live.broker));
    await createTopic(
      kafka,
      topicOf({ name: "orders", partitions: 3, config: { "retention.ms": "86400000" } }),
    );
    await createTopic(
      kafka,
      topicOf({ name: "events.v1", config: { "cleanup.policy": "compact", "retention.ms": "1500" } }),
    );
    await createTopic(kafka, topicOf({ name: "raw-bytes", config: { "retention.ms": "-1" } }));
    await createTopic(kafka, topicOf({ name: "declared" }));
    await send(
      "orders",
      [
        { id: "a", at: "2026-01-01T10:00:00Z", amount: 1.5, customer: { name: "Ann" }, tags: ["x"] },
        { id: "b", at: "2026-01-02T10:00:00Z", amount: 2, customer: { name: "Bob", age: 3 }, note: null },
      ].map((one) => JSON.stringify(one)),
    );
    await send("raw-bytes", ["no json", "[1]"]);
  });

  afterAll(async () => {
    await kafka?.close();
    await live?.stop();
  });

  async function send(
    topic: string,
    values: readonly string[],
    compression: "none" | "gzip" = "none",
  ): Promise<void> {
    const producer = new Producer({
      clientId: "test",
      bootstrapBrokers: kafka.settings.brokers.map(({ host, port }) => ({ host, port })),
      serializers: stringSerializers,
      compression,
    });
    await producer.send({ messages: values.map((value, index) => ({ topic, value, key: String(index) })) });
    await producer.close();
  }

  const project = (index: string, more = ""): Project =>
    projectOf({
      "package.json": '{ "name": "pulled", "type": "module" }',
      "moose.config.toml": `${anyPort}[kafka_config]\nbroker = "${live.broker}"\n${more}`,
      "app/index.ts": index,
    });
  const textOf = (of: Project) => readFileSync(of.path("app/externalStreams.ts"), "utf8");

  test("topics with configs and messages become streams, those that are declared do not", async () => {
    const declared = `import { Stream } from "@514labs/moose-lib";
export const declared = new Stream<{ a: string }>("declared", {});
`;
    const pulled = project(declared);
    const { code, text } = await moose(pulled, "kafka", "pull");
    expect(code, text).toBe(0);
    expect(text).toContain("not written: 2 messages of raw-bytes are no JSON objects");
    expect(text).toContain("app/externalStreams.ts: 3 topics");
    expect(textOf(pulled)).toContain(`/** As 2 messages show it. */
export interface Orders {
  id: string;
  at: Date;
  amount: number;
  customer: {
    name: string;
    age?: number;
  };
  tags?: string[];
  /** Only null was seen: write its type here. */
  note?: string | null;
}

export const OrdersStream = new Stream<Orders>("orders", {
  parallelism: 3,
  retentionPeriod: 86400,
  lifeCycle: LifeCycle.EXTERNALLY_MANAGED,
});
`);
    expect(textOf(pulled)).toContain(`new Stream<EventsV1>("events.v1", {
  parallelism: 1,
  config: {"cleanup.policy":"compact","retention.ms":"1500"},
`);
    expect(textOf(pulled)).not.toContain('"declared"');
    // Again, with the file imported: it is written anew, and the plan has nothing to do.
    pulled.save({ "app/index.ts": `${declared}export * from "./externalStreams.js";\n` });
    const before = textOf(pulled);
    expect(await moose(pulled, "kafka", "pull")).toMatchObject({ code: 0 });
    expect(textOf(pulled)).toBe(before);
    pulled.save({ "app/index.ts": 'export * from "./externalStreams.js";\n' });
    const plan = await moose(pulled, "plan");
    expect(plan.text).toContain("nothing to do");
  });

  test("brokers can be named, topics chosen, messages left alone, and a file of somebody else's is not touched", async () => {
    const pulled = project("export {};\n");
    const chosen = ["--include", "*r*", "--exclude", "raw*", "--messages", "0"];
    expect(await moose(pulled, "kafka", "pull", live.broker, ...chosen)).toMatchObject({ code: 0 });
    expect(textOf(pulled).match(/new Stream<\w+>/g)).toEqual(["new Stream<Declared>", "new Stream<Orders>"]);
    expect(textOf(pulled)).toContain("No message tells its fields");
    pulled.save({ "app/mine.ts": "export const mine = 1;\n" });
    const refused = await moose(pulled, "kafka", "pull", "--file-path", "app/mine.ts");
    expect(refused.text).toContain("app/mine.ts was not written by moose kafka pull, and is left alone");
    expect(await moose(pulled, "kafka", "pull", "http://x:1")).toMatchObject({ code: 1 });
    const away = await moose(pulled, "kafka", "pull", "127.0.0.1:1");
    expect(away.text).toContain("Kafka cannot be reached, so no file was written");
  });

  test("in a namespace, topics outside of it are named and left out", async () => {
    await createTopic(kafka, topicOf({ name: "shop.clicks" }));
    const pulled = project("export {};\n", 'namespace = "shop"\n');
    const { text } = await moose(pulled, "kafka", "pull");
    expect(text).toContain("not written: topic orders is outside of the namespace shop");
    expect(textOf(pulled)).toContain('new Stream<Clicks>("clicks"');
    pulled.save({ "app/index.ts": 'export * from "./externalStreams.js";\n' });
    expect((await moose(pulled, "plan")).text).toContain("nothing to do");
  });

  test("the newest messages are looked at, of every partition and compression, and no group appears", async () => {
    await createTopic(kafka, topicOf({ name: "many", partitions: 4 }));
    // So many that no partition has fewer than are asked of it.
    const numbered = (from: number) => Array.from({ length: 200 }, (_, n) => JSON.stringify({ n: from + n }));
    await send("many", numbered(0));
    await send("many", numbered(200), "gzip");
    const sampled = (await sampleMessages(kafka, ["many", "absent"], { messages: 40 })).get("many");
    const values = sampled !== undefined && "values" in sampled ? sampled.values : [];
    const numbers = values.map((value) => (JSON.parse(value.toString()) as { n: number }).n);
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.length).toBeLessThanOrEqual(40);
    expect(numbers.filter((n) => n < 200)).toEqual([]);
    const groups = await kafka.question((admin) => admin.listGroups({ types: ["classic", "consumer"] }));
    expect([...groups.keys()]).toEqual([]);
  });
});
