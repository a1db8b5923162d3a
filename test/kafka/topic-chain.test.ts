// Topics in a chain of migrations: generated without a Kafka, applied file by file, and gone on with where a run stopped.

import { beforeEach, expect, test } from "vitest";
import type { Kafka } from "../../runtime/kafka/client.js";
import { alterConfigs, createTopic, deleteTopic } from "../../runtime/kafka/execute.js";
import { inspectNamed } from "../../runtime/kafka/inspect.js";
import { behindCode, planChain } from "../../runtime/reconcile/chain-plan.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Topic } from "../../src/infra/topic.js";
import { type LiveEngine, uniqueName } from "../live/live-engine.js";
import { describeWithKafka } from "../live/live-kafka.js";
import {
  appliedIds,
  ChainProject,
  columnsOf,
  type Environment,
  events,
  told,
  toldBy,
  withColumns,
} from "../migrate/chain-harness.js";
import { onKafkaAndEngine } from "./ground.js";
import { stream } from "./topic-project.js";

describeWithKafka("topics in a chain of migrations", () => {
  let engine: LiveEngine;
  let kafka: Kafka;
  let project: ChainProject;
  let environment: Environment;

  onKafkaAndEngine((ground) => {
    ({ engine, kafka } = ground);
  });

  beforeEach(async () => {
    project = new ChainProject();
    environment = { name: uniqueName("c"), database: (await engine.newProject()).database };
  });

  const nameOf = (short: string) => `${environment.name.replaceAll("_", "-")}-${short}`;
  const codeOf = (topics: readonly Topic[], tables = [events]) =>
    infraMapOf(
      tables,
      [],
      topics.map((topic) => ({ ...topic, name: nameOf(topic.name) })),
    );
  const migrate = (through: Kafka | undefined = kafka) =>
    project.migrate(engine.clickhouse, environment, { kafka: { kafka: through, namespace: "" } });
  const withoutKafka = () =>
    project.migrate(engine.clickhouse, environment, { kafka: { kafka: undefined, namespace: "" } });

  async function topicAt(short: string): Promise<Topic | undefined> {
    return (await inspectNamed(kafka, [nameOf(short)])).topics[0]?.topic;
  }

  const orders = (parts: Partial<Topic> = {}) =>
    stream("orders", { config: { "retention.ms": "9000" }, ...parts });

  test("each kind of operation is a file of its own, and a database that has seen none takes them all", async () => {
    const ids = [
      await project.generateFor("create", codeOf([orders()])),
      await project.generateFor("more", codeOf([orders({ partitions: 3 })])),
      await project.generateFor(
        "set",
        codeOf([orders({ partitions: 3, config: { "retention.ms": "5000" } })]),
      ),
      await project.generateFor("reset", codeOf([orders({ partitions: 3, config: {} })])),
    ];
    expect(appliedIds(await migrate())).toEqual(ids);
    expect(await topicAt("orders")).toMatchObject({ partitions: 3, config: {} });
    expect(await migrate()).toEqual({ state: "already-applied" });
    const last = await project.generateFor("drop", codeOf([]));
    expect(appliedIds(await migrate())).toEqual([last]);
    expect(await topicAt("orders")).toBeUndefined();
  });

  test("what others set on a topic is no business of the chain; what they change of its own is drift", async () => {
    await project.generateFor("create", codeOf([orders()]));
    await migrate();
    await alterConfigs(kafka, nameOf("orders"), { set: { "segment.ms": "60000" }, reset: [] });
    await project.generateFor("more", codeOf([orders({ partitions: 2 })]));
    expect(await migrate()).toMatchObject({ state: "applied" });
    await alterConfigs(kafka, nameOf("orders"), { set: { "retention.ms": "1" }, reset: [] });
    const id = await project.generateFor(
      "column",
      codeOf([orders({ partitions: 2 })], [withColumns(events, "a")]),
    );
    expect(toldBy(await migrate())).toEqual([
      `reconcile/drift: topic ${nameOf("orders")} is not as the migrations before ${id} leave it\n~ retention.ms: 9000 -> 1\n-> put it back as it was, and write what is to change as a migration`,
    ]);
    await alterConfigs(kafka, nameOf("orders"), { set: { "retention.ms": "9000" }, reset: [] });
    expect(appliedIds(await migrate())).toEqual([id]);
    expect((await topicAt("orders"))?.config).toEqual({ "retention.ms": "9000", "segment.ms": "60000" });
  });

  test("a Kafka that is away stops the chain at the first file with topics, after its tables", async () => {
    const first = await project.generateFor("tables", codeOf([]));
    const second = await project.generateFor("both", codeOf([orders()], [withColumns(events, "a")]));
    const third = await project.generateFor("late", codeOf([orders()], [withColumns(events, "a", "b")]));
    const stopped = await withoutKafka();
    expect(stopped).toMatchObject({ state: "unfinished", files: [{ id: first }] });
    expect(toldBy(stopped)[0]).toContain("nothing says where their Kafka is");
    expect(await columnsOf(engine.clickhouse, environment, "events")).toEqual(["id", "a"]);
    expect(appliedIds(await migrate())).toEqual([second, third]);
    expect(await columnsOf(engine.clickhouse, environment, "events")).toEqual(["id", "a", "b"]);
    // The next has nothing to do with topics, and does not wait for them.
    const fourth = await project.generateFor("c", codeOf([orders()], [withColumns(events, "a", "b", "c")]));
    expect(appliedIds(await withoutKafka())).toEqual([fourth]);
  });

  test("a topic that is there as the chain makes it counts as made, and one that differs is drift", async () => {
    const id = await project.generateFor("create", codeOf([orders()]));
    await createTopic(kafka, { ...orders({ partitions: 2 }), name: nameOf("orders") });
    expect(toldBy(await migrate())[0]).toContain("and the migrations before");
    await deleteTopic(kafka, { ...orders(), name: nameOf("orders") });
    await createTopic(kafka, { ...orders(), name: nameOf("orders") });
    expect(appliedIds(await migrate())).toEqual([id]);
    // It is moose's from now on.
    const drop = await project.generateFor("drop", codeOf([]));
    expect(appliedIds(await migrate())).toEqual([drop]);
    expect(await topicAt("orders")).toBeUndefined();
  });

  test("baseline takes topics that are as a file leaves them, and no others", async () => {
    const first = await project.generateFor("create", codeOf([orders()], []));
    const second = await project.generateFor("more", codeOf([orders({ partitions: 2 })], []));
    const access = { kafka: { kafka, namespace: "" } };
    const record = (id: string) => project.baseline(engine.clickhouse, environment, id, access);
    await createTopic(kafka, { ...orders(), name: nameOf("orders") });
    expect(toldBy(await record(second))[0]).toContain("~ partitions: 2 -> 1");
    expect(await record(first)).toMatchObject({ state: "applied" });
    expect(appliedIds(await migrate())).toEqual([second]);
    expect(await topicAt("orders")).toMatchObject({ partitions: 2 });
  });

  test("lifecycles are kept in the chain: a protected topic is left out of it, and so is one of others", async () => {
    const protectedOne = orders({ lifeCycle: LifeCycle.DELETION_PROTECTED });
    await project.generateFor("create", codeOf([orders()]));
    await project.generateFor("protect", codeOf([protectedOne]));
    const { map } = await project.fold();
    const others = stream("others", { lifeCycle: LifeCycle.EXTERNALLY_MANAGED });
    expect((await planChain(map, codeOf([protectedOne, others]), undefined)).operations).toEqual([]);
    const dropped = await planChain(map, codeOf([]), undefined);
    expect(dropped.operations).toEqual([]);
    expect(dropped.topics.blocked.map(({ verdict }) => verdict)).toMatchObject([
      { code: "deletion-protected" },
    ]);
    expect(behindCode(dropped)).toEqual([]);
  });

  test("the code is held against the chain: what it lacks is named, and what Kafka cannot do refused", async () => {
    await project.generateFor("create", codeOf([orders({ partitions: 2 })]));
    const { map } = await project.fold();
    const changed = await planChain(map, codeOf([orders({ partitions: 4 })]), undefined);
    expect(told(behindCode(changed))).toEqual([
      `reconcile/chain-behind: the code of topic:${nameOf("orders")} is not what the migrations lead to\n~ partitions: 2 -> 4\n-> moose generate migration --save writes the migration that is missing`,
    ]);
    const fewer = await planChain(map, codeOf([orders({ partitions: 1 })]), undefined);
    expect(told(fewer.diagnostics)[0]).toContain("Kafka cannot take partitions away");
    expect(fewer.operations).toEqual([]);
  });
});
