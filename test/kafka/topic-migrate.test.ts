// Planned migrations with topics: the same files, lock and journal as the tables, and neither half in the way of the other.

import { rmSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { JournalReader } from "../../runtime/clickhouse/journal.js";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka, type Kafka } from "../../runtime/kafka/client.js";
import { alterConfigs, createTopic, deleteTopic } from "../../runtime/kafka/execute.js";
import { inspectNamed } from "../../runtime/kafka/inspect.js";
import { startLocalKafka } from "../../runtime/kafka/local/local-kafka.js";
import { readPlanFile } from "../../runtime/migrations/plan-files.js";
import { planFileProblems } from "../../runtime/reconcile/agreement.js";
import { codeDifferences } from "../../runtime/reconcile/code-check.js";
import { generateMigration, saveMigration } from "../../runtime/reconcile/generate.js";
import { migrate } from "../../runtime/reconcile/migrate.js";
import type { MigrateOptions } from "../../runtime/reconcile/migrate-options.js";
import type { MigrateResult } from "../../runtime/reconcile/migrate-result.js";
import { sourceOf } from "../../runtime/reconcile/migration.js";
import { planProject } from "../../runtime/reconcile/plan-project.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import type { Topic } from "../../src/infra/topic.js";
import type { LiveEngine } from "../live/live-engine.js";
import { describeWithKafka, startLiveKafka } from "../live/live-kafka.js";
import { table as tableOf } from "../live/tables.js";
import { FlowProject } from "../migrate/flow-project.js";
import { column, optionsOf } from "../migrate/harness.js";
import { onKafkaAndEngine } from "./ground.js";
import { stream } from "./topic-project.js";

