// A topic as Moose's JSON has it, and back. The configs, and what a topic says of its past, are an addition.

import { LifeCycle } from "../infra/lifecycle.js";
import { canonicalConfig, type Topic } from "../infra/topic.js";
import { readDatabase, readName } from "./checked.js";
import { readColumn, writeColumn } from "./column-json.js";
import { type PlainObject, type PlainValue, type Spot, sortedKeys } from "./value.js";

/** Kafka's own limit on the bytes of a message, which Moose writes down. */
const defaultMessageBytes = 1_048_576;

export function writeTopic(topic: Topic, defaultDatabase: string): PlainObject {
  const { config, destination } = topic;
  return sortedKeys({
    columns: (topic.columns ?? []).map((column) => writeColumn(column, false)),
    config,
    life_cycle: topic.lifeCycle,
    max_message_bytes: Number(config["max.message.bytes"] ?? defaultMessageBytes),
    metadata: topic.place === undefined ? null : { description: null, source: { file: topic.place.file } },
    name: topic.name,
    partition_count: topic.partitions ?? null,
    replication_factor: topic.replicationFactor ?? null,
    retention_period: durationJson(config["retention.ms"]),
    schema_config: null,
    source_primitive: { name: topic.name, primitive_type: "DataModel" },
    version: topic.version ?? null,
    ...(topic.isKeyed === true && { is_keyed: true }),
    ...((topic.implied?.length ?? 0) > 0 && { implied_config: topic.implied ?? [] }),
    ...(topic.renamedFrom !== undefined && { renamed_from: topic.renamedFrom }),
    ...(destination !== undefined && {
      destination: {
        database: destination.database === defaultDatabase ? null : destination.database,
        table: destination.name,
      },
    }),
  }) as PlainObject;
}

/** Null for ever, or where the broker decides. */
function durationJson(ms: string | undefined): PlainValue {
  const value = Number(ms ?? -1);
  if (!(value >= 0)) return null;
  return { nanos: (value % 1_000) * 1_000_000, secs: Math.floor(value / 1_000) };
}

export function readTopic(spot: Spot, defaultDatabase: string): Topic {
  const destination = spot.field("destination");
  return {
    name: readTopicName(spot.field("name")),
    partitions: readCount(spot.field("partition_count")),
    replicationFactor: readCount(spot.field("replication_factor")),
    config: readConfig(spot),
    implied: spot
      .field("implied_config")
      .optionalList()
      .map((entry) => entry.text()),
    lifeCycle: readLifeCycle(spot.field("life_cycle")),
    columns: spot.field("columns").optionalList().map(readColumn),
    destination: destination.isAbsent
      ? undefined
      : {
          database: readDatabase(destination.field("database"), defaultDatabase),
          name: readName(destination.field("table")),
        },
    isKeyed: spot.field("is_keyed").optionalFlag(),
    renamedFrom: spot.field("renamed_from").isAbsent ? undefined : readTopicName(spot.field("renamed_from")),
    version: spot.field("version").isAbsent ? undefined : spot.field("version").text(),
  };
}

/** A name that a broker would take; so none of Kafka's own. */
export function readTopicName(spot: Spot): string {
  const name = spot.text();
  if (typeof spot.value !== "string") return "_";
  const isGood = /^[A-Za-z0-9._-]{1,249}$/.test(name) && !name.startsWith("__") && !/^\.\.?$/.test(name);
  if (isGood) return name;
  spot.problem(
    "format/bad-topic-name",
    `${spot.name} must be the name of a topic: letters, digits, . _ and -, at most 249, not beginning with __`,
  );
  return "_";
}

export function readCount(spot: Spot): number | undefined {
  return spot.isAbsent ? undefined : spot.wholeNumber(1, 200_000);
}

function readLifeCycle(spot: Spot): LifeCycle {
  if (spot.isAbsent) return LifeCycle.FULLY_MANAGED;
  const known = Object.values(LifeCycle).find((lifeCycle) => lifeCycle === spot.value);
  return known ?? spot.wrong(`one of ${Object.values(LifeCycle).join(", ")}`, LifeCycle.FULLY_MANAGED);
}

/** The existing tool knows a retention only. */
function readConfig(spot: Spot): Readonly<Record<string, string>> {
  const config = spot.field("config");
  if (!config.isAbsent) return readConfigs(config);
  const retention = spot.field("retention_period");
  if (retention.isAbsent) return {};
  const seconds = retention.field("secs").wholeNumber(0, Number.MAX_SAFE_INTEGER / 1_000);
  return { "retention.ms": String(Math.floor(seconds) * 1_000) };
}

/** Values are texts; empty where there are none. */
export function readConfigs(spot: Spot): Readonly<Record<string, string>> {
  if (spot.isAbsent) return {};
  return Object.fromEntries(
    spot.fields().map(([key, value]) => [readConfigName(key, value), canonicalConfig(value.text())]),
  );
}

export function readConfigName(key: string, spot: Spot): string {
  if (!/^[a-z][a-z0-9.]{0,200}$/.test(key))
    spot.problem("format/bad-topic-config", `${key.slice(0, 60)} is no topic config`);
  return key;
}
