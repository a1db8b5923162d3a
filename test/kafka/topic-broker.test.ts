// Topics of a broker that is stopped, started again, or set in its own way.

import { Producer, stringSerializers } from "@platformatic/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { type LocalKafka, startLocalKafka } from "../../runtime/kafka/local/local-kafka.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { stream, TopicProject } from "./topic-project.js";

describeWithKafka("topics of a broker that comes and goes", () => {
  let broker: LiveKafka;
  let engine: LiveEngine;
  let kafka: Kafka;
  let restarted: LocalKafka | undefined;

  beforeAll(async () => {
    const properties = { "delete.topic.enable": "false" };
    [broker, engine] = await Promise.all([startLiveKafka({ properties }), startLive()]);
    kafka = connectKafka(plainKafka(broker.broker));
  });

  afterAll(async () => {
    await kafka?.close();
    await restarted?.stop();
    await Promise.all([broker?.stop(), engine?.stop()]);
  });

  test("where deletion is switched off a topic stays moose's, and the others are worked on", async () => {
    const project = new TopicProject(kafka, engine.clickhouse);
    await project.round([stream("a"), stream("b")]);
    const refused = "DropTopic a (destroys) failed: TOPIC_DELETION_DISABLED";
    const more = stream("b", { partitions: 2 });
    expect(await project.round([more])).toEqual(["AddTopicPartitions b applied", refused]);
    expect(await project.round([more])).toEqual([refused]);
    expect(await project.topics()).toEqual(["a: 1", "b: 2"]);
    await project.close();
  });

  test("what is at stake is shown before it is done", async () => {
    const project = new TopicProject(kafka, engine.clickhouse);
    const lifeCycle = LifeCycle.DELETION_PROTECTED;
    await project.round([stream("a", { lifeCycle })]);
    const producer = new Producer({
      clientId: "test",
      bootstrapBrokers: [broker.broker],
      serializers: stringSerializers,
    });
    await producer.send({
      messages: [1, 2, 3].map((n) => ({ topic: project.fullName("a"), value: `${n}` })),
    });
    await producer.close();
    const { operations } = await project.report([
      stream("a", { lifeCycle, config: { "retention.ms": "5" } }),
    ]);
    expect(operations).toMatchObject([
      {
        operation: { kind: "AlterTopicConfig", destructive: true, stake: { messages: 3, readers: [] } },
        verdict: { decision: "blocked", code: "deletion-protected" },
      },
    ]);
    await project.close();
  });

  test("configs of others are shown, and topics that nobody declared", async () => {
    const project = new TopicProject(kafka, engine.clickhouse);
    const stranger = new TopicProject(kafka, engine.clickhouse);
    await stranger.round([stream("x", { config: { "segment.ms": "60000" } })]);
    await project.round([stream("a")]);
    const report = await project.report([stream("a")]);
    expect(report.unmanaged).toContain(stranger.fullName("x"));
    expect(report.unmanagedConfigs).toEqual({});
    await project.close();
    await stranger.close();
  });

  test("while it is away nothing is known and nothing is forgotten; when it is back the round goes on", async () => {
    const project = new TopicProject(kafka, engine.clickhouse);
    await project.round([stream("a")]);
    await broker.local.stop();
    expect(await project.round([stream("a", { partitions: 2 }), stream("b")])).toEqual(["kafka unreachable"]);
    const { folder } = broker;
    restarted = await startLocalKafka({ folder, port: broker.local.port, environment: process.env });
    expect(await project.round([stream("a", { partitions: 2 }), stream("b")])).toEqual([
      "AddTopicPartitions a applied",
      "CreateTopic b applied",
    ]);
    expect(await project.round([stream("a", { partitions: 2 })])).toEqual(["DropTopic b (destroys) applied"]);
    await project.close();
  });
});
