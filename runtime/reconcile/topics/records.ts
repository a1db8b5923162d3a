// What moose remembers of topics: which are its own, under which lifecycle, and which configs it has set on them.

import type { Diagnostic } from "../../../src/diagnostic.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import type { LifeCycle } from "../../../src/infra/lifecycle.js";
import { canonicalConfig, type Topic, topicAddress, topicOfAddress } from "../../../src/infra/topic.js";
import type { OwnedTopic, TopicOwnership } from "../../../src/policy/judge-topics.js";
import type { ObjectRecord } from "../../clickhouse/object-record.js";
import type { State, StateRecords } from "../../clickhouse/state.js";
import type { LiveTopic, LiveTopics } from "../../kafka/inspect.js";

/** By name, with what the brokers apply where a topic says nothing. */
export function topicsOf(
  live: readonly LiveTopic[],
  defaults: LiveTopics["brokerDefaults"],
): ReadonlyMap<string, Topic> {
  return new Map(live.map(({ topic }) => [topic.name, { ...topic, defaults }] as const));
}

export function unreadableProblems({ topics }: InfraMap, { unreadable }: LiveTopics): readonly Diagnostic[] {
  return unreadable
    .filter(({ name }) => topics.has(name))
    .map(({ name, reason }) => ({
      code: "reconcile/unreadable-topic",
      severity: "warning",
      summary: `topic ${name} exists, and this user may not read its configs; it is left as it is`,
      detail: reason,
      place: topics.get(name)?.place,
      hint: "grant the user DESCRIBE_CONFIGS on the topic",
    }));
}

/** The namespace stands where a table has its database: topics of another one were not taken out of the code. */
export interface TopicRecord {
  readonly name: string;
  readonly namespace: string;
  /** Empty from before the topic is made until its id is known. */
  readonly topicId: string;
  readonly lifeCycle: LifeCycle;
  readonly configs: Iterable<string>;
  readonly owned: boolean;
}

export function recordOf(record: TopicRecord): ObjectRecord {
  return {
    address: topicAddress(record.name),
    database: record.namespace,
    uuid: record.topicId,
    lifeCycle: record.lifeCycle,
    columns: [...new Set(record.configs)].sort(),
    indexes: [],
    projections: [],
    constraints: [],
    cluster: "",
    owned: record.owned,
  };
}

/** A topic is ours when it was recorded under its id: one that was deleted and made again is somebody else's. */
function ownRecord(state: StateRecords, { topic, topicId }: LiveTopic): ObjectRecord | undefined {
  const record = state.get(topicAddress(topic.name));
  if (record?.owned !== true) return undefined;
  return record.uuid === topicId || record.uuid === "" ? record : undefined;
}

export function topicOwnership(state: StateRecords, live: readonly LiveTopic[]): TopicOwnership {
  return new Map(
    live.flatMap((one): readonly (readonly [string, OwnedTopic])[] => {
      const record = ownRecord(state, one);
      if (record === undefined) return [];
      return [[one.topic.name, { lifeCycle: record.lifeCycle, configs: new Set(record.columns) }]];
    }),
  );
}

/** As it is written down, whether or not the topics are still there. */
export function recordedTopics(state: StateRecords): TopicOwnership {
  return new Map(
    state.topics.flatMap(({ address, lifeCycle, columns, owned }) => {
      const name = topicOfAddress(address);
      return name === undefined || !owned ? [] : [[name, { lifeCycle, configs: new Set(columns) }] as const];
    }),
  );
}

/** The same where a person approves the plan: declared topics may be changed, but the configs of others stay theirs. */
export function plannedTopicOwnership(
  state: StateRecords,
  live: readonly LiveTopic[],
  { topics }: InfraMap,
): TopicOwnership {
  const declared = live.flatMap(({ topic }): readonly (readonly [string, OwnedTopic])[] => {
    const wanted = topics.get(topic.name);
    return wanted === undefined ? [] : [[topic.name, { lifeCycle: wanted.lifeCycle, configs: new Set() }]];
  });
  return new Map([...declared, ...topicOwnership(state, live)]);
}

/** What exists and is declared, or is ours and of this namespace; nothing else is ever compared. */
export function managedTopics(
  state: StateRecords,
  live: readonly LiveTopic[],
  { topics }: InfraMap,
  namespace: string,
): readonly LiveTopic[] {
  return live.filter((one) => topics.has(one.topic.name) || ownRecord(state, one)?.database === namespace);
}

/** Names of the topics that are ours, whether or not they are still there. */
export function ownTopicNames(state: StateRecords, namespace: string): readonly string[] {
  return state.topics.flatMap(({ address, database }) =>
    database === namespace ? (topicOfAddress(address) ?? []) : [],
  );
}

/** Takes over the topics that the user named, as `topic:name`, if they exist and are declared. */
export async function adoptTopics(
  state: State,
  live: readonly LiveTopic[],
  { topics }: InfraMap,
  addresses: readonly string[],
  namespace: string,
): Promise<void> {
  const records = live.flatMap((one) => {
    const { name } = one.topic;
    const declared = topics.get(name);
    const isNamed = addresses.includes(topicAddress(name));
    if (!isNamed || declared === undefined || ownRecord(state, one) !== undefined) return [];
    const { lifeCycle } = declared;
    return [recordOf({ name, namespace, topicId: one.topicId, lifeCycle, configs: [], owned: true })];
  });
  await state.put(records);
}

/**
 * Remembers what is so after a round: ids, lifecycles, and which configs are moose's. A config is when it was before and
 * is still there, or when it is as the code spells it out.
 */
export async function recordTopics(
  state: State,
  live: readonly LiveTopic[],
  topics: ReadonlyMap<string, Topic>,
): Promise<void> {
  const records = live.flatMap((one): readonly ObjectRecord[] => {
    const record = ownRecord(state, one);
    if (record === undefined) return [];
    const wanted = topics.get(one.topic.name);
    const configs = Object.entries(one.topic.config).flatMap(([key, value]) => {
      const said = wanted?.implied?.includes(key) === true ? undefined : wanted?.config[key];
      const isSaid = said !== undefined && canonicalConfig(said) === canonicalConfig(value);
      return isSaid || record.columns.includes(key) ? [key] : [];
    });
    const lifeCycle = wanted?.lifeCycle ?? record.lifeCycle;
    return [{ ...record, uuid: one.topicId, lifeCycle, columns: configs.sort() }];
  });
  await state.put(records);
}
