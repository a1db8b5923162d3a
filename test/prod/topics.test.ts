// moose prod with streams: topics are part of the schema, and a Kafka that is away holds up no table.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { prodStatus } from "../../runtime/http/prod-status.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { alterConfigs, deleteTopic } from "../../runtime/kafka/execute.js";
import { inspectTopics } from "../../runtime/kafka/inspect.js";
import type { ProdState } from "../../runtime/reconcile/prod/prod-state.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { inframapHash } from "../../src/infra/inframap-text.js";
import type { Topic } from "../../src/infra/topic.js";
import { driftEntries, driftSize } from "../../src/status/drift-entry.js";
import { produce, readBy } from "../kafka/records.js";
import { stream } from "../kafka/topic-project.js";
import { WireProxy } from "../kafka/wire-proxy.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { column, table } from "../live/tables.js";
import { openProject, type ProdProject } from "./prod-harness.js";

describeWithKafka("moose prod with streams", () => {
  let engine: LiveEngine;
  let kafka: LiveKafka;
  let project: ProdProject;
  beforeAll(async () => {
    [engine, kafka] = await Promise.all([startLive(), startLiveKafka()]);
  }, 90_000);
  afterAll(async () => {
    await Promise.all([engine.stop(), kafka.stop()]);
  });
  beforeEach(async () => {
    project = await openProject(engine);
  });
  afterEach(() => project.remove());

  const serve = (
    topics: readonly Topic[],
    { broker = kafka.broker, healDrift = false }: { broker?: string; healDrift?: boolean } = {},
  ) => {
    const map = infraMapOf([table(project.database, [column("a", "UInt64")])], [], topics);
    return project.serve([], {
      healDrift,
      readDesired: async () => ({
        desired: { map, hash: inframapHash(map), builtAtMs: undefined },
        warnings: [],
      }),
      reachKafka: async () => {
        const client = connectKafka(plainKafka(broker), { connectTimeoutMs: 1_000, requestTimeoutMs: 5_000 });
        return { kafka: client, namespace: "", close: () => client.close() };
      },
    });
  };

  async function names(): Promise<readonly string[]> {
    const client = connectKafka(plainKafka(kafka.broker));
    const { topics } = await inspectTopics(client);
    await client.close();
    return topics.map(({ topic }) => topic.name);
  }

  test("topics are made, and one that left the code waits for an approval", async () => {
    const name = uniqueName("clicks");
    await serve([stream(name, { partitions: 2 })]).reaches("ready");
    expect(await names()).toContain(name);
    const blocked = await serve([]).reaches("blocked");
    expect(blocked.operations.map(({ kind, state, topic }) => [kind, state, topic?.verdict])).toEqual([
      ["DropTopic", "blocked", expect.objectContaining({ code: "needs-approval" })],
    ]);
    expect(await names()).toContain(name);
  });

  test("an older deployment that starts again leaves the topics of the newer one alone", async () => {
    const [first, second] = [uniqueName("clicks"), uniqueName("clicks")];
    await serve([stream(first, { partitions: 1 })]).reaches("ready");
    await serve([stream(first, { partitions: 1 }), stream(second, { partitions: 1 })]).reaches("ready");
    const old = serve([stream(first, { partitions: 1 })]);
    const blocked = await old.reaches("blocked");
    expect(blocked.operations.map(({ kind, topic }) => [kind, topic?.verdict])).toEqual([
      ["DropTopic", expect.objectContaining({ code: "superseded" })],
    ]);
    expect(await names()).toContain(second);
  });

  /** As somebody with the tools of Kafka would. */
  async function byHand(work: (client: Kafka) => Promise<unknown>): Promise<void> {
    const client = connectKafka(plainKafka(kafka.broker));
    await work(client);
    await client.close();
  }

  test("what somebody else changes on a topic is drift, old against new, when one asks", async () => {
    const [kept, gone] = [uniqueName("clicks"), uniqueName("clicks")];
    const config = { "retention.ms": "60000" };
    const server = serve([stream(kept, { partitions: 1, config }), stream(gone, { partitions: 1 })]);
    await server.reaches("ready");
    expect(server.session.state.isKafkaReached).toBe(true);
    await byHand(async (client) => {
      await alterConfigs(client, kept, {
        set: { "retention.ms": "1000", "max.message.bytes": "2000" },
        reset: [],
      });
      await deleteTopic(client, { name: gone });
    });
    server.session.wake();
    const drifted = await server.until(({ drift }) => driftSize(drift) > 1);
    expect(driftEntries(drifted.drift)).toEqual(
      [
        { address: `topic:${kept}`, parts: [{ what: "retention.ms", before: "60000", after: "1000" }] },
        { address: `topic:${gone}`, parts: [{ what: "topic", before: gone, after: "" }] },
      ].sort((a, b) => (a.address < b.address ? -1 : 1)),
    );
    expect(drifted).toMatchObject({ phase: "ready", isReady: true });
  });

  test("the config of a topic is brought back where the settings say so", async () => {
    const name = uniqueName("clicks");
    const config = { "retention.ms": "60000" };
    const server = serve([stream(name, { partitions: 1, config })], { healDrift: true });
    await server.reaches("ready");
    await byHand((client) => alterConfigs(client, name, { set: { "retention.ms": "30000" }, reset: [] }));
    server.session.wake();
    await server.until(({ drift }) => driftSize(drift) > 0);
    await server.until(({ drift }) => driftSize(drift) === 0);
    await byHand(async (client) => {
      const found = (await inspectTopics(client)).topics.find(({ topic }) => topic.name === name);
      expect(found?.topic.config).toMatchObject(config);
    });
  });

  const messagesIn = (state: ProdState, name: string) =>
    prodStatus(state, {
      ...{ project: "p", version: "0.1.0", startedAt: new Date(), at: new Date(), before: undefined },
    }).resources.find(({ address }) => address === name)?.messages;

  test("the status tells how many messages a stream holds, and how far behind each group is", async () => {
    const name = uniqueName("clicks");
    const server = serve([stream(name, { partitions: 2 })]);
    await server.reaches("ready");
    const five = ["1", "2", "3", "4", "5"].map((value) => ({ value }));
    await produce(kafka.broker, name, five);
    const group = uniqueName("report");
    await readBy(group, kafka.broker, name, 3);
    const state = await server.until((one) => messagesIn(one, name)?.groups?.length === 1);
    expect(messagesIn(state, name)).toEqual({ count: 5, groups: [{ id: group, state: "EMPTY", lag: 2 }] });
  });

  test("of a Kafka that is away the status tells why nothing is counted", async () => {
    const name = uniqueName("clicks");
    const server = serve([stream(name, {})], { broker: "127.0.0.1:1" });
    const isCounted = ({ counts }: ProdState) => counts !== undefined;
    const state = await server.until((one) => isCounted(one) && one.resources.length > 0);
    expect(messagesIn(state, name)).toEqual({ missing: expect.stringContaining("127.0.0.1:1") });
  });

  test("while Kafka is away the tables are made, and the server says what it waits for", async () => {
    const server = serve([stream(uniqueName("clicks"), {})], { broker: "127.0.0.1:1" });
    const state = await server.until(({ diagnostics }) => diagnostics.length > 0);
    expect(state.diagnostics[0]).toMatchObject({ code: "reconcile/kafka-away" });
    expect(state.isReady).toBe(false);
    const [found] = await engine.clickhouse.rows<{ n: string }>(
      "SELECT count() AS n FROM system.tables WHERE database = {database:String}",
      { database: project.database },
    );
    expect(Number(found?.n)).toBe(1);
  });

  test("a Kafka that comes back is noticed by itself, and the server gets ready", async () => {
    const name = uniqueName("clicks");
    const proxy = await WireProxy.start(kafka.local.port);
    await proxy.refuse();
    const server = serve([stream(name, { partitions: 1 })], { broker: proxy.broker });
    const away = await server.until(({ diagnostics }) => diagnostics.length > 0);
    expect([away.isReady, away.diagnostics[0]?.code]).toEqual([false, "reconcile/kafka-away"]);
    await proxy.resume();
    await server.reaches("ready");
    expect(await names()).toContain(name);
    await server.stop();
    await proxy.stop();
  });
});
