// What the server's log tells of a statement whose answer was lost. The embedded server has none: the test writes one.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { readQueryLog } from "../../runtime/clickhouse/query-log.js";
import { send } from "../../runtime/clickhouse/send.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { FaultProxy } from "./proxy.js";

let live: LiveEngine;
let proxy: FaultProxy;
let through: ClickHouse;

beforeAll(async () => {
  live = await startLive();
  proxy = await FaultProxy.start(live.url);
  through = await connect({ url: proxy.url, user: "default", password: "" });
});

afterAll(async () => {
  await through?.close();
  await proxy?.stop();
  await live?.stop();
});

interface Row {
  readonly type: string;
  readonly query_kind?: string;
  readonly exception_code?: number;
  readonly exception?: string;
}

/** Columns as the server's own log has them. */
const columns =
  "type Enum8('QueryStart' = 1, 'QueryFinish' = 2, 'ExceptionBeforeStart' = 3, 'ExceptionWhileProcessing' = 4), event_date Date DEFAULT today(), query_id String, is_initial_query UInt8 DEFAULT 1, query_kind LowCardinality(String), exception_code Int32, exception String";

async function log(queryId: string, rows: readonly Row[]): Promise<void> {
  await live.clickhouse.command(`CREATE TABLE IF NOT EXISTS system.query_log (${columns}) ENGINE = Memory`);
  await live.clickhouse.insert(
    "system.query_log",
    rows.map((row) => ({ query_id: `moose-3-${queryId}`, ...row })),
  );
}

const started: Row = { type: "QueryStart", query_kind: "Insert" };
const memory = {
  exception_code: 241,
  exception: "Code: 241. DB::Exception: Memory limit (version 26.7.2.1)",
};

/** The outcome of an INSERT whose answer was lost and of which the log says this. */
async function outcomeWith(rows: readonly Row[], sql = "INSERT INTO nowhere.t SELECT 1") {
  const queryId = uniqueName("q");
  await log(queryId, rows);
  proxy.inject(queryId, { kind: "reset-before" });
  return await send(through, { sql, queryId }, { deadlineMs: 10_000 });
}

test("where there is no log nothing is said", async () => {
  expect(await readQueryLog(live.clickhouse, "moose-1")).toBeUndefined();
});

test("a log that has nothing, or only the start, leaves it open", async () => {
  expect(await outcomeWith([])).toMatchObject({ state: "unknown", running: false });
  expect(await outcomeWith([started])).toMatchObject({ state: "unknown", running: false });
  const turnedAway = { type: "ExceptionBeforeStart", query_kind: "Insert", exception_code: 202 };
  expect(await outcomeWith([turnedAway])).toMatchObject({ state: "unknown", running: false });
});

test("what the log says is finished is done, under whatever prefix the id was sent", async () => {
  expect(await outcomeWith([started, { type: "QueryFinish", query_kind: "Insert" }])).toEqual({
    state: "done",
  });
});

test("an INSERT that never began is refused; one that broke off is unknown", async () => {
  const before = { type: "ExceptionBeforeStart", query_kind: "Insert", ...memory };
  expect(await outcomeWith([before])).toEqual({ state: "refused", code: 241, reason: expect.anything() });
  const during = { type: "ExceptionWhileProcessing", query_kind: "Insert", ...memory };
  expect(await outcomeWith([started, during])).toMatchObject({ state: "unknown", running: false });
});

test("a statement that runs before its start is logged is judged by its code", async () => {
  const alter = "ALTER TABLE nowhere.t ADD COLUMN c UInt8";
  const before = (code: number, text: string): Row => ({
    type: "ExceptionBeforeStart",
    query_kind: "Alter",
    exception_code: code,
    exception: `Code: ${code}. DB::Exception: ${text}`,
  });
  expect(await outcomeWith([before(15, "exists")], alter)).toMatchObject({ state: "already", code: 15 });
  expect(await outcomeWith([before(47, "no such")], alter)).toMatchObject({ state: "refused", code: 47 });
  expect(await outcomeWith([before(341, "unfinished")], alter)).toMatchObject({ state: "unknown" });
});
