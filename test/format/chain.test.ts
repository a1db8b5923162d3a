// Chains of migrations: their order, what they fold to, and how branches that met are found.

import { expect, test } from "vitest";
import { parse } from "yaml";
import {
  type ChainFile,
  changedSinceApplied,
  foldChain,
  type Migration,
  migrationText,
  nextMigration,
  readMigration,
} from "../../src/format/chain.js";
import { inNamespace, stateHash } from "../../src/format/chain-state.js";
import { fingerprint } from "../../src/format/inframap-json.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { column, table } from "../live/tables.js";

const events = table("local", [column("id", "String")], { name: "events" });
const name = { database: "local", name: "events" };
const create: MigrationOperation = { kind: "CreateTable", table: events };
const add = (column_: string): MigrationOperation => ({
  kind: "AddTableColumn",
  table: name,
  column: column(column_, "Int8"),
  afterColumn: "id",
});
const drop = (column_: string): MigrationOperation => ({
  kind: "DropTableColumn",
  table: name,
  column: column_,
});

const asFile = (migration: Migration): ChainFile => ({
  ...migration,
  file: `migrations/${migration.id}.yaml`,
  contentHash: `hash of ${migration.id}`,
});

/** The chain with one more migration at its end. */
function extended(
  chain: readonly ChainFile[],
  word: string,
  ...operations: MigrationOperation[]
): readonly ChainFile[] {
  const createdAt = `2026-11-23T05:17:${String(10 + chain.length)}.316171038Z`;
  const { map, problems } = foldChain(chain, "local");
  expect(problems).toEqual([]);
  return [
    ...chain,
    asFile(nextMigration(chain, map, { operations, name: word, createdAt, defaultDatabase: "local" })),
  ];
}

const one = extended([], "first", create);
const two = extended(one, "second", add("a"));
const back = extended(extended(two, "back", drop("a")), "again", add("b"));

const summaries = (files: readonly ChainFile[]) =>
  foldChain(files, "local").problems.map(({ code, summary }) => `${code} ${summary}`);

test("a migration has an id, its parent and the hash of the state it starts from", () => {
  expect(two[1]).toMatchObject({ id: "20261123_051711_316_second", parent: "20261123_051710_316_first" });
  expect(one[0]).toMatchObject({ parent: null, parentStateHash: fingerprint(emptyInfraMap) });
  expect(two[1]?.parentStateHash).toBe(stateHash(foldChain(one, "local").map, "local"));
});

test("files are applied in the order of their parents, whatever the order they are read in", () => {
  const { files, map, problems } = foldChain(back.toReversed(), "local");
  expect(problems).toEqual([]);
  expect(files).toEqual(back);
  expect(map.tables.get("local.events")?.columns.map((c) => c.name)).toEqual(["id", "b"]);
});

test("a migration comes back from its file", () => {
  for (const { file: _, contentHash: __, ...migration } of back) {
    const text = migrationText(migration, "local");
    expect(readMigration(parse(text), "local")).toEqual({ migration, problems: [] });
    expect(migrationText(migration, "local")).toBe(text);
  }
});

test("two migrations with one parent are found and explained", () => {
  const other = extended(one, "other", add("c"));
  expect(foldChain([...two, ...other.slice(1)], "local").problems).toEqual([
    {
      code: "format/forked-chain",
      severity: "error",
      summary: "20261123_051711_316_second and 20261123_051711_316_other start from the same state",
      detail: "Both were made on branches that did not know of each other.",
      place: { file: "migrations/20261123_051711_316_second.yaml", line: 1, column: 1 },
      hint: "remove the one that is not applied anywhere yet, and generate it again on top of the other",
    },
  ]);
});

