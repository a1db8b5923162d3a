// Chains of migrations on the real engine: three environments, branches, edits, lost files, baselines.

import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { MigrationOperation } from "../../src/format/operation.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { appliedIds, ChainProject, columnsOf, events, toldBy, users, withColumns } from "./chain-harness.js";

// Each takes the lock several times, which on a busy machine is slow.
vi.setConfig({ testTimeout: 180_000 });

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("each database takes the files that it has not seen, in order", async () => {
  const { clickhouse } = engine;
  const [dev, staging, prod] = [
    await engine.newProject(),
    await engine.newProject(),
    await engine.newProject(),
  ];
  const chain = new ChainProject();
  const first = await chain.generate("first", events);
  expect(appliedIds(await chain.migrate(clickhouse, dev))).toEqual([first]);
  expect(appliedIds(await chain.migrate(clickhouse, staging))).toEqual([first]);
  const second = await chain.generate("second", withColumns(events, "a"), users);
  expect(appliedIds(await chain.migrate(clickhouse, dev))).toEqual([second]);
  const third = await chain.generate("third", withColumns(events, "a", "b"));
  expect(appliedIds(await chain.migrate(clickhouse, dev))).toEqual([third]);
  expect(appliedIds(await chain.migrate(clickhouse, staging))).toEqual([second, third]);
  expect(appliedIds(await chain.migrate(clickhouse, prod))).toEqual([first, second, third]);
  for (const environment of [dev, staging, prod]) {
    expect(await chain.migrate(clickhouse, environment)).toEqual({ state: "already-applied" });
    expect(await columnsOf(clickhouse, environment, "events")).toEqual(["id", "a", "b"]);
    expect(await columnsOf(clickhouse, environment, "users")).toEqual([]);
  }
});

test("branches that met are found, and go on from each other when one is generated again", async () => {
  const { clickhouse } = engine;
  const ours = new ChainProject();
  const first = await ours.generate("first", events);
  const theirs = ours.branch();
  const a = await ours.generate("a", withColumns(events, "a"));
  const b = await theirs.generate("b", withColumns(events, "b"));
  const environment = await engine.newProject();
  expect(appliedIds(await ours.migrate(clickhouse, environment))).toEqual([first, a]);

  theirs.merge(ours);
  expect((await theirs.fold()).problems).toMatchObject([
    { code: "format/forked-chain", summary: `${b} and ${a} start from the same state` },
  ]);
  rmSync(theirs.path(b));
  const again = await theirs.generate("b", withColumns(events, "a", "b"));
  expect((await theirs.fold()).problems).toEqual([]);
  expect(appliedIds(await theirs.migrate(clickhouse, environment))).toEqual([again]);
  expect(await columnsOf(clickhouse, environment, "events")).toEqual(["id", "a", "b"]);
});

test("a file that was edited after it was applied is refused, and so is one that is gone", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  const first = await chain.generate("first", events);
  const second = await chain.generate("second", withColumns(events, "a"));
  await chain.migrate(clickhouse, environment);
  const text = readFileSync(chain.path(first), "utf8");
  appendFileSync(chain.path(first), "# why not\n");
  await chain.generate("third", withColumns(events, "a", "b"));
  const hint = "-> bring the file back as it was, and write what is to change as another migration";
  expect(toldBy(await chain.migrate(clickhouse, environment))).toEqual([
    `format/edited-migration: ${first} was edited after it was applied\n${hint}`,
  ]);
  writeFileSync(chain.path(first), text);
  const gone = new ChainProject();
  gone.merge(chain);
  for (const file of gone.files.slice(1)) rmSync(join(gone.folder, "migrations", file));
  expect(toldBy(await gone.migrate(clickhouse, environment))).toEqual([
    `format/missing-migration: ${second} was applied to this database, and its file is gone\n${hint}`,
  ]);
  expect(await columnsOf(clickhouse, environment, "events")).toEqual(["id", "a"]);
  expect((await chain.migrate(clickhouse, environment)).state).toBe("applied");
});

test("drift is refused before a file is applied, and what was applied before it stays", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  await chain.generate("first", events);
  await chain.migrate(clickhouse, environment);
  const second = await chain.generate("second", withColumns(events, "a"));
  await clickhouse.command(`ALTER TABLE ${environment.database}.events ADD COLUMN hot UInt8`);
  const refused = await chain.migrate(clickhouse, environment);
  expect(refused.state).toBe("refused");
  expect(toldBy(refused)).toEqual([
    `reconcile/drift: ${environment.database}.events is not as the migrations before ${second} leave it
+ column hot UInt8
-> put it back as it was, and write what is to change as a migration`,
  ]);
  await clickhouse.command(`ALTER TABLE ${environment.database}.events DROP COLUMN hot`);
  expect(appliedIds(await chain.migrate(clickhouse, environment))).toEqual([second]);
});

