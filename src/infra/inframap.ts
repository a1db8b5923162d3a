// The InfraMap: everything that exists, or should exist. Code and reality are both read into one of these.

import { type Address, addressOf } from "./address.js";
import { type SqlResource, sqlResourceAddress } from "./sql-resource.js";
import type { Table } from "./table.js";
import type { Topic } from "./topic.js";
import type { View } from "./view.js";

/** All resources of a project by address. Desired (from code) and actual (from the servers) are the same kind of value. */
export interface InfraMap {
  readonly tables: ReadonlyMap<Address, Table>;
  readonly views: ReadonlyMap<Address, View>;
  /** By name: Kafka has no databases. */
  readonly topics: ReadonlyMap<string, Topic>;
  readonly sqlResources: ReadonlyMap<Address, SqlResource>;
}

export const emptyInfraMap: InfraMap = {
  tables: new Map(),
  views: new Map(),
  topics: new Map(),
  sqlResources: new Map(),
};

/** In the order of their keys. */
export function infraMapOf(
  tables: Iterable<Table>,
  views: Iterable<View> = [],
  topics: Iterable<Topic> = [],
  sqlResources: Iterable<SqlResource> = [],
): InfraMap {
  return {
    tables: byKey(tables, addressOf),
    views: byKey(views, addressOf),
    topics: byKey(topics, ({ name }) => name),
    sqlResources: byKey(sqlResources, ({ name }) => sqlResourceAddress(name)),
  };
}

/** Only the tables and views at `addresses`; the rest of the map as it is. */
export function onlyAt(addresses: ReadonlySet<Address>, map: InfraMap): InfraMap {
  const at = <T>(section: ReadonlyMap<Address, T>) =>
    new Map([...section].filter(([address]) => addresses.has(address)));
  return { ...map, tables: at(map.tables), views: at(map.views) };
}

function byKey<T, K extends string>(values: Iterable<T>, keyOf: (value: T) => K): ReadonlyMap<K, T> {
  const entries = [...values].map((value) => [keyOf(value), value] as const);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
