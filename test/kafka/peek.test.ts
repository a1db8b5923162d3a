// moose peek --stream against a real broker: what it prints, what it leaves alone, and how it ends.

import { existsSync, readFileSync } from "node:fs";
import { Admin } from "@platformatic/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { createTopic } from "../../runtime/kafka/execute.js";
import { topicEvidence, topicRanges } from "../../runtime/kafka/inspect.js";
import { loadNativeClient } from "../../runtime/kafka/records/native-client.js";
import { readLast } from "../../runtime/kafka/records/read-last.js";
import { anyPort } from "../dev/project.js";
import type { LiveKafka } from "../live/live-kafka.js";
import { startLiveKafka } from "../live/live-kafka.js";
import { describeWithRecords } from "../live/live-records.js";
import { moose, projectOf } from "../migrate/moose-once.js";
import { produce, readBy } from "./records.js";
import { topicOf } from "./topics.js";
import { commitEach } from "./transactions.js";
import { WireProxy } from "./wire-proxy.js";

const code = `import { Stream } from "@514labs/moose-lib";
interface Event { id: string }
export const events = new Stream<Event>("events", { parallelism: 3, version: "1.0" });
`;

describeWithRecords("moose peek --stream", () => {
  let live: LiveKafka;
  let kafka: Kafka;

  beforeAll(async () => {
    live = await startLiveKafka();
    kafka = connectKafka(plainKafka(live.broker));
    await createTopic(kafka, topicOf({ name: "app.events_1_0", partitions: 3 }));
    await produce(live.broker, "app.events_1_0", records);
  });

  afterAll(async () => {
    await kafka?.close();
    await live?.stop();
  });

  const projectAt = (broker: string) =>
    projectOf({
      "app/index.ts": code,
      "moose.config.toml": `${anyPort}[kafka_config]\nbroker = "${broker}"\nnamespace = "app"\n`,
    });

  const peek = (...args: readonly string[]) => moose(projectAt(live.broker), "peek", "--stream", ...args);

  test("the last messages come in their order, every digit as it was written", async () => {
    const { code, text } = await peek("events", "--limit", "3");
    expect(text).toBe(
      '{"n":10,"big":18446744073709551615}\n{"n":11,"big":18446744073709551615}\n{"n":12,"big":18446744073709551615}\n' +
        "3 of 12 messages of the topic app.events_1_0\n",
    );
    expect(code).toBe(0);
  });

  test("key, headers, partition, offset and time are shown where they are asked for, also laid out", async () => {
    const { text } = await peek("events", "--limit", "1", "--details", "--json");
    expect(JSON.parse(text.split("\n")[0] ?? "")).toEqual({
      ...{ partition: 2, offset: 3, timestamp: new Date(beganMs + 11).toISOString(), key: "k12" },
      ...{ headers: [["source", "test"]], value: { n: 12, big: 18446744073709552000 } },
    });
    expect((await peek("events", "--limit", "1", "--prettify")).text).toContain(
      '{\n  "n": 12,\n  "big": 18446744073709551615\n}\n',
    );
  });

  test("they go to a file", async () => {
    const project = projectAt(live.broker);
    const file = project.path("out.jsonl");
    expect(await moose(project, "peek", "--stream", "events", "-l", "2", "-f", file)).toMatchObject({
      code: 0,
    });
    expect(existsSync(file) && readFileSync(file, "utf8").trim().split("\n")).toHaveLength(2);
  });

  test("no group is joined and no offset committed", async () => {
    await readBy("reader", live.broker, "app.events_1_0", 3);
    const before = await topicEvidence(kafka, ["app.events_1_0"]);
    await peek("events", "--limit", "100");
    expect(await topicEvidence(kafka, ["app.events_1_0"])).toEqual(before);
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [live.broker] });
    expect([...(await admin.listGroups()).keys()]).toEqual(["reader"]);
    await admin.close();
  });

  test("messages that are no JSON, have no value, or a schema's number before them", async () => {
    await createTopic(kafka, topicOf({ name: "any.bytes" }));
    const values = ["plain text", '{ "a":\n 1 }', '\u0000\u0000\u0000\u0000\u0007{"b":2}', ""];
    await produce(live.broker, "any.bytes", [...values.map((value) => ({ value })), { key: "gone" }]);
    expect((await peek("any.bytes", "--limit", "9")).text.split("\n").slice(0, 5)).toEqual([
      ...['"plain text"', '{ "a": 1 }', '{"b":2}', '""', "null"],
    ]);
  });

  test("an empty topic, and one that is not there", async () => {
    await createTopic(kafka, topicOf({ name: "empty" }));
    await expect.poll(() => topicRanges(kafka, "empty")).toMatchObject({ ranges: [{}] });
    expect(await peek("empty")).toEqual({ code: 0, text: "the topic empty is empty\n" });
    const { code, text } = await peek("nowhere");
    expect(code).toBe(1);
    expect(text).toContain("error: there is no topic nowhere, or the user may not see it\n");
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [live.broker] });
    expect(await admin.listTopics()).not.toContain("nowhere");
    await admin.close();
  });

  test("transactions leave offsets without messages, which are not missed", async () => {
    await createTopic(kafka, topicOf({ name: "committed" }));
    await produce(live.broker, "committed", [{ value: "0" }]);
    await commitEach(live.broker, "committed", ["1", "2", "3", "4", "5", "6"]);
    const { ranges = [] } = (await topicRanges(kafka, "committed")) ?? {};
    expect(ranges).toMatchObject([{ end: 13 }]);
    const last = await readLast(loadNativeClient(), kafka.settings, "committed", ranges, { limit: 5 });
    expect(last.messages.map(({ value }) => String(value))).toEqual(["2", "3", "4", "5", "6"]);
    const all = await readLast(loadNativeClient(), kafka.settings, "committed", ranges, { limit: 50 });
    expect(all.messages).toHaveLength(7);
  });

  test("a broker that is down, and one that goes while messages are read", async () => {
    const proxy = await WireProxy.start(live.local.port);
    const { ranges = [] } = (await topicRanges(kafka, "app.events_1_0")) ?? {};
    await proxy.refuse();
    const { code, text } = await moose(projectAt(proxy.broker), "peek", "--stream", "events");
    expect(code).toBe(1);
    expect(text).toMatch(
      /^error: Kafka could not be read\n {4}UNREACHABLE: .*ECONNREFUSED.*\n {4}the broker/,
    );
    const options = { limit: 3, deadlineMs: 2_000 };
    const settings = plainKafka(proxy.broker);
    const startMs = performance.now();
    const reading = readLast(loadNativeClient(), settings, "app.events_1_0", ranges, options);
    await expect(reading).rejects.toMatchObject({ name: "KafkaProblem", code: "UNREACHABLE" });
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });

  test("without a Kafka it says where to name one", async () => {
    const { code: exit, text } = await moose(
      projectOf({ "app/index.ts": code }),
      "peek",
      "--stream",
      "events",
    );
    expect(exit).toBe(1);
    expect(text).toContain("error: nothing says where the Kafka of the streams is");
  });
});

/** Messages that are older than the retention would be deleted. */
const beganMs = Date.now() - 60_000;

/** Twelve, spread evenly; their times in the order of their numbers. */
const records = Array.from({ length: 12 }, (_, index) => ({
  key: `k${index + 1}`,
  value: `{"n":${index + 1},"big":18446744073709551615}`,
  partition: index % 3,
  headers: { source: "test" },
  timestamp: BigInt(beganMs + index),
}));