test("a database without a journal is taken into the chain only after a look at it", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const { database } = environment;
  const chain = new ChainProject();
  const first = await chain.generate("first", events);
  const second = await chain.generate("second", withColumns(events, "a"));
  const third = await chain.generate("third", withColumns(events, "a", "b"));
  await clickhouse.command(
    `CREATE TABLE ${database}.events (id UInt64, a String) ENGINE = MergeTree ORDER BY id`,
  );
  await clickhouse.command(`INSERT INTO ${database}.events VALUES (1, 'x')`);
  expect(toldBy(await chain.migrate(clickhouse, environment))).toEqual([
    `reconcile/no-baseline: this database has ${database}.events, but its journal has no migration of the chain
-> the database is as ${second} leaves it: moose migrate --baseline ${second} records the migrations up to it as applied`,
  ]);
  expect(toldBy(await chain.baseline(clickhouse, environment, third))).toEqual([
    `reconcile/drift: ${database}.events is not as the migrations up to ${third} leave it
- column b String
-> put the table so, or name the migration that the database is as`,
  ]);
  expect(toldBy(await chain.baseline(clickhouse, environment, "other"))).toEqual([
    `reconcile/unknown-migration: there is no migration other\n-> the last one is ${third}`,
  ]);
  expect(appliedIds(await chain.baseline(clickhouse, environment, second))).toEqual([first, second]);
  expect(await chain.baseline(clickhouse, environment, second)).toEqual({ state: "already-applied" });
  expect(appliedIds(await chain.migrate(clickhouse, environment))).toEqual([third]);
  expect(await clickhouse.rows(`SELECT * FROM ${database}.events`)).toEqual([{ id: "1", a: "x", b: "" }]);
});

test("a database that is as no file leaves it has no baseline", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const { database } = environment;
  const chain = new ChainProject();
  await chain.generate("first", events);
  await clickhouse.command(
    `CREATE TABLE ${database}.events (id UInt64, z Int8) ENGINE = MergeTree ORDER BY id`,
  );
  expect(toldBy(await chain.migrate(clickhouse, environment))).toEqual([
    `reconcile/no-baseline: this database has ${database}.events, but its journal has no migration of the chain
-> moose migrate --baseline <id> records the migrations up to that one as applied; the database has to be as they leave it, and it is as none leaves it`,
  ]);
});

test("files of the existing tool are applied; a table is made anew only where it is empty", async () => {
  const { clickhouse } = engine;
  const chain = new ChainProject();
  cpSync(new URL("../format/samples/chain", import.meta.url), join(chain.folder, "migrations"), {
    recursive: true,
  });
  const ids = chain.files.map((file) => file.replace(/\.yaml$/, ""));
  const environment = await engine.newProject();
  expect(appliedIds(await chain.migrate(clickhouse, environment))).toEqual(ids);
  const [row] = await clickhouse.rows(
    `SELECT sorting_key FROM system.tables WHERE database = '${environment.database}' AND name = 'tt'`,
  );
  expect(row).toEqual({ sorting_key: "id, n" });
  expect(await chain.migrate(clickhouse, environment)).toEqual({ state: "already-applied" });

  const full = await engine.newProject();
  const early = chain.branch();
  const late = early.files[1] ?? "";
  renameSync(join(early.folder, "migrations", late), join(early.folder, late));
  await early.migrate(clickhouse, full);
  await clickhouse.command(`INSERT INTO ${full.database}.tt VALUES ('a', 1)`);
  const refused = await chain.migrate(clickhouse, full);
  expect(refused.state).toBe("refused");
  expect(toldBy(refused)[0]).toContain(`and ${full.database}.tt holds 1 rows`);
  expect(await clickhouse.rows(`SELECT * FROM ${full.database}.tt`)).toEqual([{ id: "a", n: 1 }]);
});

test("a file without a parent that was merged late is refused by name", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  await chain.generate("base", events);
  const foreign = (name: string, text: string) => {
    const body = `id: ${name}\ndescription: x\nparent_state_hash: ${name}\ndeltas:\n${text}created_at: x\n`;
    writeFileSync(chain.path(name), body);
  };
  const add = (name: string) =>
    `- type: AddTableColumn\n  table: events\n  after_column: id\n  column:\n    name: ${name}\n    data_type: String\n    required: true\n    unique: false\n    primary_key: false\n    default: null\n    annotations: []\n`;
  foreign("20270101_3", add("c"));
  await chain.migrate(clickhouse, environment);
  foreign("20270101_2", add("b"));
  expect(toldBy(await chain.migrate(clickhouse, environment))).toEqual([
    `reconcile/late-migration: 20270101_2 comes before 20270101_3, which is applied to this database already
-> give it a later time: change the id in the file and the name of the file`,
  ]);
  rmSync(chain.path("20270101_2"));
  foreign("20270101_4", add("b"));
  expect(appliedIds(await chain.migrate(clickhouse, environment))).toEqual(["20270101_4"]);
});

test("a lifecycle is part of the chain: it protects from the file on that gives it", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  await chain.generate("first", withColumns(events, "a"));
  const lock = await chain.generate("protect", {
    ...withColumns(events, "a"),
    lifeCycle: LifeCycle.DELETION_PROTECTED,
  });
  expect(appliedIds(await chain.migrate(clickhouse, environment))).toHaveLength(2);
  const name = { database: "local", name: "events" };
  const drop: MigrationOperation[] = [{ kind: "DropTableColumn", table: name, column: "a" }];
  const written = await chain.write("drop", drop);
  const refused = await chain.migrate(clickhouse, environment);
  expect(refused.state).toBe("refused");
  expect(toldBy(refused)).toEqual([
    `reconcile/blocked-operation: operation 1, DropTableColumn of ${environment.database}.events, is not allowed: ${environment.database}.events is DELETION_PROTECTED and this would destroy data
-> to go on: set lifeCycle: LifeCycle.FULLY_MANAGED on the table`,
  ]);
  rmSync(chain.path(written));
  await chain.write("free", drop, [{ table: name, lifeCycle: LifeCycle.FULLY_MANAGED }]);
  expect((await chain.migrate(clickhouse, environment)).state).toBe("applied");
  expect(await columnsOf(clickhouse, environment, "events")).toEqual(["id"]);
  expect(lock).toMatch(/_protect$/);
});
