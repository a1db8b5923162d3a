// The lifecycles that a migration of a chain gives to tables and topics: no operation changes them, and later ones are judged by them.

import { tableAddress } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import { LifeCycle } from "../infra/lifecycle.js";
import { readDatabase, readName } from "./checked.js";
import type { ObjectName } from "./operation.js";
import { readTopicName } from "./topic-json.js";
import type { PlainObject, Spot } from "./value.js";

export interface TableLifeCycle {
  readonly table: ObjectName;
  readonly lifeCycle: LifeCycle;
}

export interface TopicLifeCycle {
  readonly topic: string;
  readonly lifeCycle: LifeCycle;
}

export type ChainLifeCycle = TableLifeCycle | TopicLifeCycle;

/** Undefined where the file has none. */
export function readLifeCycles(spot: Spot, defaultDatabase: string): readonly ChainLifeCycle[] | undefined {
  if (spot.isAbsent) return undefined;
  return spot.list().map((entry): ChainLifeCycle => {
    const said = entry.field("life_cycle");
    const known = Object.values(LifeCycle).find((lifeCycle) => lifeCycle === said.value);
    const lifeCycle =
      known ?? said.wrong(`one of ${Object.values(LifeCycle).join(", ")}`, LifeCycle.FULLY_MANAGED);
    const topic = entry.field("topic");
    if (!topic.isAbsent) return { topic: readTopicName(topic), lifeCycle };
    return {
      table: {
        database: readDatabase(entry.field("database"), defaultDatabase),
        name: readName(entry.field("table")),
      },
      lifeCycle,
    };
  });
}

/** The key of the file; nothing where no lifecycle changes. */
export function writeLifeCycles(
  lifeCycles: readonly ChainLifeCycle[] | undefined,
  defaultDatabase: string,
): PlainObject {
  if (lifeCycles === undefined || lifeCycles.length === 0) return {};
  return {
    life_cycles: lifeCycles.map((one) => {
      if ("topic" in one) return { life_cycle: one.lifeCycle, topic: one.topic };
      const { database, name } = one.table;
      return {
        database: database === defaultDatabase ? null : database,
        life_cycle: one.lifeCycle,
        table: name,
      };
    }),
  };
}

/** The tables and topics under their new lifecycles, or which of them is not there. */
export function withLifeCycles(
  map: InfraMap,
  lifeCycles: readonly ChainLifeCycle[],
): { readonly map: InfraMap } | { readonly detail: string } {
  const [tables, views, topics] = [new Map(map.tables), new Map(map.views), new Map(map.topics)];
  for (const one of lifeCycles) {
    const { lifeCycle } = one;
    if ("topic" in one) {
      const topic = topics.get(one.topic);
      if (topic === undefined)
        return { detail: `life_cycles names ${one.topic}, which is no topic of the chain` };
      topics.set(one.topic, { ...topic, lifeCycle });
      continue;
    }
    const address = tableAddress(one.table.database, one.table.name);
    const [found, view] = [tables.get(address), views.get(address)];
    if (found !== undefined) tables.set(address, { ...found, lifeCycle });
    else if (view !== undefined) views.set(address, { ...view, lifeCycle });
    else return { detail: `life_cycles names ${address}, which is no table of the chain` };
  }
  return { map: { ...map, tables, views, topics } };
}
