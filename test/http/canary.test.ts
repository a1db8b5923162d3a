// Secrets are planted wherever they could come from; then everything that is served or logged is searched for them.

import { get } from "node:http";
import { expect, test } from "vitest";
import { adminToken, bearer, readToken, testServer } from "./harness.js";
import { events, routes } from "./routes.js";
import { blocked, operations } from "./statuses.js";

const canaries = {
  known: "canary-Known-8843",
  url: "canaryUrl5521",
  sql: "canarySql9921",
  bearer: "canaryBearer3305.77aa",
  password: "canaryPass1187",
};

const poison = [
  `cannot reach https://moose:${canaries.url}@clickhouse:8443/`,
  `CREATE USER x IDENTIFIED BY '${canaries.sql}'`,
  `Authorization: Bearer ${canaries.bearer}`,
  `password=${canaries.password}`,
  `the plain secret ${canaries.known}, and ${encodeURIComponent(canaries.known)}`,
].join("\n");

const poisoned = {
  ...blocked,
  conditions: {
    ...blocked.conditions,
    Ready: { ...blocked.conditions.Ready, message: poison },
  },
  unmanaged: [poison],
  diagnostics: [
    { code: "http/x", severity: "error", summary: poison, detail: poison, hint: poison },
  ] as const,
  drift: [{ address: "local.events", parts: [{ what: "settings", before: poison, after: poison }] }],
  plan: {
    id: "9f2c41d07ab35e88",
    basedOn: "x",
    operations: operations.map((one) => ({
      ...one,
      sql: [poison],
      undo: poison,
      error: poison,
      reason: poison,
    })),
  },
};

/** Each canary, and the tokens of the two who ask. */
const secrets = [...Object.values(canaries), adminToken.token, readToken.token];

function found(text: string): readonly string[] {
  return secrets.filter((secret) => text.includes(secret));
}

test("the search finds what it is to find", () => {
  expect(found(poison)).toEqual(Object.values(canaries));
});

test("no secret is in anything that is served or logged", async () => {
  const { app, port, logged } = testServer(poisoned, { secrets: [canaries.known] });
  port.history = async () => [
    {
      ...{
        runId: "r",
        migrationId: poison,
        who: poison,
        host: poison,
        toolVersion: "1",
        startedAt: "",
        endedAt: "",
      },
      durationMs: 1,
      done: 1,
      failed: 0,
      unknown: 0,
      error: poison,
    },
  ];
  port.infraMap = async () => ({
    tables: { t: { engine: poison, settings: { kafka_sasl_password: canaries.password } } },
  });
  port.realityCheck = async () => ({
    unmappedTables: [{ sql: poison }],
    missingTables: [poison],
    mismatchedTables: [],
  });
  port.integrateChanges = async () => ({ ok: false, problems: [poison] });
  port.planAgainst = async () => ({ ok: true, value: { olap_changes: [poison] } });
  let served = 0;
  for (const { method, request } of routes) {
    const answer = await app.inject({ method, ...request, headers: bearer(adminToken.token) });
    served += answer.body.length;
    expect([request.url, found(answer.body + JSON.stringify(answer.headers))]).toEqual([request.url, []]);
  }
  expect(served).toBeGreaterThan(10_000);
  port.failure = new Error(poison);
  for (const url of ["/admin/plan", `/admin/nowhere?token=${canaries.known}`]) {
    const answer = await app.inject({ url, headers: bearer(adminToken.token) });
    expect(found(answer.body)).toEqual([]);
  }
  await app.inject({ url: "/admin/status", headers: bearer(canaries.bearer) });
  expect(logged.length).toBeGreaterThan(20);
  expect(found(logged.join(""))).toEqual([]);
});

test("no secret is in an event", async () => {
  const { app } = testServer(poisoned, { secrets: [canaries.known] });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const text = await new Promise<string>((resolve, reject) => {
    const sent = get(`${url}${events.request.url}`, { headers: bearer(adminToken.token) }, (answer) => {
      answer.setEncoding("utf8").once("data", (part) => {
        sent.destroy();
        resolve(String(part));
      });
    });
    sent.on("error", reject);
  });
  await app.close();
  expect(text).toContain("[HIDDEN]");
  expect(found(text)).toEqual([]);
});

test("what is hidden does not take the answer apart", async () => {
  const { app } = testServer(poisoned, { secrets: [canaries.known] });
  const status = (await app.inject({ url: "/admin/status", headers: bearer(adminToken.token) })).json();
  expect(status.plan.operations).toHaveLength(operations.length);
  expect(status.unmanaged[0]).toContain("https://moose:[HIDDEN]@clickhouse:8443/");
});
