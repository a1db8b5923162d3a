// One migration of topics that is killed, and goes on until it is applied; then everything has to be as if nothing had happened.

import { expect } from "vitest";
import type { Kafka } from "../../runtime/kafka/client.js";
import { createTopic } from "../../runtime/kafka/execute.js";
import { inspectNamed, topicEvidence } from "../../runtime/kafka/inspect.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import type { Topic } from "../../src/infra/topic.js";
import { type LiveEngine, uniqueName } from "../live/live-engine.js";
import { table } from "../live/tables.js";
import { column } from "../migrate/harness.js";
import { type Ending, type Job, type Moment, ownMoments, type RequestMoment } from "../migrate/job.js";
import { isRequestOf, killGate, phaseOf } from "../migrate/kill-gate.js";
import { letTimePass } from "../migrate/passing-time.js";
import type { Migrating, Processes } from "../migrate/processes.js";
import { WatchingProxy } from "../migrate/watching-proxy.js";
import { produce } from "./records.js";
import { stream } from "./topic-project.js";
import { type Changing, type WireFault, WireProxy } from "./wire-proxy.js";

/** Topics that are there before, with so many messages each. */
const messages = 7;

/** The migration: one operation of each kind on a topic of its own, several on one, and a table. */
export function topicStory(prefix: string, database: string) {
  const name = (short: string) => `${prefix}${short}`;
  const config = { "retention.ms": "90000000" };
  const there = (short: string) => stream(name(short), { partitions: 1, config });
  const before: readonly Topic[] = ["gone", "more", "set", "reset", "many", "kept"].map(there);
  const alter = (short: string, set: Readonly<Record<string, string>>, reset: readonly string[] = []) => {
    const touched = [...Object.keys(set), ...reset];
    const known = Object.fromEntries(Object.entries(config).filter(([key]) => touched.includes(key)));
    return { kind: "AlterTopicConfig", name: name(short), before: known, set, reset } as const;
  };
  const operations: readonly MigrationOperation[] = [
    { kind: "CreateTable", table: table(database, [column("id", "UInt64")], { name: "rows" }) },
    { kind: "CreateTopic", topic: stream(name("made"), { partitions: 2, config }) },
    { kind: "DropTopic", name: name("gone") },
    { kind: "AddTopicPartitions", name: name("more"), before: 1, after: 3 },
    alter("set", { "segment.ms": "3600000" }),
    alter("reset", {}, ["retention.ms"]),
    { kind: "AddTopicPartitions", name: name("many"), before: 1, after: 2 },
    alter("many", { "cleanup.policy": "compact,delete" }),
    { kind: "AddTopicPartitions", name: name("many"), before: 2, after: 4 },
  ];
  return { before, operations };
}

/** What the topics are afterwards: messages and ids with them. */
const wanted = {
  made: { partitions: 2, config: { "retention.ms": "90000000" }, messages: 0 },
  more: { partitions: 3, config: { "retention.ms": "90000000" }, messages },
  set: { partitions: 1, config: { "retention.ms": "90000000", "segment.ms": "3600000" }, messages },
  reset: { partitions: 1, config: {}, messages },
  many: {
    ...{ partitions: 4, messages },
    config: { "cleanup.policy": "compact,delete", "retention.ms": "90000000" },
  },
  kept: { partitions: 1, config: { "retention.ms": "90000000" }, messages },
};

/** The broker never hears of a lost request, gets a late one after the death of the process, and has done a served one. */
export const wireMoments = ["request lost", "request late", "request served"] as const;

export interface TopicKillPoint {
  readonly operation: number;
  readonly kind: string;
  readonly moment: Moment | RequestMoment | (typeof wireMoments)[number];
}

const topicMoments = [
  ...(["before-intent", "intended", "answered", "done"] satisfies readonly Moment[]),
  ...(["intent lost", "intent late", "intent stored"] satisfies readonly RequestMoment[]),
  ...(["outcome lost", "outcome late", "outcome stored"] satisfies readonly RequestMoment[]),
  ...wireMoments,
] as const;

