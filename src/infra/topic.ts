// A topic of the model: the same value for a stream that code declares and a topic that was read from Kafka.

import type { SourcePlace } from "../diagnostic.js";
import type { LifeCycle } from "./lifecycle.js";
import type { Column } from "./table.js";

export interface Topic {
  /** As Kafka has it, with namespace and version. */
  readonly name: string;
  /** Undefined where the code leaves it open: one when the topic is made, later as it is. */
  readonly partitions: number | undefined;
  /** Undefined where the broker's default is meant. */
  readonly replicationFactor: number | undefined;
  /** Topic configs by name that are set on the topic itself; those left at the broker's default are not here. */
  readonly config: Readonly<Record<string, string>>;
  readonly lifeCycle: LifeCycle;
  /** Configs that the code does not spell out: given to a topic that moose makes, not imposed on one that was there. */
  readonly implied?: readonly string[] | undefined;
  /** What the broker applies where the topic itself sets nothing, as far as it was read. */
  readonly defaults?: Readonly<Record<string, string>> | undefined;
  /** The fields of a message; absent on what was read from a broker. */
  readonly columns?: readonly Column[] | undefined;
  /** The table that its messages go to, if any. */
  readonly destination?: { readonly database: string; readonly name: string } | undefined;
  /** Messages with the same key stay in order: the code says so. */
  readonly isKeyed?: boolean | undefined;
  /** Name of the topic that this one takes the place of, as the code says. */
  readonly renamedFrom?: string | undefined;
  /** Version that the code gives the stream, which is part of the name. */
  readonly version?: string | undefined;
  /** Where the code declares the stream; absent on what was read from a broker. */
  readonly place?: SourcePlace | undefined;
}

/** A topic of which it is known how many partitions it has, as every topic of Kafka's. */
export type PartitionedTopic = Topic & { readonly partitions: number };

/** What counts for a topic: its own setting, else the broker's; undefined where neither is known. */
export function effectiveConfig(topic: Topic, key: string): string | undefined {
  return topic.config[key] ?? topic.defaults?.[key];
}

/**
 * A config's value as a broker prints it: lists without blanks, numbers without signs and zeros that say nothing, flags in
 * small letters.
 *
 * @example
 * canonicalConfig("compact, delete") // "compact,delete"
 * canonicalConfig("0.50") // "0.5"
 */
export function canonicalConfig(value: string): string {
  const text = value
    .split(",")
    .map((part) => part.trim())
    .join(",");
  if (/^(true|false)$/i.test(text)) return text.toLowerCase();
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return text;
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : String(number);
}

/** The prefix that tells a topic from a table where both are addressed: `topic:events`. */
const topicPrefix = "topic:";

/** The address of a topic in plans, journals and records; no table has one like it. */
export function topicAddress(name: string): string {
  return topicPrefix + name;
}

/** The name of the topic at an address; undefined for the address of anything else. */
export function topicOfAddress(address: string): string | undefined {
  return address.startsWith(topicPrefix) ? address.slice(topicPrefix.length) : undefined;
}

/** What a stream's topic is called: `namespace.name_1_0`. */
export function topicName(name: string, version: string | undefined, namespace: string | undefined): string {
  const prefix = namespace === undefined || namespace === "" ? "" : `${namespace}.`;
  const suffix = version === undefined || version === "" ? "" : `_${version.replaceAll(".", "_")}`;
  return `${prefix}${name}${suffix}`;
}
