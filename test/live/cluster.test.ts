// One host or several, as the server shows it.

import { afterAll, beforeAll, expect, test } from "vitest";
import { readTopology, refuseToApply, type Topology } from "../../runtime/clickhouse/cluster.js";
import {
  beatInKeeper,
  claimInKeeper,
  countRunningInCluster,
  createKeeperTable,
  forgetOldBeats,
  forgetOldClaims,
  isNewestInKeeper,
  killInCluster,
  lookAtClaim,
} from "../../src/apply/keeper-lock.js";
import { type LiveEngine, startLive } from "./live-engine.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const single: Topology = { hosts: ["a"], clusters: [], sharedDatabases: [], hasKeeper: false };

test("a single server is applied to", async () => {
  const topology = await readTopology(engine.clickhouse);
  expect(topology).toEqual({
    hosts: [expect.any(String)],
    clusters: [],
    sharedDatabases: [],
    hasKeeper: false,
  });
  expect(refuseToApply(topology)).toBeUndefined();
});

test.each<[string, Partial<Topology>, string]>([
  ["two hosts behind one address", { hosts: ["a", "b"] }, "requests were answered by a, b"],
  ["a cluster", { clusters: ["main"] }, "it is in the cluster main"],
  [
    "a database on several hosts",
    { sharedDatabases: [{ name: "app", engine: "Replicated" }] },
    "the database app has the engine Replicated",
  ],
])("%s is planned for, not applied to", (_, seen, detail) => {
  expect(refuseToApply({ ...single, ...seen })).toMatchObject({ code: "clickhouse/several-hosts", detail });
});

test("the engine can at least read the statements of the lock over Keeper", async () => {
  const lock = { project: "app", database: "d", cluster: "main" };
  const statements = [
    createKeeperTable(lock),
    claimInKeeper(lock, 8, "it's me"),
    lookAtClaim(lock),
    isNewestInKeeper(lock, 8),
    beatInKeeper(lock, 8, { seq: 1, owner: "me", state: "held" }),
    countRunningInCluster(lock, 8),
    killInCluster(lock, 8),
    forgetOldBeats(lock, 8, 1),
    forgetOldClaims(lock, 30) ?? "",
  ];
  for (const sql of statements) {
    // The data of an INSERT are not part of what is parsed.
    const [head = ""] = sql.split(" VALUES ");
    const text = head === sql ? sql : `${head} VALUES`;
    const rows = await engine.clickhouse.rows<{ ok: number }>(
      "SELECT formatQuerySingleLineOrNull({sql:String}) IS NOT NULL AS ok",
      { sql: text },
    );
    expect(rows, sql).toEqual([{ ok: 1 }]);
  }
});