/** Each moment of each operation on a topic. */
export function topicKillPoints(): readonly TopicKillPoint[] {
  return topicStory("", "db").operations.flatMap(({ kind }, operation) =>
    kind === "CreateTable" ? [] : topicMoments.map((moment) => ({ operation, kind, moment })),
  );
}

export class TopicTrial {
  readonly #engine: LiveEngine;
  readonly #kafka: Kafka;
  readonly #processes: Processes;
  readonly #prefix: string;
  readonly #job: Job;
  readonly #ids: ReadonlyMap<string, string>;
  readonly proxies: { readonly clickhouse: WatchingProxy; readonly kafka: WireProxy };
  kills = 0;
  readonly log: string[] = [];

  private constructor(
    of: { readonly engine: LiveEngine; readonly kafka: Kafka; readonly processes: Processes },
    made: {
      readonly prefix: string;
      readonly job: Job;
      readonly ids: ReadonlyMap<string, string>;
      readonly proxies: TopicTrial["proxies"];
    },
  ) {
    this.#engine = of.engine;
    this.#kafka = of.kafka;
    this.#processes = of.processes;
    this.#prefix = made.prefix;
    this.#job = made.job;
    this.#ids = made.ids;
    this.proxies = made.proxies;
  }

  /** @param kafka - past the proxy */
  static async prepare(engine: LiveEngine, kafka: Kafka, processes: Processes): Promise<TopicTrial> {
    const project = uniqueName("k");
    const database = `${project}_db`;
    const prefix = `${project.replaceAll("_", "-")}-`;
    await engine.clickhouse.command(`CREATE DATABASE ${database}`);
    const { before, operations } = topicStory(prefix, database);
    await Promise.all(before.map((topic) => createTopic(kafka, topic)));
    await fill(
      kafka,
      before.map(({ name }) => name),
    );
    const [broker] = kafka.settings.brokers;
    const proxies = {
      clickhouse: await WatchingProxy.start(engine.url),
      kafka: await WireProxy.start(broker?.port ?? 0),
    };
    const job: Job = {
      ...{ url: proxies.clickhouse.url, broker: proxies.kafka.broker, project, id: `m-${project}` },
      ...{ operations, before: [], topicsBefore: before },
    };
    const { topics } = await inspectNamed(
      kafka,
      before.map(({ name }) => name),
    );
    const ids = new Map(topics.map(({ topic, topicId }) => [topic.name.slice(prefix.length), topicId]));
    return new TopicTrial({ engine, kafka, processes }, { prefix, job, ids, proxies });
  }

  /** Runs until it dies at the point; where it does not come to it, the run ends well. */
  async killAt({ moment, operation }: TopicKillPoint): Promise<void> {
    const own = ownMoments.find((one) => one === moment);
    const what = `${moment} of operation ${operation}`;
    if (own !== undefined) {
      const dieAt = { moment: own, operation, after: 0 };
      return this.#note(what, await this.#processes.run({ ...this.#job, dieAt }));
    }
    const process = this.#processes.start(this.#job);
    if (moment.startsWith("request ")) this.#armWire(process, operation, moment);
    else {
      const requestMoment = moment as RequestMoment;
      const isIt = isRequestOf(requestMoment, operation, 0);
      this.proxies.clickhouse.gate = killGate(isIt, phaseOf(requestMoment), () => process.kill());
    }
    await this.#note(what, await process.ended);
  }

