// What can go wrong on the way to Kafka and in it, and where it is tested, always against Apache Kafka:
//
// the answer to a change is lost, late, or never comes            here
// the brokers do not know what became of a request (7, 13, -1)    here
// no leader, not available, not the controller (5, 8, 41)         here; brokers.test.ts, topic-broker.test.ts: restarts
// a quota is used up (89)                                         here, and brokers.test.ts with a real one
// no rights (29, 31), a policy (44), a reassignment (60)          here, and secure.test.ts with real rights
// no login (58), no TLS                                           secure.test.ts
// deletion is switched off (73)                                   here, and topic-broker.test.ts with real brokers
// a topic is made before all brokers know it                      execute.test.ts: "has leaders at once"
// a deletion takes a while, and the name is used again            execute.test.ts: "can be made again at once"
// a topic of the name exists already (36)                         here, and execute.test.ts
// fewer partitions, other replicas (37, 38, 60)                   execute.test.ts, topic-cases.test.ts
// wrong configs (40), wrong names (17), `.` and `_`               execute.test.ts; before any broker: declare/stream.test.ts
// configs that nobody named are lost                              execute.test.ts: "stay as they are", topic-cases.test.ts
// more partitions of a keyed stream, larger messages              plan/topics.test.ts: warnings
// a shorter retention, another cleanup policy                     topic-cases.test.ts, plan/topics.test.ts
// more replicas in sync than replicas                             declare/stream.test.ts
// the brokers are down at the start, and come back                prod/topics.test.ts, topic-migrate.test.ts
// brokers that make topics by themselves                          kafka-host.test.ts, brokers.test.ts
// topics of others, and Kafka's own                               topic-cases.test.ts, inspect.test.ts
// one topic that fails                                            topic-cases.test.ts, topic-migrate.test.ts

