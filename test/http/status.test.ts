import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { sharedSchemas } from "../../runtime/http/schemas.js";
import { nextCondition, operationStatus, phases } from "../../src/status/server-status.js";
import { adminToken, bearer, testServer } from "./harness.js";
import { blocked, ready, starting, withoutClickHouse } from "./statuses.js";

const headers = bearer(adminToken.token);

function validator(name: string) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { "date-time": true } });
  for (const [$id, schema] of Object.entries(sharedSchemas)) ajv.addSchema({ $id, ...schema });
  const validate = ajv.getSchema(name);
  if (validate === undefined) throw new Error(`there is no schema ${name}`);
  return (value: unknown) => (validate(value) === true ? [] : (validate.errors ?? []));
}

test.each(Object.entries({ ready, blocked, starting, withoutClickHouse }))(
  "the status %s is served whole, and as its schema says",
  async (_, status) => {
    const { app } = testServer(status);
    const answer = await app.inject({ url: "/admin/status", headers });
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(status)));
    expect(validator("Status")(answer.json())).toEqual([]);
  },
);

test("plan and history lose nothing on the way through their schemas", async () => {
  const { app, port } = testServer(blocked);
  const plan = (await app.inject({ url: "/admin/plan", headers })).json();
  expect(plan).toEqual(JSON.parse(JSON.stringify(await port.plan())));
  expect(validator("PlanView")(plan)).toEqual([]);
  const { runs } = (await app.inject({ url: "/admin/history", headers })).json();
  expect(runs).toEqual(JSON.parse(JSON.stringify(await port.history(50))));
});

test("who has the status already is told that it is the same, until it is another", async () => {
  const { app, port } = testServer(ready);
  const first = await app.inject({ url: "/admin/status", headers });
  const etag = String(first.headers.etag);
  const again = () => app.inject({ url: "/admin/status", headers: { ...headers, "if-none-match": etag } });
  expect([(await again()).statusCode, (await again()).body]).toEqual([304, ""]);
  port.show(blocked);
  expect((await again()).statusCode).toBe(200);
});

test("the messages of a stream are told with their readers, or why they are not known", async () => {
  const { app } = testServer(ready);
  const { resources } = (await app.inject({ url: "/admin/status", headers })).json();
  const messages = new Map(
    resources.map((one: (typeof ready.resources)[number]) => [one.address, one.messages]),
  );
  expect(messages.get("events")).toEqual({
    count: 40_112,
    groups: [
      { id: "billing", state: "STABLE", lag: 0 },
      { id: "reporting", state: "EMPTY", lag: 1_204 },
    ],
  });
  expect(messages.get("clicks")).toEqual({ missing: "Nothing answers at kafka:9092." });
  expect(messages.get("local.events")).toBe(undefined);
  const openApi = (await app.inject("/openapi.json")).json();
  expect(Object.keys(openApi.components.schemas.StreamMessages.properties)).toEqual([
    "count",
    "groups",
    "missing",
  ]);
});

test("a condition keeps its time as long as its status is the same", () => {
  const now = { status: "False", reason: "Starting", message: "", at: "2026-01-01T00:00:00Z" } as const;
  const first = nextCondition(undefined, now);
  const second = nextCondition(first, { ...now, reason: "Planning", at: "2026-01-01T00:01:00Z" });
  expect(second).toEqual({ status: "False", reason: "Planning", message: "", since: now.at });
  expect(nextCondition(second, { ...now, status: "True", at: "2026-01-01T00:02:00Z" }).since).toBe(
    "2026-01-01T00:02:00Z",
  );
});

test("health is told to all, and names no table", async () => {
  for (const status of [ready, blocked, starting, withoutClickHouse]) {
    const { app } = testServer(status);
    for (const url of [
      "/livez",
      "/readyz",
      "/readyz?verbose",
      "/startupz",
      "/health",
      "/ready",
      "/liveness",
    ]) {
      const answer = await app.inject(url);
      expect(answer.body).not.toMatch(/local\.|orders|users|shop/);
      expect([200, 503]).toContain(answer.statusCode);
    }
  }
});

const health: readonly (readonly [string, typeof ready, Readonly<Record<string, number>>])[] = [
  ["ready", ready, { "/livez": 200, "/readyz": 200, "/startupz": 200, "/health": 200, "/ready": 200 }],
  ["blocked", blocked, { "/livez": 200, "/readyz": 503, "/startupz": 200, "/health": 200, "/ready": 503 }],
  ["starting", starting, { "/livez": 200, "/readyz": 503, "/startupz": 503, "/health": 503, "/ready": 503 }],
  [
    "without ClickHouse",
    withoutClickHouse,
    { "/livez": 200, "/readyz": 503, "/startupz": 200, "/health": 503, "/ready": 503 },
  ],
];

test.each(health)("the probes while %s", async (_, status, expected) => {
  const { app } = testServer(status);
  for (const [url, code] of Object.entries(expected))
    expect([url, (await app.inject(url)).statusCode]).toEqual([url, code]);
});

test("readyz tells each check when asked to", async () => {
  const { app, port } = testServer(withoutClickHouse);
  const answer = await app.inject("/readyz?verbose");
  expect(answer.json()).toMatchObject({
    code: "http/not-ready",
    reason: "ClickHouseUnreachable",
    phase: "waiting-for-clickhouse",
    checks: [
      { name: "clickhouse", ok: false, reason: "ClickHouseUnreachable" },
      { name: "kafka", ok: true, reason: "AsDesired" },
      { name: "schema", ok: false, reason: "ClickHouseUnreachable" },
    ],
  });
  port.show(ready);
  expect((await app.inject("/readyz?verbose")).json().checks).toHaveLength(3);
  expect((await app.inject("/readyz")).json()).toEqual({ status: "ok" });
});

test("the existing tool's health names what is up and what is not", async () => {
  const { app } = testServer(withoutClickHouse);
  expect((await app.inject("/health")).json()).toEqual({ healthy: ["Redpanda"], unhealthy: ["ClickHouse"] });
  expect((await app.inject("/ready")).json()).toEqual({
    healthy: ["Redpanda"],
    unhealthy: ["ClickHouse", "Schema"],
  });
});

test("an operation that was just judged waits, or is blocked", () => {
  const operation = {
    id: "1",
    kind: "AddTableColumn",
    address: "local.events",
    cause: "",
    reason: "added in code",
    cost: "metadata",
    destructive: false,
    table: { lifeCycle: "FULLY_MANAGED" },
    stake: { rows: 2, bytes: 3 },
    steps: [{ sql: "ALTER", mutation: false }],
    undo: undefined,
    column: { name: "country" },
  } as unknown as Parameters<typeof operationStatus>[0]["operation"];
  const verdict = { decision: "blocked", code: "still-in-use", reason: "r", unblock: "u" } as const;
  expect(operationStatus({ operation, verdict: { decision: "apply" } })).toMatchObject({
    state: "pending",
    part: "country",
    rows: 2,
    bytes: 3,
    sql: ["ALTER"],
  });
  expect(operationStatus({ operation, verdict }).state).toBe("blocked");
  expect(operationStatus({ operation, verdict }, { state: "failed", error: "no" })).toMatchObject({
    state: "failed",
    error: "no",
  });
  expect(phases).toContain("waiting-for-lock");
});