describeWithKafka("migrations with topics", () => {
  let engine: LiveEngine;
  let kafka: Kafka;
  let project: FlowProject;

  onKafkaAndEngine((ground) => {
    ({ engine, kafka } = ground);
  });

  beforeEach(() => {
    project = new FlowProject(engine.clickhouse);
    return () => rmSync(project.folder, { recursive: true, force: true });
  });

  const nameOf = (short: string) => `${project.name.replaceAll("_", "-")}-${short}`;
  const table = (): Table => tableOf(project.database, [column("id", "String")], { name: "rows" });
  const codeOf = (topics: readonly Topic[], tables = [table()]): InfraMap =>
    infraMapOf(
      tables,
      [],
      topics.map((topic) => ({ ...topic, name: nameOf(topic.name) })),
    );

  async function generate(code: InfraMap, through: Kafka | null = kafka) {
    const { name, database, folder, clickhouse } = project;
    const options = {
      project: name,
      database,
      adopt: [],
      renames: [],
      kafka: { kafka: through ?? undefined, namespace: "" },
    };
    const plan = await planProject(clickhouse, { map: code, diagnostics: [] }, options);
    const generated = generateMigration(plan, { createdAt: "2026-01-01T00:00:00Z", database, renames: [] });
    expect(await saveMigration(folder, generated)).toEqual([]);
    return generated;
  }

  async function run(more: Partial<MigrateOptions> = {}): Promise<MigrateResult> {
    const read = await readPlanFile(project.folder);
    if (read.kind !== "read") throw new Error(JSON.stringify(read));
    const { plan, remoteState, localInfraMap } = read.files;
    const source = sourceOf(plan.operations, remoteState, localInfraMap);
    const access = { kafka, namespace: "" };
    return migrate(engine.clickhouse, {
      ...optionsOf(project.name, [], remoteState, { kafka: access, ...more }),
      source,
    });
  }

  async function topicAt(short: string): Promise<Topic | undefined> {
    return (await inspectNamed(kafka, [nameOf(short)])).topics[0]?.topic;
  }

  /** What `moose migrate` refuses before it does anything. */
  async function refused(code?: InfraMap): Promise<readonly string[]> {
    const read = await readPlanFile(project.folder);
    if (read.kind !== "read") throw new Error(JSON.stringify(read));
    const found = await planFileProblems(engine.clickhouse, project.name, read.files, code);
    return found.map(({ code: name, summary, detail }) => {
      const topic = /topic:\S+-(\S+)/.exec(summary)?.[1];
      return `${name} ${topic ?? summary} ${detail?.replaceAll("\n", " ")}`;
    });
  }

  /** As somebody who edits the file by hand. */
  function edit(from: string | RegExp, to: string): void {
    const text = project.read("plan.yaml");
    expect(text).toMatch(from);
    project.write("plan.yaml", text.replace(from, to));
  }

  const kinds = (generated: Awaited<ReturnType<typeof generate>>) =>
    generated.operations.map(({ kind }) => kind);

  test("tables and topics are made by one file, and a second run has nothing to do", async () => {
    const generated = await generate(
      codeOf([stream("a", { partitions: 2, config: { "retention.ms": "5000" } })]),
    );
    expect(kinds(generated)).toEqual(["CreateTable", "CreateTopic"]);
    expect(await run()).toMatchObject({
      state: "applied",
      operations: [
        { kind: "CreateTable" },
        { kind: "CreateTopic", subject: `topic:${nameOf("a")}`, state: "applied" },
      ],
    });
    expect(await topicAt("a")).toMatchObject({ partitions: 2, config: { "retention.ms": "5000" } });
    expect(await run()).toEqual({ state: "already-applied" });
  });

  test("each later change is a file of its own, with what it destroys above the operation", async () => {
    await generate(codeOf([stream("a", { config: { "retention.ms": "9000" } })]));
    await run();
    const changed = await generate(
      codeOf([stream("a", { partitions: 3, config: { "retention.ms": "5000" } })]),
    );
    expect(kinds(changed)).toEqual(["AddTopicPartitions", "AlterTopicConfig"]);
    expect(changed.text).toContain("# This destroys messages, or can: 0 messages.");
    expect(changed.topics.destructive).toHaveLength(1);
    expect(await run()).toMatchObject({ state: "applied" });
    expect(await topicAt("a")).toMatchObject({ partitions: 3, config: { "retention.ms": "5000" } });
    expect(kinds(await generate(codeOf([])))).toEqual(["DropTopic"]);
    expect(await run()).toMatchObject({ state: "applied" });
    expect(await topicAt("a")).toBeUndefined();
    expect(kinds(await generate(codeOf([])))).toEqual([]);
  });

  test("the journal has an intent before and an outcome after", async () => {
    const source = await generate(codeOf([stream("a")])).then(() => readPlanFile(project.folder));
    await run();
    if (source.kind !== "read") throw new Error("no files");
    const { plan, remoteState, localInfraMap } = source.files;
    const { id } = sourceOf(plan.operations, remoteState, localInfraMap);
    const records = await new JournalReader(engine.clickhouse, project.name).read(`${id}-topics`);
    expect(records.map(({ kind, operationKind }) => [kind, operationKind])).toEqual([
      ["run-started", ""],
      ["intent", "CreateTopic"],
      ["done", "CreateTopic"],
      ["run-ended", ""],
    ]);
  });

  test.each<[string, (name: string) => Promise<unknown>, string]>([
    [
      "changed",
      (name) => alterConfigs(kafka, name, { set: { "segment.ms": "60000" }, reset: [] }),
      "has changed",
    ],
    ["deleted", (name) => deleteTopic(kafka, { name }), "is gone"],
  ])("a topic that somebody has %s since is drift, and nothing is done", async (_, meddle, says) => {
    await generate(codeOf([stream("a")]));
    await run();
    await generate(codeOf([stream("a"), stream("b")], [{ ...table(), comment: "new" }]));
    await meddle(nameOf("a"));
    expect(await run()).toMatchObject({
      state: "refused",
      diagnostics: [{ code: "reconcile/drift", summary: expect.stringContaining(says) }],
    });
    expect(await topicAt("b")).toBeUndefined();
  });

  test("a topic of the name that is made in between is drift", async () => {
    await generate(codeOf([stream("a", { partitions: 2 })]));
    await createTopic(kafka, stream(nameOf("a"), { partitions: 1 }));
    expect(await run()).toMatchObject({ state: "refused", diagnostics: [{ code: "reconcile/drift" }] });
  });

  test("an operation that a lifecycle forbids is refused, whoever wrote it", async () => {
    await generate(codeOf([stream("a", { lifeCycle: LifeCycle.DELETION_PROTECTED })]));
    await run();
    const blocked = await generate(codeOf([]));
    expect([kinds(blocked), blocked.topics.blocked.length]).toEqual([[], 1]);
    const { remoteState } = blocked.files;
    const source = sourceOf([{ kind: "DropTopic", name: nameOf("a") }], remoteState, undefined);
    const options = optionsOf(project.name, [], remoteState, { kafka: { kafka, namespace: "" } });
    expect(await migrate(engine.clickhouse, { ...options, source })).toMatchObject({
      state: "refused",
      diagnostics: [{ code: "reconcile/blocked-operation" }],
    });
    expect(await topicAt("a")).toBeDefined();
  });

  test("operations on topics that were edited by hand are refused by name, before anything is done", async () => {
    const first = [stream("a", { partitions: 2, config: { "retention.ms": "5000" } }), stream("gone")];
    await generate(codeOf(first));
    expect(await refused(codeOf(first))).toEqual([]);
    edit("retention.ms: '5000'", "retention.ms: '500'");
    expect(await refused()).toEqual(["reconcile/plan-disagrees a ~ retention.ms: 500 -> 5000"]);
    await generate(codeOf(first));
    await run();
    const next = codeOf([stream("a", { partitions: 4 }), stream("b", { partitions: 1 })]);
    const whole = () => generate(next);
    expect(kinds(await whole())).toEqual([
      ...["AddTopicPartitions", "AlterTopicConfig", "CreateTopic", "DropTopic"],
    ]);
    expect(await refused(next)).toEqual([]);
    // The reset of a config, the deletion, the partitions, and the new topic, each left out or changed.
    edit(/reset:\n\s+- retention.ms/, "reset: []");
    expect(await refused()).toEqual(["reconcile/plan-disagrees a ~ retention.ms: 5000 -> default"]);
    await whole();
    edit(/- DropTopic:\n.*\n/, "");
    expect(await refused()).toEqual(["reconcile/plan-disagrees gone - topic"]);
    await whole();
    edit("after_partition_count: 4", "after_partition_count: 5");
    expect(await refused()).toEqual(["reconcile/plan-disagrees a ~ partitions: 5 -> 4"]);
    await whole();
    edit(new RegExp(`name: ${nameOf("b")}`), `name: ${nameOf("c")}`);
    expect(await refused()).toEqual([
      "reconcile/plan-disagrees b + topic",
      "reconcile/plan-disagrees c - topic",
    ]);
  });

  test("what lifecycles, others, and Kafka keep out of a plan is no disagreement", async () => {
    const config = { "retention.ms": "5000" };
    const safe = { lifeCycle: LifeCycle.DELETION_PROTECTED };
    await generate(
      codeOf([stream("safe", { ...safe, config }), stream("old"), stream("many", { partitions: 3 })]),
    );
    await run();
    await createTopic(kafka, stream(nameOf("theirs"), { partitions: 1, config: { "segment.ms": "60000" } }));
    await alterConfigs(kafka, nameOf("old"), { set: { "segment.ms": "60000" }, reset: [] });
    const next = codeOf([
      stream("safe", { ...safe, config: { "retention.ms": "500" } }),
      stream("new", { renamedFrom: nameOf("old") }),
      stream("many", { partitions: 2 }),
      stream("theirs", { partitions: 2 }),
      stream("nowhere", { lifeCycle: LifeCycle.EXTERNALLY_MANAGED }),
    ]);
    const { topics } = await generate(next);
    expect(topics.blocked.length).toBeGreaterThanOrEqual(3);
    expect(await refused(next)).toEqual([]);
    const empty = codeOf([]);
    await generate(empty);
    expect(await refused(empty)).toEqual([]);
    await generate(codeOf([stream("a")]), null);
    expect(await refused()).toEqual([]);
  });

  test("one topic that fails stops neither the others nor the tables, and the next run goes on", async () => {
    await generate(codeOf([stream("bad", { replicationFactor: 3 }), stream("good")]));
    expect(await run()).toMatchObject({
      state: "unfinished",
      operations: [{ kind: "CreateTable", state: "applied" }, { state: "failed" }, { state: "applied" }],
      diagnostics: [{ code: "reconcile/failed-operation" }],
    });
    expect(await topicAt("good")).toBeDefined();
    expect(await run()).toMatchObject({
      state: "unfinished",
      operations: [{ state: "failed" }, { kind: "CreateTopic", state: "done-before" }],
    });
  });

  test("a Kafka that is away holds up no table; when it is back the run goes on", async () => {
    const own = await startLiveKafka();
    const client = connectKafka(plainKafka(own.broker));
    const access = { kafka: client, namespace: "" };
    try {
      await generate(codeOf([stream("a")]), client);
      await own.local.stop();
      expect(await run({ kafka: access })).toMatchObject({
        state: "unfinished",
        operations: [{ kind: "CreateTable", state: "applied" }],
        diagnostics: [{ code: "reconcile/kafka-away" }],
      });
      const again = { folder: own.folder, port: own.local.port, environment: process.env };
      const restarted = await startLocalKafka(again);
      expect(await run({ kafka: access })).toMatchObject({
        state: "applied",
        operations: [{ kind: "CreateTopic", state: "applied" }],
      });
      await restarted.stop();
    } finally {
      await client.close();
      await own.stop();
    }
  });

  test("without a Kafka the files say nothing of topics", async () => {
    const { files, topics } = await generate(codeOf([stream("a")]), null);
    expect([topics.areRead, files.localInfraMap.topics.size]).toEqual([false, 0]);
    expect(await run({ kafka: undefined })).toMatchObject({ state: "applied" });
  });

  test("a run that was killed is gone on with by looking at the topics", async () => {
    const names = ["a", "b", "c"];
    for (let stopAt = 1; stopAt <= 6; stopAt++) {
      project = new FlowProject(engine.clickhouse);
      const streams = names.map((name) => stream(name));
      await generate(codeOf(streams));
      let moments = 0;
      const killed = run({
        onEvent: (event) => {
          if (event.event !== "step" || !event.step.step.address.startsWith("topic:")) return;
          if (++moments >= stopAt) throw new Error("killed");
        },
      });
      await expect(killed).rejects.toThrow("killed");
      const end = await run();
      expect(["applied", "already-applied"]).toContain(end.state);
      expect((await Promise.all(names.map(topicAt))).map((topic) => topic?.partitions)).toEqual([1, 1, 1]);
      expect(kinds(await generate(codeOf(streams)))).toEqual([]);
    }
  });

  test("code that is another by now is told by topic", async () => {
    const { files } = await generate(codeOf([stream("a", { partitions: 2 })]));
    const now = codeOf([stream("a", { partitions: 3 })]);
    const told = await codeDifferences(engine.clickhouse, project.name, files.localInfraMap, now);
    expect(told).toMatchObject([{ code: "reconcile/code-changed", detail: "~ partitions: 2 -> 3" }]);
  });
});
