// Chains of migrations whose runs end in the middle, meet each other, or have statements that no table tells of.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { JournalReader } from "../../runtime/clickhouse/journal.js";
import type { ChainOptions } from "../../runtime/reconcile/chain-options.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import {
  addColumnA,
  appliedIds,
  ChainProject,
  columnsOf,
  events,
  toldBy,
  withColumns,
} from "./chain-harness.js";

// Each takes the lock several times, which on a busy machine is slow.
vi.setConfig({ testTimeout: 180_000 });

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

class Killed extends Error {}

/** Where a process may end; what comes after "done" is the same as before the next. */
const deadly: ReadonlySet<string> = new Set(["before-intent", "intended", "answered"]);

/** Throws the n-th time that a file or a statement has come to such a moment. */
function killAt(n: number): Pick<ChainOptions, "onEvent" | "onFile"> {
  let count = 0;
  const tick = () => {
    count += 1;
    if (count === n) throw new Killed();
  };
  return {
    onFile: tick,
    onEvent: (event) => {
      if (event.event === "step" && deadly.has(event.step.moment)) tick();
    },
  };
}

async function isKilled(run: Promise<unknown>): Promise<boolean> {
  try {
    await run;
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return true;
  }
}

test("a run that ends at any moment is gone on with, and each file is applied once", async () => {
  const { clickhouse } = engine;
  const chain = new ChainProject();
  await chain.generate("first", events);
  await chain.write("second", [addColumnA, { kind: "RawSql", sql: ["SELECT 1"], description: "x" }]);
  await chain.generate("third", withColumns(events, "a", "b"));
  let kills = 0;
  for (;;) {
    const environment = await engine.newProject();
    const killed = await isKilled(chain.migrate(clickhouse, environment, killAt(kills + 1)));
    const again = await chain.migrate(clickhouse, environment);
    expect(again.state).toBe(killed ? "applied" : "already-applied");
    expect(await columnsOf(clickhouse, environment, "events")).toEqual(["id", "a", "b"]);
    const journal = await new JournalReader(clickhouse, environment.name).migrations();
    expect(journal.map(({ isApplied }) => isApplied)).toEqual([true, true, true]);
    if (!killed) break;
    kills += 1;
  }
  expect(kills).toBe(15);
});

test("a file that was edited after its statements were sent is refused", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  await chain.generate("first", events);
  const write = (last: string) =>
    chain.write("statements", [
      {
        kind: "RawSql",
        sql: [`INSERT INTO ${environment.database}.events VALUES (1)`, last],
        description: "x",
      },
    ]);
  const written = await write("SELECT nothing_like_this()");
  const broken = await chain.migrate(clickhouse, environment);
  expect(broken.state).toBe("unfinished");
  writeFileSync(
    chain.path(written),
    readFileSync(chain.path(written), "utf8").replace("nothing_like_this()", "1"),
  );
  expect(toldBy(await chain.migrate(clickhouse, environment))).toEqual([
    `reconcile/edited-begun-migration: ${written} was edited after a run of it had executed statements
-> bring the file back as it was, and run moose migrate again; if the database is as the edited file says, moose migrate --baseline ${written} records it`,
  ]);
  expect(appliedIds(await chain.baseline(clickhouse, environment, written))).toEqual([written]);
  expect(await chain.migrate(clickhouse, environment)).toEqual({ state: "already-applied" });
  expect(await clickhouse.rows(`SELECT count() AS n FROM ${environment.database}.events`)).toEqual([
    { n: "1" },
  ]);
});

test("a file that leaves the tables as they were is executed all the same", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  await chain.generate("first", events);
  const drop: MigrationOperation = {
    kind: "DropTableColumn",
    table: { database: "local", name: "events" },
    column: "a",
  };
  const insert = `INSERT INTO ${environment.database}.events (id, a) VALUES (1, 'x')`;
  const fill: MigrationOperation = { kind: "RawSql", sql: [insert], description: "fill" };
  const second = await chain.write("second", [addColumnA, fill, drop]);
  expect(appliedIds(await chain.migrate(clickhouse, environment))).toContain(second);
  expect(await chain.migrate(clickhouse, environment)).toEqual({ state: "already-applied" });
  expect(await clickhouse.rows(`SELECT * FROM ${environment.database}.events`)).toEqual([{ id: "1" }]);
});

test("of several that start at once each file is applied by one", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  const insert = `INSERT INTO ${environment.database}.events VALUES (1)`;
  const ids = [
    await chain.generate("first", events),
    await chain.write("second", [{ kind: "RawSql", sql: [insert], description: "one row" }]),
  ];
  const results = await Promise.all([1, 2, 3].map(() => chain.migrate(clickhouse, environment)));
  expect(results.flatMap(appliedIds).sort()).toEqual(ids);
  expect(results.map(({ state }) => state).sort()).toEqual(["already-applied", "already-applied", "applied"]);
  expect(await clickhouse.rows(`SELECT * FROM ${environment.database}.events`)).toEqual([{ id: "1" }]);
});

test("statements of which nothing is known are not taken for executed because the tables fit", async () => {
  const { clickhouse } = engine;
  const environment = await engine.newProject();
  const chain = new ChainProject();
  await chain.generate("first", events);
  await chain.migrate(clickhouse, environment);
  await clickhouse.command(`ALTER TABLE ${environment.database}.events ADD COLUMN a String AFTER id`);
  const second = await chain.write("second", [
    addColumnA,
    { kind: "RawSql", sql: ["SELECT 1"], description: "fill" },
  ]);
  expect(toldBy(await chain.migrate(clickhouse, environment))).toEqual([
    `reconcile/unseen-statements: the tables are as ${second} leaves them, but nothing tells whether its other statements were executed
-> if they were, moose migrate --baseline ${second} records it; if not, put the tables back as they were before`,
  ]);
});
