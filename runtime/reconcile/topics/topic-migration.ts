// A migration as far as it is about topics: what its parts share.

import type { Topic } from "../../../src/infra/topic.js";
import { planTopics } from "../../../src/plan/plan-topics.js";
import type { TopicOperation } from "../../../src/plan/topic-operation.js";
import type { State } from "../../clickhouse/state.js";
import type { LiveTopic } from "../../kafka/inspect.js";
import type { JournalledSteps } from "../journalled-steps.js";
import type { MigrateOptions } from "../migrate-options.js";
import type { MigrationSource } from "../migration.js";
import type { KafkaAccess } from "./access.js";
import {
  changesTo,
  isAsFile,
  type TopicHistories,
  type TopicHistory,
  topicHistories,
} from "./topic-history.js";

export interface TopicMigration {
  readonly source: MigrationSource;
  readonly access: KafkaAccess;
  readonly state: State;
  readonly steps: JournalledSteps;
  readonly options: Pick<MigrateOptions, "stop" | "onEvent" | "isOfChain">;
}

export function operationsOf({ states }: TopicHistory, position: number): readonly TopicOperation[] {
  return planTopics(changesTo(states[position], states[position + 1]), new Map()).operations;
}

export function begunOf({ operations }: TopicHistory, steps: JournalledSteps): number {
  return operations.findLastIndex((operation) => steps.entryOf(operation) !== "none") + 1;
}

export function liveTopic(live: readonly LiveTopic[], name: string): Topic | undefined {
  return live.find(({ topic }) => topic.name === name)?.topic;
}

export function isAtEnd({ states, counts }: TopicHistory, live: Topic | undefined): boolean {
  return isAsFile(states.at(-1), live, counts);
}

export function historiesOf({ source, options }: TopicMigration): TopicHistories {
  return topicHistories(source, options.isOfChain === true);
}
