import { expect, test } from "vitest";
import { adminToken, bearer, testServer } from "./harness.js";
import { planId } from "./routes.js";
import { blocked, ready } from "./statuses.js";

const headers = bearer(adminToken.token);

function decide(server: ReturnType<typeof testServer>, url: string, payload?: object) {
  return server.app.inject({ method: "POST", url, headers, ...(payload === undefined ? {} : { payload }) });
}

test("an approval reaches the port with the operation and who gave it", async () => {
  const server = testServer(blocked);
  const answer = await decide(server, `/admin/plan/${planId}/approve`, { operation: "3", by: "anna" });
  expect(answer.json()).toEqual({ status: "approved", plan: planId, operation: "3" });
  const by = `anna (token ${adminToken.hash.slice(0, 8)})`;
  expect(server.port.decided).toEqual([{ what: "approve", planId, operationId: "3", by }]);
});

test("without a body, everything that waits is meant", async () => {
  const server = testServer(blocked);
  const answer = await decide(server, `/admin/plan/${planId}/reject`);
  expect(answer.json()).toEqual({ status: "rejected", plan: planId });
  const by = `token ${adminToken.hash.slice(0, 8)}`;
  expect(server.port.decided).toEqual([{ what: "reject", planId, operationId: undefined, by }]);
});

test("after an approval the status shows it", async () => {
  const server = testServer(blocked);
  await decide(server, `/admin/plan/${planId}/approve`, { operation: "3" });
  const { plan } = (await server.app.inject({ url: "/admin/status", headers })).json();
  expect(plan.operations[2]).toMatchObject({ state: "running", verdict: { decision: "approved" } });
});

test.each([
  [
    "a plan that has changed since",
    "/admin/plan/older/approve",
    { operation: "3" },
    409,
    "http/plan-changed",
  ],
  ["a plan that never was", "/admin/plan/other/approve", { operation: "3" }, 404, "http/unknown-plan"],
  [
    "an operation that does not wait",
    `/admin/plan/${planId}/approve`,
    { operation: "1" },
    404,
    "http/unknown-operation",
  ],
  [
    "an operation of another type",
    `/admin/plan/${planId}/approve`,
    { operation: { a: 1 } },
    400,
    "http/bad-request",
  ],
  [
    "a body with more than is known",
    `/admin/plan/${planId}/approve`,
    { force: true },
    400,
    "http/bad-request",
  ],
  ["a name without an end", `/admin/plan/${planId}/reject`, { by: "x".repeat(300) }, 400, "http/bad-request"],
])("%s is refused, and nothing is decided", async (_, url, payload, status, code) => {
  const server = testServer(blocked);
  const answer = await decide(server, url, payload);
  expect(answer.statusCode).toBe(status);
  expect(answer.json().code).toBe(code);
  expect(server.port.decided).toEqual([]);
});

test("a round can be asked for", async () => {
  const server = testServer(ready);
  const answer = await decide(server, "/admin/reconcile", {});
  expect(answer.json()).toEqual({ status: "accepted" });
  expect(server.port.rounds).toBe(1);
});

test("the existing tool's routes answer in its shapes", async () => {
  const server = testServer(blocked);
  const get = async (url: string) => (await server.app.inject({ url, headers })).json();
  expect(await get("/admin/inframap")).toEqual({
    status: "success",
    infra_map: { default_database: "local", tables: {} },
  });
  expect(await get("/admin/reality-check")).toMatchObject({
    status: "success",
    discrepancies: {
      unmapped_tables: [{ name: "tmp" }],
      missing_tables: ["gone"],
      mismatched_tables: [],
      unmapped_views: [],
    },
  });
  const planned = await decide(server, "/admin/plan", { infra_map: { tables: {} } });
  expect(planned.json()).toEqual({
    status: "success",
    changes: { olap_changes: [], filtered_olap_changes: [] },
  });
  const taken = await decide(server, "/admin/integrate-changes", { tables: ["events"] });
  expect(taken.json()).toEqual({
    status: "success",
    message: "1 table was taken",
    updated_tables: ["events"],
  });
  expect(server.port.integrated).toEqual(["events"]);
});

test("an InfraMap that cannot be read and tables that do not differ are the asker's mistake", async () => {
  const server = testServer(blocked);
  const map = await decide(server, "/admin/plan", { infra_map: { no: 1 } });
  expect([map.statusCode, map.json().code, map.json().detail]).toEqual([
    400,
    "http/unreadable-infra-map",
    "tables: is missing",
  ]);
  const none = await decide(server, "/admin/integrate-changes", { tables: ["other"] });
  expect([none.statusCode, none.json().code]).toEqual([400, "http/nothing-to-integrate"]);
});

test.each(["0", "1001", "x", "-1", "1.5"])("a history of %s entries is refused", async (limit) => {
  const { app } = testServer(ready);
  expect((await app.inject({ url: `/admin/history?limit=${limit}`, headers })).statusCode).toBe(400);
});
