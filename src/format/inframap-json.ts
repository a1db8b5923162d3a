// An InfraMap as Moose's JSON has it, and back: remote_state.json and local_infra_map.json.

import { addressOf } from "../infra/address.js";
import { type InfraMap, infraMapOf } from "../infra/inframap.js";
import { sha256 } from "../infra/sha256.js";
import type { Table } from "../infra/table.js";
import type { Topic } from "../infra/topic.js";
import type { View } from "../infra/view.js";
import { readDatabase } from "./checked.js";
import { readSqlResources, writeSqlResource } from "./sql-resource-json.js";
import { readTable, writeTable } from "./table-json.js";
import { readTopic, writeTopic } from "./topic-json.js";
import {
  type FormatProblem,
  type PlainObject,
  type PlainValue,
  ProblemList,
  Spot,
  sortedKeys,
} from "./value.js";
import { readView, writeView } from "./view-json.js";

/** Sections of the existing tool that hold nothing of ours. */
const otherSections = [
  "api_endpoints",
  "consumption_api_web_server",
  "dmv1_views",
  "function_processes",
  "orchestration_workers",
  "select_row_policies",
  "topic_to_table_sync_processes",
  "topic_to_topic_sync_processes",
  "web_apps",
  "workflows",
] as const;

/** All sections, keys in order. */
export function writeInfraMap(map: InfraMap, defaultDatabase: string): PlainObject {
  const sections = Object.fromEntries(otherSections.map((name) => [name, {}]));
  const tables = new Map<string, PlainValue>();
  for (const table of map.tables.values()) {
    const key = `${table.database}_${table.name}`;
    // `a_b`.`c` and `a`.`b_c` have the same key; nothing is read out of it, so another does as well.
    tables.set(tables.has(key) ? addressOf(table) : key, writeTable(table, defaultDatabase));
  }
  return sortedKeys({
    ...sections,
    default_database: defaultDatabase,
    tables: Object.fromEntries(tables),
    views: viewSection(map, "View", defaultDatabase),
    materialized_views: viewSection(map, "MaterializedView", defaultDatabase),
    sql_resources: Object.fromEntries(
      [...map.sqlResources.values()].map((one) => [one.name, writeSqlResource(one, defaultDatabase)]),
    ),
    olap_dictionaries: viewSection(map, "Dictionary", defaultDatabase),
    topics: Object.fromEntries(
      [...map.topics].map(([name, topic]) => [name, writeTopic(topic, defaultDatabase)]),
    ),
  }) as PlainObject;
}

function viewSection({ views }: InfraMap, kind: View["kind"], defaultDatabase: string): PlainObject {
  return Object.fromEntries(
    [...views.values()]
      .filter((view) => view.kind === kind)
      .map((view) => [`${view.database}_${view.name}`, writeView(view, defaultDatabase)] as const),
  );
}

/** The text of a map's file: the same for the same map. */
export function infraMapText(map: InfraMap, defaultDatabase: string): string {
  return `${JSON.stringify(writeInfraMap(map, defaultDatabase), null, 2)}\n`;
}

export interface ReadInfraMap {
  /** Holds only what could be read; with a problem it must not be taken for the whole. */
  readonly map: InfraMap;
  readonly defaultDatabase: string;
  readonly problems: readonly FormatProblem[];
}

/** Sections and keys that are not known are let be; a table that cannot be read is a problem that names it. */
export function readInfraMap(value: unknown): ReadInfraMap {
  const problems = new ProblemList();
  const document = new Spot(value, [], problems);
  const defaultDatabase = readDatabase(document.field("default_database"), "local");
  const tables: Table[] = [];
  const addresses = new Set<string>();
  for (const [key, spot] of document.field("tables").fields()) {
    const before = problems.count;
    const table = problems.about(`table ${key.slice(0, 60)}`, () => readTable(spot, defaultDatabase));
    if (problems.count > before) continue;
    const address = addressOf(table);
    if (addresses.has(address)) spot.problem("format/double-name", `the table ${address} is there twice`);
    addresses.add(address);
    tables.push(table);
  }
  const views = [
    ...readViews(document.field("views"), "View", defaultDatabase),
    ...readViews(document.field("materialized_views"), "MaterializedView", defaultDatabase),
    ...readViews(document.field("olap_dictionaries"), "Dictionary", defaultDatabase),
  ];
  const topics = readTopics(document.field("topics"), defaultDatabase);
  const sqlResources = readSqlResources(document.field("sql_resources"), defaultDatabase);
  const map = infraMapOf(tables, views, topics, sqlResources);
  return { map, defaultDatabase, problems: problems.all };
}

function readViews(section: Spot, kind: View["kind"], defaultDatabase: string): readonly View[] {
  if (section.isAbsent) return [];
  return section.fields().flatMap(([key, spot]) => {
    const before = section.problems.count;
    const view = section.problems.about(`view ${key.slice(0, 60)}`, () =>
      readView(spot, kind, defaultDatabase),
    );
    return section.problems.count > before ? [] : [view];
  });
}

function readTopics(section: Spot, defaultDatabase: string): readonly Topic[] {
  if (section.isAbsent) return [];
  const names = new Set<string>();
  return section.fields().map(([key, spot]) => {
    const topic = section.problems.about(`topic ${key.slice(0, 60)}`, () => readTopic(spot, defaultDatabase));
    if (names.has(topic.name)) spot.problem("format/double-name", `the topic ${topic.name} is there twice`);
    names.add(topic.name);
    return topic;
  });
}

/** sha256 of what counts of a map: no places, no metadata, whatever the default database is. */
export function fingerprint(map: InfraMap): string {
  const tables = [...infraMapOf(map.tables.values()).tables].map(([address, table]): PlainValue => {
    const { metadata: _, source_primitive: __, engine_params_hash: ___, ...rest } = writeTable(table, "");
    return [address, rest];
  });
  const views = [...map.views].map(([address, view]): PlainValue => {
    const { metadata: _, source_tables: __, ...rest } = writeView(view, "");
    return [address, rest];
  });
  const topics = [...infraMapOf([], [], map.topics.values()).topics].map(([name, topic]): PlainValue => {
    const { metadata: _, source_primitive: __, ...rest } = writeTopic(topic, "");
    return [name, rest];
  });
  // What counts is what was run; a teardown is only remembered.
  const statements = [...map.sqlResources].map(([address, one]): PlainValue => [address, one.setupHash]);
  const others = [views, topics, statements].filter((section) => section.length > 0);
  return sha256(JSON.stringify(others.length === 0 ? tables : [tables, ...others]));
}