  #armWire(process: Migrating, operation: number, moment: string): void {
    const of = this.#job.operations[operation];
    const topic = of === undefined ? "" : "topic" in of ? of.topic.name : "name" in of ? of.name : "";
    const request = requestOf[of?.kind ?? ""] ?? "";
    let isDead = false;
    const dies = async (seen: Parameters<NonNullable<WireProxy["gate"]>["arrived"]>[0]) => {
      if (isDead || seen.request !== request || !seen.isAbout(topic)) return false;
      isDead = true;
      await process.kill();
      return true;
    };
    this.proxies.kafka.gate = {
      arrived: async (seen) =>
        moment === "request served" || !(await dies(seen)) || moment === "request late",
      served: async (seen) => moment !== "request served" || !(await dies(seen)),
    };
  }

  async #note(what: string, ending: Ending | undefined): Promise<void> {
    if (ending === undefined) {
      this.kills++;
      await letTimePass(this.#engine.clickhouse, this.#job.project);
    }
    this.log.push(`${ending === undefined ? "killed at" : `${ending.state}, never came to`} ${what}`);
  }

  /** Runs with faults on the way to Kafka, again and again until it is applied; gives how often. */
  async runUnder(faults: readonly (readonly [kind: Changing, fault: WireFault])[]): Promise<number> {
    for (const [kind, fault] of faults) this.proxies.kafka.inject(kind, fault);
    for (let runs = 1; ; runs++) {
      const ending = await this.#processes.run(this.#job);
      this.log.push(JSON.stringify(ending));
      if (ending?.state === "applied" || ending?.state === "already-applied") return runs;
      expect([ending?.state, runs < 4], this.log.join("\n")).toEqual(["unfinished", true]);
    }
  }

  topic(short: string): string {
    return this.#prefix + short;
  }

  /** Goes on with nobody at hand. */
  async finish(): Promise<void> {
    this.proxies.clickhouse.gate = { arrived: () => true, served: () => true };
    this.proxies.kafka.gate = undefined;
    const ending = await this.#processes.run(this.#job);
    this.log.push(JSON.stringify(ending));
    expect(["applied", "already-applied"], this.log.join("\n")).toContain(ending?.state);
  }

  async check(): Promise<void> {
    const log = this.log.join("\n");
    const names = [...Object.keys(wanted), "gone"].map((short) => this.#prefix + short);
    const { topics } = await inspectNamed(this.#kafka, names);
    const evidence = await topicEvidence(this.#kafka, names);
    const short = (name: string) => name.slice(this.#prefix.length);
    const counts = new Map(evidence.map((one) => [one.name, one.messages]));
    const found = topics.map(({ topic: { name, partitions, config } }) => [
      short(name),
      { partitions, config, messages: counts.get(name) },
    ]);
    expect(Object.fromEntries(found), log).toEqual(wanted);
    for (const { topic, topicId } of topics) {
      const then = this.#ids.get(short(topic.name));
      if (then !== undefined) expect(topicId, `${topic.name}\n${log}`).toBe(then);
    }
    const tooOften = [...this.proxies.kafka.executed].filter(
      ([what, times]) => times > (timesOf[withoutPrefix(what, this.#prefix)] ?? 1),
    );
    expect(tooOften, log).toEqual([]);
    const again = await this.#processes.run(this.#job);
    expect(again?.state, `${log}\n${JSON.stringify(again)}`).toBe("already-applied");
  }

  async close(): Promise<void> {
    await Promise.all([this.proxies.clickhouse.stop(), this.proxies.kafka.stop()]);
    await this.#engine.clickhouse.command(`DROP DATABASE IF EXISTS ${this.#job.project}_db`);
  }
}

/** What the broker is to do more than once. */
const timesOf: Readonly<Record<string, number>> = { "CreatePartitions many": 2 };

function withoutPrefix(what: string, prefix: string): string {
  return what.replace(prefix, "");
}

const requestOf: Readonly<Record<string, string>> = {
  CreateTopic: "CreateTopics",
  DropTopic: "DeleteTopics",
  AddTopicPartitions: "CreatePartitions",
  AlterTopicConfig: "IncrementalAlterConfigs",
};

async function fill(kafka: Kafka, names: readonly string[]): Promise<void> {
  const [broker] = kafka.settings.brokers;
  const records = Array.from({ length: messages }, (_, index) => ({ value: `message ${index}` }));
  await Promise.all(names.map((name) => produce(`${broker?.host}:${broker?.port}`, name, records)));
}
