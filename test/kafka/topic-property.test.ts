// Any streams to any others: after both are applied nothing differs, and messages of topics that stay can be read.

import { Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Kafka } from "../../runtime/kafka/client.js";
import { topicEvidence } from "../../runtime/kafka/inspect.js";
import type { Topic } from "../../src/infra/topic.js";
import type { LiveEngine } from "../live/live-engine.js";
import { describeWithKafka, type LiveKafka } from "../live/live-kafka.js";
import { onKafkaAndEngine } from "./ground.js";
import { stream, TopicProject } from "./topic-project.js";

const runs = Number(process.env.MOOSE_TEST_RUNS ?? 5);
const seed = Number(process.env.MOOSE_TEST_SEED ?? Math.floor(Math.random() * 1_000_000));

/** Retentions are long, so that no message goes by itself. */
const configs = fc.record(
  {
    "retention.ms": fc.constantFrom("-1", "604800000", "864000000"),
    "segment.ms": fc.constantFrom("3600000", "7200000"),
    "max.message.bytes": fc.constantFrom("200000", "2000000"),
  },
  { requiredKeys: [] },
);
const streams = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("a", "b", "c", "d", "e"),
    partitions: fc.integer({ min: 1, max: 4 }),
    config: configs,
  }),
  { selector: ({ name }) => name, maxLength: 5 },
);

describeWithKafka("any two sets of streams", () => {
  let broker: LiveKafka;
  let engine: LiveEngine;
  let kafka: Kafka;

  onKafkaAndEngine((ground) => {
    ({ broker, engine, kafka } = ground);
  });

  async function write(topics: readonly string[]): Promise<void> {
    const producer = new Producer({
      clientId: "test",
      bootstrapBrokers: [broker.broker],
      serializers: stringSerializers,
      autocreateTopics: false,
    });
    await producer.send({
      messages: topics.map((topic) => ({ topic, value: `hello ${topic}`, partition: 0 })),
    });
    await producer.close();
  }

  async function read(topics: readonly string[]): Promise<readonly string[]> {
    const consumer = new Consumer({
      clientId: "test",
      groupId: `g-${Math.random()}`,
      bootstrapBrokers: [broker.broker],
      deserializers: stringDeserializers,
    });
    const messages = await consumer.consume({ topics: [...topics], mode: "earliest", autocommit: false });
    const found: string[] = [];
    for await (const { value } of messages) {
      found.push(value);
      if (found.length === topics.length) break;
    }
    await consumer.close(true);
    return found.sort();
  }

  test(`end as the second says (MOOSE_TEST_SEED=${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(streams, streams, async (first, second) => {
        const project = new TopicProject(kafka, engine.clickhouse);
        try {
          const declared = (some: typeof first): readonly Topic[] =>
            some.map(({ name, partitions, config }) => stream(name, { partitions, config: { ...config } }));
          await project.round(declared(first));
          const made = first.map(({ name }) => project.fullName(name));
          if (made.length > 0) await write(made);
          await project.round(declared(second));
          // Only what Kafka cannot do is left.
          const left = await project.round(declared(second));
          expect(left.filter((line) => !line.startsWith("RemoveTopicPartitions"))).toEqual([]);
          expect((await project.topics()).map((line) => line.split(":")[0])).toEqual(
            second.map(({ name }) => name).sort(),
          );
          const stayed = second.flatMap(({ name }) =>
            first.some((one) => one.name === name) ? [project.fullName(name)] : [],
          );
          const counted = await topicEvidence(kafka, stayed);
          expect(counted.map(({ messages }) => messages)).toEqual(stayed.map(() => 1));
          if (stayed.length > 0)
            expect(await read(stayed)).toEqual(stayed.map((name) => `hello ${name}`).sort());
          await project.round([]);
        } finally {
          await project.close();
        }
      }),
      { numRuns: runs, seed },
    );
  }, 120_000);
});