test("a migration whose parent is gone or edited is named", () => {
  expect(summaries(back.toSpliced(1, 1))).toEqual([
    "format/orphaned-migration 20261123_051712_316_back comes after 20261123_051711_316_second, which leads to no beginning",
    "format/orphaned-migration 20261123_051713_316_again comes after 20261123_051712_316_back, which leads to no beginning",
  ]);
  const [first, ...rest] = back;
  if (first === undefined) throw new Error();
  expect(
    summaries([
      { ...first, operations: [{ kind: "CreateTable", table: { ...events, comment: "x" } }] },
      ...rest,
    ]),
  ).toEqual([
    "format/unfitting-migration 20261123_051711_316_second was made for another state than the migrations before it lead to",
  ]);
});

test("migrations that are their own parents end as a problem, not in a circle", () => {
  const [first, second] = two;
  if (first === undefined || second === undefined) throw new Error();
  expect(summaries([{ ...first, parent: second.id }, second])).toHaveLength(2);
});

test("a migration that does not apply says why", () => {
  expect(foldChain(extended(two, "twice", add("a")), "local").problems).toMatchObject([
    {
      code: "format/unfitting-migration",
      detail: "delta 1: AddTableColumn of local.events: the column a is there already",
    },
  ]);
});

const foreign = (id: string, parentStateHash: string, operation: MigrationOperation): ChainFile =>
  asFile({ id, description: "", parent: undefined, parentStateHash, operations: [operation], createdAt: "" });

test("files of the existing tool are taken in the order of their ids, and ours go on from them", () => {
  const theirs = [
    foreign("2025_1", "aa", create),
    foreign("2025_2", "bb", add("a")),
    foreign("2025_3", "cc", drop("a")),
  ];
  const mixed = extended(theirs, "ours", add("b"));
  expect(foldChain(mixed.toReversed(), "local")).toMatchObject({ files: mixed, problems: [] });
});

test("two files of the existing tool that name one state, and do not start from it, are a fork", () => {
  const theirs = [
    foreign("2025_1", "aa", create),
    foreign("2025_2", "bb", add("a")),
    foreign("2025_3", "bb", add("b")),
  ];
  expect(summaries(theirs)).toEqual(["format/forked-chain 2025_3 and 2025_2 start from the same state"]);
  // Back at a state from before it is none.
  const back_ = [
    foreign("2025_1", "aa", create),
    foreign("2025_2", "bb", add("a")),
    foreign("2025_3", "cc", drop("a")),
    foreign("2025_4", "bb", add("b")),
  ];
  expect(summaries(back_)).toEqual([]);
});

test("a file that was edited or removed after it was applied is noticed", () => {
  const applied = new Map([
    ["20261123_051710_316_first", "hash of 20261123_051710_316_first"],
    ["20261123_051711_316_second", "another hash"],
    ["20261123_051709_316_gone", "hash"],
  ]);
  expect(changedSinceApplied(two, applied).map(({ summary }) => summary)).toEqual([
    "20261123_051711_316_second was edited after it was applied",
    "20261123_051709_316_gone was applied to this database, and its file is gone",
  ]);
});

test("the same files make a chain for databases of any name", () => {
  const text = back.map((migration) => migrationText(migration, "local"));
  const elsewhere = text.flatMap((one) => readMigration(parse(one), "shop").migration ?? []).map(asFile);
  const { map, problems } = foldChain(elsewhere, "shop");
  expect(problems).toEqual([]);
  expect([...map.tables.keys()]).toEqual(["shop.events"]);
});

test("a migration gives lifecycles to tables of the chain, and to no others", () => {
  const protect = (name_: string): ChainFile => {
    const { map } = foldChain(one, "local");
    const lifeCycles = [
      { table: { database: "local", name: name_ }, lifeCycle: LifeCycle.DELETION_PROTECTED },
    ];
    const next = { operations: [], lifeCycles, name: "p", createdAt: "2026-12-01T00:00:00Z" };
    return asFile(nextMigration(one, map, { ...next, defaultDatabase: "local" }));
  };
  const { file: _, contentHash: __, ...migration } = protect("events");
  const text = migrationText(migration, "local");
  expect(readMigration(parse(text), "local")).toEqual({ migration, problems: [] });
  const { map } = foldChain([...one, protect("events")], "local");
  expect(map.tables.get("local.events")?.lifeCycle).toBe(LifeCycle.DELETION_PROTECTED);
  expect(foldChain([...one, protect("nothing")], "local").problems).toMatchObject([
    { detail: "life_cycles names local.nothing, which is no table of the chain" },
  ]);
});

