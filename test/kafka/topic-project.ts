// Projects with streams on a live Kafka: declared topics in, what was done out, in words that are short to compare.

import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { State } from "../../runtime/clickhouse/state.js";
import type { Kafka } from "../../runtime/kafka/client.js";
import { inspectTopics } from "../../runtime/kafka/inspect.js";
import { reconcileTopics } from "../../runtime/reconcile/topics/reconcile-topics.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Topic } from "../../src/infra/topic.js";
import type { TopicOperationReport, TopicsReport } from "../../src/status/topics-report.js";
import { uniqueName } from "../live/live-engine.js";

/** A stream as code declares it. */
export function stream(name: string, parts: Partial<Topic> = {}): Topic {
  return {
    ...{ name, partitions: undefined, replicationFactor: undefined, config: {}, implied: [] },
    ...{ lifeCycle: LifeCycle.FULLY_MANAGED, ...parts },
  };
}

export interface RoundParts {
  readonly adopt?: readonly string[];
  readonly namespace?: string;
}

/** Topics of a project are told from those of others by a prefix, which is left out in what comes back. */
export class TopicProject {
  readonly prefix: string;
  readonly #kafka: Kafka;
  readonly #clickhouse: ClickHouse;
  readonly #name = uniqueName("t");
  #state: State | undefined;

  constructor(kafka: Kafka, clickhouse: ClickHouse) {
    this.#kafka = kafka;
    this.#clickhouse = clickhouse;
    this.prefix = `${this.#name.replaceAll("_", "-")}-`;
  }

  fullName(name: string): string {
    return this.prefix + name;
  }

  /** One round; the state is read anew each time, as another run of moose would. */
  async report(topics: readonly Topic[], parts: RoundParts = {}): Promise<TopicsReport> {
    this.#state = await State.open(this.#clickhouse, this.#name);
    const named = topics.map((topic) => ({
      ...topic,
      name: this.fullName(topic.name),
      renamedFrom: topic.renamedFrom && this.fullName(topic.renamedFrom),
    }));
    return reconcileTopics(this.#kafka, this.#state, infraMapOf([], [], named), {
      namespace: parts.namespace ?? "",
      adopt: (parts.adopt ?? []).map((name) => `topic:${this.fullName(name)}`),
    });
  }

  /** `CreateTopic a applied`, `DropTopic a blocked: deletion-protected` */
  async round(topics: readonly Topic[], parts?: RoundParts): Promise<readonly string[]> {
    const report = await this.report(topics, parts);
    if (report.kafka.state !== "reached") return [`kafka ${report.kafka.state}`];
    return [
      ...report.operations.map((one) => this.#inShort(one)),
      ...report.unconverged.map((name) => `${name} unconverged`),
    ];
  }

  #inShort({ operation, verdict, outcome }: TopicOperationReport): string {
    const { kind, topic, destructive } = operation;
    const end =
      verdict.decision === "blocked"
        ? `blocked: ${verdict.code}`
        : outcome.state === "failed"
          ? `failed: ${outcome.reason.split(":")[0]}`
          : outcome.state;
    return [kind, topic.name.replace(this.prefix, ""), ...(destructive ? ["(destroys)"] : []), end].join(" ");
  }

  /** The topics of the project as they are: `a: 3 partitions, retention.ms=5`. */
  async topics(): Promise<readonly string[]> {
    const { topics } = await inspectTopics(this.#kafka);
    return topics
      .filter(({ topic }) => topic.name.startsWith(this.prefix))
      .map(({ topic: { name, partitions, config } }) => {
        const pairs = Object.entries(config).map(([key, value]) => `${key}=${value}`);
        return `${name.replace(this.prefix, "")}: ${[partitions, ...pairs].join(" ")}`;
      });
  }

  async close(): Promise<void> {
    const database = this.#state?.database;
    if (database !== undefined)
      await this.#clickhouse.command(`DROP DATABASE IF EXISTS \`${database}\` SYNC`);
  }
}