import { afterAll, beforeAll, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { addPartitions, alterConfigs, createTopic, deleteTopic } from "../../runtime/kafka/execute.js";
import { inspectNamed, inspectTopics, type LiveTopic } from "../../runtime/kafka/inspect.js";
import type { PerformOptions, TopicOutcome } from "../../runtime/kafka/perform.js";
import type { Topic } from "../../src/infra/topic.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { topicOf } from "./topics.js";
import { type Changing, type WireFault, WireProxy } from "./wire-proxy.js";

const applied = { state: "applied" };

/** A change of a topic that exists, or is to be made, and how one sees that it came about. */
interface Kind {
  readonly request: Changing;
  prepare(direct: Kafka, topic: Topic): Promise<unknown>;
  run(kafka: Kafka, topic: Topic, options?: PerformOptions): Promise<TopicOutcome>;
  isDone(found: LiveTopic | undefined): boolean;
}

const kinds: readonly (readonly [string, Kind])[] = [
  [
    "making a topic",
    {
      request: "CreateTopics",
      prepare: async () => undefined,
      run: (kafka, topic, options) => createTopic(kafka, topic, options),
      isDone: (found) => found?.topic.partitions === 2,
    },
  ],
  [
    "deleting a topic",
    {
      request: "DeleteTopics",
      prepare: createTopic,
      run: (kafka, { name }, options) => deleteTopic(kafka, { name }, options),
      isDone: (found) => found === undefined,
    },
  ],
  [
    "adding partitions",
    {
      request: "CreatePartitions",
      prepare: createTopic,
      run: (kafka, { name }, options) => addPartitions(kafka, name, 5, options),
      isDone: (found) => found?.topic.partitions === 5,
    },
  ],
  [
    "changing configs",
    {
      request: "IncrementalAlterConfigs",
      prepare: createTopic,
      run: (kafka, { name }, options) =>
        alterConfigs(kafka, name, { set: { "retention.ms": "9" }, reset: ["max.message.bytes"] }, options),
      isDone: (found) =>
        found?.topic.config["retention.ms"] === "9" && found.topic.config["max.message.bytes"] === undefined,
    },
  ],
];

const notController = 41;
const noLeader = 5;
const networkException = 13;
const brokerNotAvailable = 8;
const timedOut = 7;
const throttled = 89;
const deletionDisabled = 73;
const noRightToTopic = 29;
const noRightToCluster = 31;
const policyViolation = 44;
const unknownServerError = -1;
const reassigning = 60;

describeWithKafka("faults on the way to Kafka", () => {
  let live: LiveKafka;
  let direct: Kafka;

  beforeAll(async () => {
    live = await startLiveKafka();
    direct = connectKafka(plainKafka(live.broker));
  });

  afterAll(async () => {
    await direct?.close();
    await live?.stop();
  });

  /** A test with a proxy of its own, and a client that is less patient than others. */
  async function onWire(run: (proxy: WireProxy, kafka: Kafka) => Promise<void>): Promise<void> {
    const proxy = await WireProxy.start(live.local.port);
    const kafka = connectKafka(plainKafka(proxy.broker), {
      requestTimeoutMs: 1_500,
      connectTimeoutMs: 1_000,
    });
    try {
      await run(proxy, kafka);
    } finally {
      await kafka.close();
      await proxy.stop();
    }
  }

  async function read(name: string): Promise<LiveTopic | undefined> {
    return (await inspectNamed(direct, [name])).topics[0];
  }

  async function prepared(kind: Kind): Promise<Topic> {
    const topic = topicOf({ partitions: 2, config: { "max.message.bytes": "1024" } });
    await kind.prepare(direct, topic);
    return topic;
  }

  for (const [what, kind] of kinds) {
    test.concurrent.each<readonly [string, readonly WireFault[], number]>([
      ["lost before the broker has it", [{ kind: "reset-before" }], 2],
      ["lost before the broker has it, three times", Array(3).fill({ kind: "reset-before" }), 4],
      ["done, but the connection is lost", [{ kind: "reset-after" }], 1],
      ["never heard of again, and not done", [{ kind: "silence-before" }], 2],
      ["never heard of again, but done", [{ kind: "silence-after" }], 1],
      ["lost, and executed a moment later", [{ kind: "late", ms: 600 }], 1],
      ["lost, and executed after it was sent again", [{ kind: "late", ms: 2_500 }], 2],
    ])(`${what}: a request that is %s comes to its end`, async (_fault, faults, sends) =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        proxy.inject(kind.request, ...faults);
        expect(await kind.run(kafka, topic)).toEqual(applied);
        expect(kind.isDone(await read(topic.name))).toBe(true);
        // Never more than the faults make necessary.
        expect(proxy.changes(kind.request)).toBe(sends);
      }),
    );

    test.concurrent.each([
      ["not the controller", notController],
      ["not available", brokerNotAvailable],
      ["without a leader", noLeader],
    ])(`${what}: a broker that is %s is asked again`, async (_state, code) =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        proxy.inject(kind.request, ...Array(3).fill({ kind: "error", code, name: topic.name }));
        expect(await kind.run(kafka, topic)).toEqual(applied);
        expect(kind.isDone(await read(topic.name))).toBe(true);
        expect(proxy.changes(kind.request)).toBe(4);
      }),
    );

    test.concurrent(`${what}: brokers that do not know whether they did it are looked at`, async () =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        const undecided = [timedOut, networkException, unknownServerError].map(
          (code) => ({ kind: "error", code, name: topic.name }) as const,
        );
        proxy.inject(kind.request, ...undecided);
        expect(await kind.run(kafka, topic)).toEqual(applied);
        expect(kind.isDone(await read(topic.name))).toBe(true);
      }));

    test.concurrent(`${what}: a used-up quota is waited for as long as the brokers say`, async () =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        const fault = { kind: "error", code: throttled, name: topic.name, throttleMs: 1_200 } as const;
        proxy.inject(kind.request, fault);
        const startMs = performance.now();
        expect(await kind.run(kafka, topic)).toEqual(applied);
        expect(performance.now() - startMs).toBeGreaterThan(1_150);
      }));

    test.concurrent.each([
      ["TOPIC_AUTHORIZATION_FAILED", noRightToTopic],
      ["CLUSTER_AUTHORIZATION_FAILED", noRightToCluster],
      ["POLICY_VIOLATION", policyViolation],
      ["REASSIGNMENT_IN_PROGRESS", reassigning],
      ["TOPIC_DELETION_DISABLED", deletionDisabled],
    ])(`${what}: %s is final, and asked once`, async (name, code) =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        const before = await read(topic.name);
        proxy.inject(kind.request, { kind: "error", code, name: topic.name });
        expect(await kind.run(kafka, topic)).toMatchObject({ state: "refused", code: name, passing: false });
        expect(proxy.changes(kind.request)).toBe(1);
        expect(await read(topic.name)).toEqual(before);
      }),
    );

    test.concurrent(`${what}: brokers that stay away are told as passing, with nothing done`, async () =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        await proxy.refuse();
        expect(await kind.run(kafka, topic, { deadlineMs: 1_500 })).toMatchObject({
          state: "refused",
          code: "UNREACHABLE",
          reason: expect.stringContaining("ECONNREFUSED"),
          passing: true,
        });
        await proxy.resume();
      }));

    test.concurrent(`${what}: brokers that come back within the time are waited for`, async () =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        await proxy.refuse();
        setTimeout(() => void proxy.resume(), 1_000);
        expect(await kind.run(kafka, topic)).toEqual(applied);
        expect(kind.isDone(await read(topic.name))).toBe(true);
      }));

    test.concurrent(`${what}: where no answer comes and nobody can be asked, that is said`, async () =>
      onWire(async (proxy, kafka) => {
        const topic = await prepared(kind);
        proxy.inject(kind.request, { kind: "late", ms: 10 });
        const outcome = kind.run(kafka, topic, { deadlineMs: 2_500 });
        const isSent = () => proxy.changes(kind.request) > 0;
        await expect.poll(isSent, { interval: 1, timeout: 5_000 }).toBe(true);
        await proxy.refuse();
        expect(await outcome).toMatchObject({
          state: "unknown",
          reason: expect.stringContaining("no answer came"),
        });
        await proxy.resume();
      }));
  }

  test.concurrent("a topic that somebody else makes in another shape meanwhile is told, and left alone", async () =>
    onWire(async (proxy, kafka) => {
      const topic = topicOf({ partitions: 2 });
      proxy.inject("CreateTopics", { kind: "reset-before" });
      const outcome = createTopic(kafka, topic);
      await createTopic(direct, { ...topic, partitions: 3 });
      expect(await outcome).toMatchObject({
        state: "refused",
        code: "TOPIC_ALREADY_EXISTS",
        reason: expect.stringContaining("3 partitions"),
      });
    }));

  test.concurrent("a deletion whose answer is lost does not delete what was made in its place", async () =>
    onWire(async (proxy, kafka) => {
      const topic = topicOf();
      await createTopic(direct, topic);
      const before = await read(topic.name);
      proxy.inject("DeleteTopics", { kind: "reset-after" });
      const outcome = deleteTopic(kafka, { name: topic.name, topicId: before?.topicId });
      await expect.poll(() => read(topic.name), { interval: 1 }).toBeUndefined();
      await createTopic(direct, topic);
      expect(await outcome).toEqual(applied);
      expect(await read(topic.name)).toBeDefined();
    }));

  test.concurrent("reading goes on over a lost connection", async () =>
    onWire(async (proxy, kafka) => {
      const { name } = topicOf();
      await createTopic(direct, topicOf({ name }));
      const before = await inspectNamed(kafka, [name]);
      await proxy.refuse();
      setTimeout(() => void proxy.resume(), 200);
      expect(await inspectNamed(kafka, [name])).toEqual(before);
    }));

  test.concurrent("a client that was closed says so", async () =>
    onWire(async (_proxy, kafka) => {
      await kafka.close();
      await expect(inspectTopics(kafka)).rejects.toMatchObject({ code: "CLOSED", kind: "refused" });
    }));
});
