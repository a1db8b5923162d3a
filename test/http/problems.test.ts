import { expect, test } from "vitest";
import { DiagnosticError } from "../../src/diagnostic.js";
import { adminToken, bearer, testServer } from "./harness.js";
import { blocked } from "./statuses.js";

const headers = bearer(adminToken.token);
const json = { ...headers, "content-type": "application/json" };

const asksTheDatabase = ["/admin/plan", "/admin/history", "/admin/inframap", "/admin/reality-check"];

test.each(asksTheDatabase)(
  "a fault behind %s is a 500 that tells nothing of it, and is logged",
  async (url) => {
    const { app, port, logged } = testServer(blocked);
    port.failure = new Error("the secret of /etc/moose.ts:12");
    const answer = await app.inject({ url, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([500, "http/fault"]);
    expect(answer.body).not.toMatch(/secret of|\.ts|at /);
    const { instance } = answer.json();
    const line = logged.map((text) => JSON.parse(text)).find(({ msg }) => msg === "a request failed");
    expect(line.err.message).toBe("the secret of /etc/moose.ts:12");
    expect(instance).toBe(`urn:moose:request:${line.reqId}`);
  },
);

test.each(asksTheDatabase)("while ClickHouse is away %s is a 503 that says so", async (url) => {
  const { app, port } = testServer(blocked);
  const lost = { code: "cli/lost-server", severity: "error", summary: "ClickHouse does not answer" } as const;
  port.failure = new DiagnosticError([lost]);
  const answer = await app.inject({ url, headers });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers["retry-after"]).toBe("5");
  expect(answer.json()).toMatchObject({
    code: "http/not-available-now",
    detail: "ClickHouse does not answer",
    diagnostics: [lost],
  });
});

const url = "/admin/plan";

test.each([
  ["no JSON", { payload: "{ not JSON", headers: json }, 400],
  ["an empty body", { payload: "", headers: json }, 400],
  ["a list", { payload: "[]", headers: json }, 400],
  ["another property", { payload: "{}", headers: json }, 400],
  ["a map that is a text", { payload: '{"infra_map":"x"}', headers: json }, 400],
  ["a poisoned prototype", { payload: '{"infra_map":{"__proto__":{"a":1}}}', headers: json }, 400],
  [
    "a poisoned constructor",
    { payload: '{"infra_map":{"constructor":{"prototype":{}}}}', headers: json },
    400,
  ],
  [
    "a form",
    { payload: "a=1", headers: { ...headers, "content-type": "application/x-www-form-urlencoded" } },
    415,
  ],
  ["no media type", { payload: "{}", headers: { ...headers, "content-type": "" } }, 415],
])("a plan for %s is refused as a problem", async (_, request, status) => {
  const { app } = testServer(blocked);
  const answer = await app.inject({ method: "POST", url, ...request });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(answer.json()).toMatchObject({ status, code: expect.stringMatching(/^http\//) });
});

test("a body over the limit of its route is refused", async () => {
  const { app } = testServer(blocked, { maxBodyBytes: 100_000 });
  const map = { infra_map: { tables: {}, text: "x".repeat(80_000) } };
  expect((await app.inject({ method: "POST", url, headers, payload: map })).statusCode).toBe(200);
  const larger = { infra_map: { tables: {}, text: "x".repeat(120_000) } };
  const refused = await app.inject({ method: "POST", url, headers, payload: larger });
  expect([refused.statusCode, refused.json().code]).toEqual([413, "http/body-too-large"]);
  const small = {
    method: "POST",
    url: "/admin/integrate-changes",
    headers,
    payload: { tables: ["x".repeat(80_000)] },
  } as const;
  expect((await app.inject(small)).statusCode).toBe(413);
});

test.each([
  ["GET", "/nowhere"],
  ["GET", "/admin/nowhere"],
  ["DELETE", "/admin/status"],
  ["POST", "/admin/status"],
  ["GET", "/admin/plan/x/approve"],
  ["GET", "/%2e%2e/admin/page/../../app.ts"],
  ["GET", "/admin/page/copy.mjs"],
  ["GET", "/admin/page/..%2f..%2fapp.ts"],
  ["GET", "/admin/page/__proto__"],
] as const)("%s %s is no route, which is a problem too", async (method, path) => {
  const { app } = testServer(blocked);
  const answer = await app.inject({ method, url: path, headers });
  expect(answer.statusCode).toBe(404);
  expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
});

test("an answer that takes too long is given up, and the server goes on", async () => {
  const { app, port } = testServer(blocked, { limits: { handlerTimeoutMs: 50 } });
  port.history = () => new Promise(() => undefined);
  const answer = await app.inject({ url: "/admin/history", headers });
  expect([answer.statusCode, answer.json().code]).toEqual([503, "http/took-too-long"]);
  expect((await app.inject("/livez")).statusCode).toBe(200);
});
