import type { FastifyInstance, InjectOptions } from "fastify";
import { expect, test } from "vitest";
import { makePlainToken } from "../../runtime/http/tokens.js";
import { adminToken, bearer, readToken, testServer } from "./harness.js";
import { events, type KnownRoute, registered, routes } from "./routes.js";
import { blocked } from "./statuses.js";

test("every route that is registered is tested here", async () => {
  const { app } = testServer(blocked);
  const found = registered(app);
  await app.ready();
  const tested = [...routes, events].map(({ method, route }) => `${method} ${route}`);
  expect([...new Set(found)].sort()).toEqual([...new Set(tested)].sort());
});

type TokenCase = readonly [
  name: string,
  headers: Record<string, string>,
  expected: (route: KnownRoute) => number,
];

const valid = (route: KnownRoute) => route.answers;
const unauthenticated = (route: KnownRoute) => (route.needs === "open" ? route.answers : 401);

const tokenCases: readonly TokenCase[] = [
  ["the admin token", bearer(adminToken.token), valid],
  ["the admin token after a lower-case scheme", { authorization: `bearer ${adminToken.token}` }, valid],
  ["the read token", bearer(readToken.token), (route) => (route.needs === "approve" ? 403 : route.answers)],
  ["no token", {}, unauthenticated],
  ["an unknown token", bearer(makePlainToken().token), unauthenticated],
  ["the hash in place of the token", bearer(adminToken.hash), unauthenticated],
  ["an empty token", { authorization: "Bearer " }, unauthenticated],
  ["another scheme", { authorization: `Basic ${adminToken.token}` }, unauthenticated],
  ["a token in another header", { "x-api-key": adminToken.token }, unauthenticated],
];

const limits = { invalidTokensPerMinute: 1_000 };

for (const [name, headers, expected] of tokenCases) {
  test.each(routes.map((route) => [`${route.method} ${route.request.url}`, route] as const))(
    `${name}: %s`,
    async (_, route) => {
      const { app } = testServer(blocked, { limits });
      const answer = await app.inject({ ...requestOf(route), headers });
      expect(answer.statusCode).toBe(expected(route));
      if (answer.statusCode >= 400 && answer.statusCode !== 503) expectProblem(answer);
      expect(answer.headers["cache-control"]).toMatch(/no-store|no-cache/);
    },
  );
}

function requestOf({ method, request }: KnownRoute): InjectOptions {
  return { method, ...request };
}

type InjectAnswer = Awaited<ReturnType<FastifyInstance["inject"]>>;

function expectProblem(answer: InjectAnswer): void {
  expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(answer.json()).toEqual({
    type: expect.stringMatching(/^urn:moose:http:[a-z-]+$/),
    title: expect.any(String),
    status: answer.statusCode,
    detail: expect.any(String),
    code: expect.stringMatching(/^http\/[a-z-]+$/),
    instance: expect.stringMatching(/^urn:moose:request:[0-9a-f-]{36}$/),
  });
}

test("a token in the address is none", async () => {
  const { app } = testServer(blocked);
  const answer = await app.inject(`/admin/status?token=${adminToken.token}`);
  expect(answer.statusCode).toBe(401);
});

test.each(routes.filter(({ needs }) => needs !== "open").map((route) => [route.request.url, route] as const))(
  "without a configured token %s is closed, and says how to open it",
  async (_, route) => {
    const { app } = testServer(blocked, { tokens: { admin: [], read: [] } });
    const answer = await app.inject({ ...requestOf(route), headers: bearer(adminToken.token) });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({
      code: "http/no-token-configured",
      detail: expect.stringContaining("moose generate hash-token"),
    });
  },
);

test("a 401 names the scheme, and a token that only reads is told so", async () => {
  const { app } = testServer(blocked);
  const none = await app.inject("/admin/status");
  expect(none.headers["www-authenticate"]).toBe('Bearer realm="moose"');
  const wrong = await app.inject({ url: "/admin/status", headers: bearer("wrong") });
  expect(wrong.headers["www-authenticate"]).toContain('error="invalid_token"');
  const weak = await app.inject({
    method: "POST",
    url: "/admin/reconcile",
    headers: bearer(readToken.token),
  });
  expect(weak.headers["www-authenticate"]).toContain('error="insufficient_scope"');
});

test("a body is not read before the token is known to be valid", async () => {
  const { app } = testServer(blocked);
  const headers = { "content-type": "application/json" };
  const answer = await app.inject({ method: "POST", url: "/admin/plan", headers, payload: "{ not JSON" });
  expect(answer.statusCode).toBe(401);
});

test("all routes are below the prefix, and none beside it", async () => {
  const { app, port } = testServer(blocked, { pathPrefix: "/analytics", limits });
  for (const route of routes) {
    port.show(blocked);
    const headers = bearer(adminToken.token);
    const request = requestOf(route);
    const inside = await app.inject({ ...request, headers, url: `/analytics${route.request.url}` });
    expect([route.request.url, inside.statusCode]).toEqual([route.request.url, route.answers]);
    if (inside.statusCode === 302) expect(inside.headers.location).toBe("/analytics/admin");
    const outside = await app.inject({ ...request, headers });
    expect(outside.statusCode).toBe(404);
  }
});

test("every route has a schema of what it answers, and stands in the OpenAPI document under its path", async () => {
  const { app } = testServer(blocked);
  const { paths, openapi, components } = (await app.inject("/openapi.json")).json();
  expect(openapi).toBe("3.1.0");
  expect(components.schemas.Status.required).toContain("conditions");
  for (const { method, route, needs, answers } of [...routes, events]) {
    if (answers === 302 || route === "/openapi.json") continue;
    const operation = paths[route.replace(":id", "{id}").replace(":file", "{file}")]?.[method.toLowerCase()];
    expect([route, operation?.responses]).toEqual([
      route,
      expect.objectContaining({ [answers]: expect.anything() }),
    ]);
    expect(operation.summary).toEqual(expect.any(String));
    if (needs !== "open") expect(operation.security).toEqual([{ bearer: [] }]);
  }
});
