// Named sessions, passwords, and who may send requests at all.

import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, pause, raw, startTestServer, type TestServer, uniqueName } from "./harness.js";

let server: TestServer;
let url: string;

beforeAll(async () => {
  server = await startTestServer();
  url = server.url;
});
afterAll(() => server.remove());

describe("sessions", () => {
  test("temporary tables, SET and USE last within a session, and only there", async () => {
    const session = { session_id: uniqueName("s") };
    await ask(url, "CREATE DATABASE elsewhere");
    await ask(url, "CREATE TEMPORARY TABLE tmp (a Int8)", session);
    await ask(url, "INSERT INTO tmp VALUES (1),(2)", session);
    await ask(url, "SET max_block_size=77", session);
    await ask(url, "USE elsewhere", session);
    const sql = "SELECT (SELECT count() FROM tmp), getSetting('max_block_size'), currentDatabase()";
    expect(await ask(url, sql, session)).toBe("2\t77\telsewhere");
    expect((await raw(url, { body: "SELECT count() FROM tmp" })).headers["x-clickhouse-exception-code"]).toBe(
      "60",
    );
    expect((await raw(url, { body: "SELECT * FROM tmp", params: { session_id: "other" } })).status).toBe(404);
  });

  test("the client's session_id works", async () => {
    const client = createClient({ url, session_id: uniqueName("s"), log: { level: ClickHouseLogLevel.OFF } });
    await client.command({ query: "CREATE TEMPORARY TABLE tmp2 (a Int8)" });
    await client.insert({ table: "tmp2", values: [{ a: 5 }], format: "JSONEachRow" });
    const rows = await client.query({ query: "SELECT a FROM tmp2", format: "JSONEachRow" });
    expect(await rows.json()).toEqual([{ a: 5 }]);
    await client.close();
  });

  test("settings and the database in the URL do not stick to a session", async () => {
    const session = { session_id: uniqueName("s") };
    await ask(url, "CREATE DATABASE visited");
    await ask(url, "SET max_threads=5", session);
    const sql = "SELECT getSetting('max_threads'), currentDatabase()";
    expect(await ask(url, sql, { ...session, max_threads: "7", database: "visited" })).toBe("7\tvisited");
    expect(await ask(url, sql, session)).toBe("5\tdefault");
  });

  test("a GET in a session is read-only, and the session stays writable", async () => {
    const session = { session_id: uniqueName("s") };
    const get = (query: string) => raw(url, { method: "GET", params: { ...session, query } });
    expect((await get("SELECT 1")).text).toBe("1\n");
    expect((await get("CREATE TEMPORARY TABLE x (a Int8)")).headers["x-clickhouse-exception-code"]).toBe(
      "164",
    );
    await ask(url, "CREATE TEMPORARY TABLE x (a Int8)", session);
  });

  test("a session in use is locked: code 373", async () => {
    const params = { session_id: uniqueName("s") };
    const first = raw(url, { body: "SELECT sleep(0.5)", params });
    await pause(150);
    expect((await raw(url, { body: "SELECT 1", params })).headers["x-clickhouse-exception-code"]).toBe("373");
    expect((await first).status).toBe(200);
    expect((await raw(url, { body: "SELECT 1", params })).status).toBe(200);
  });

  test("session_check asks for a session that exists: code 372", async () => {
    const params = { session_id: uniqueName("s"), session_check: "1" };
    expect((await raw(url, { body: "SELECT 1", params })).headers["x-clickhouse-exception-code"]).toBe("372");
  });

  test("a session ends after its timeout, and a timeout out of bounds is code 374", async () => {
    const session = { session_id: uniqueName("s"), session_timeout: "1" };
    await ask(url, "CREATE TEMPORARY TABLE brief (a Int8)", session);
    expect(await ask(url, "SELECT count() FROM brief", session)).toBe("0");
    await pause(1300);
    expect((await raw(url, { body: "SELECT count() FROM brief", params: session })).status).toBe(404);
    const wrong = await raw(url, { body: "SELECT 1", params: { ...session, session_timeout: "999999" } });
    expect(wrong.headers["x-clickhouse-exception-code"]).toBe("374");
  });
});

describe("access", () => {
  test("without a password, only user default is let in", async () => {
    const shape =
      /^Code: 516\. DB::Exception: bob: Authentication failed: password is incorrect, or there is no user with such name\..*\(AUTHENTICATION_FAILED\)/;
    const answer = await raw(url, { body: "SELECT 1", params: { user: "bob" } });
    expect(answer.status).toBe(403);
    expect(answer.text).toMatch(shape);
    expect((await raw(url, { body: "SELECT 1", params: { user: "default", password: "" } })).text).toBe(
      "1\n",
    );
  });

  test("a configured password is asked for, however it is given", async () => {
    const guarded = await startTestServer({ login: { user: "dev", password: "s3cret:é" } });
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
    const tries: readonly (readonly [Parameters<typeof raw>[1], number])[] = [
      [{}, 403],
      [{ params: { user: "dev", password: "wrong" } }, 403],
      [{ params: { user: "default", password: "s3cret:é" } }, 403],
      [{ params: { user: "dev", password: "s3cret:é" } }, 200],
      [{ headers: basic("dev:s3cret:é") }, 200],
      [{ headers: basic("dev:wrong") }, 403],
      [{ headers: { "x-clickhouse-user": "dev", "x-clickhouse-key": "wrong" } }, 403],
    ];
    for (const [request, status] of tries)
      expect([request, (await raw(guarded.url, { body: "SELECT 1", ...request })).status]).toEqual([
        request,
        status,
      ]);
    const client = createClient({ url: guarded.url, username: "dev", password: "s3cret:é" });
    const rows = await client.query({ query: "SELECT 1 AS a", format: "JSONEachRow" });
    expect(await rows.json()).toEqual([{ a: 1 }]);
    await client.close();
    await guarded.remove();
  });

  test.each([
    ["another site's page", { origin: "https://example.org" }, 403],
    ["a page without an origin", { origin: "null" }, 403],
    ["a name that was rebound to loopback", { host: "example.org:8123" }, 403],
    ["a page of this machine", { origin: "http://localhost:3000" }, 200],
  ])("%s is answered with %o: %d", async (_name, headers, status) => {
    expect((await raw(url, { body: "SELECT 1", headers })).status).toBe(status);
  });

  test.each([
    ["compress", "48"],
    ["decompress", "48"],
  ])("the native protocol's ?%s=1 is refused with code %s", async (name, code) => {
    const answer = await raw(url, { body: "SELECT 1", params: { [name]: "1" } });
    expect(answer.headers["x-clickhouse-exception-code"]).toBe(code);
  });
});