const stream = (name_: string): MigrationOperation => ({
  kind: "CreateTopic",
  topic: {
    ...{
      name: name_,
      partitions: undefined,
      replicationFactor: undefined,
      config: { "retention.ms": "5000" },
    },
    ...{ implied: [], lifeCycle: LifeCycle.FULLY_MANAGED, columns: [], destination: undefined },
    ...{ isKeyed: undefined, version: undefined },
  },
});

test("the topics of a chain are folded like its tables, with the one partition that they have where none is said", () => {
  const alter: MigrationOperation = {
    ...{ kind: "AlterTopicConfig", name: "orders", before: { "retention.ms": "5000" } },
    ...{ set: { "cleanup.policy": "compact" }, reset: ["retention.ms"] },
  };
  const more: MigrationOperation = { kind: "AddTopicPartitions", name: "orders", before: 1, after: 4 };
  const migration = (operations: readonly MigrationOperation[], from: readonly ChainFile[]) =>
    nextMigration(from, foldChain(from, "local").map, {
      ...{ operations, name: "t", createdAt: `2026-12-0${from.length}T00:00:00Z`, defaultDatabase: "local" },
      lifeCycles: from.length === 1 ? [] : [{ topic: "orders", lifeCycle: LifeCycle.DELETION_PROTECTED }],
    });
  const first = asFile(migration([stream("orders")], one));
  const second = asFile(migration([more, alter], [...one, first]));
  const { map, problems } = foldChain([...one, first, second], "local");
  expect(problems).toEqual([]);
  expect(map.topics.get("orders")).toMatchObject({
    ...{ partitions: 4, config: { "cleanup.policy": "compact" }, lifeCycle: LifeCycle.DELETION_PROTECTED },
  });
  const { file: _, contentHash: __, ...written } = second;
  expect(readMigration(parse(migrationText(written, "local")), "local")).toEqual({
    ...{ migration: written, problems: [] },
  });
  const other = asFile(migration([{ kind: "DropTopic", name: "nothing" }], [...one, first]));
  expect(foldChain([...one, first, other], "local").problems).toMatchObject([
    { detail: "delta 1: DropTopic of topic nothing: there is no such topic" },
  ]);
});

test("one chain is for every namespace: its files name topics without it, and its hashes are the same", () => {
  const written = nextMigration([], emptyInfraMap, {
    ...{ operations: [stream("prod.orders")], name: "t", createdAt: "2026-12-01T00:00:00Z" },
    ...{ lifeCycles: undefined, defaultDatabase: "local", namespace: "prod" },
  });
  expect(migrationText(written, "local")).toContain("name: orders");
  const there = foldChain([inNamespace(asFile(written), "staging")], "local", "staging");
  expect([...there.map.topics.keys()]).toEqual(["staging.orders"]);
  const here = foldChain([inNamespace(asFile(written), "prod")], "local", "prod");
  expect(stateHash(there.map, "local", "staging")).toBe(stateHash(here.map, "local", "prod"));
  const next = nextMigration([asFile(written)], here.map, {
    ...{ operations: [{ kind: "DropTopic", name: "prod.orders" }], name: "u", lifeCycles: undefined },
    ...{ createdAt: "2026-12-02T00:00:00Z", defaultDatabase: "local", namespace: "prod" },
  });
  const both = [written, next].map((file) => inNamespace(asFile(file), "staging"));
  expect(foldChain(both, "local", "staging")).toMatchObject({ problems: [], map: { topics: new Map() } });
});
