// The admin routes and the page of moose dev: they follow each save, and trust nobody but who sits at the machine.

import { createServer, request as httpRequest } from "node:http";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { ServerStatus } from "../../src/status/server-status.js";
import { Moose, startNow } from "../dev/moose.js";
import { anyPort, Project } from "../dev/project.js";
import { until } from "../dev/wait.js";

const fields = (text: string) => `import { OlapTable } from "@514labs/moose-lib";
interface Row { id: string; ${text} }
export const events = new OlapTable<Row>("events", { orderByFields: ["id"] });
`;

let moose: Moose;
let url = "";
beforeAll(async () => {
  moose = startNow(new Project({ "app/index.ts": fields("n: number") }));
  await moose.ready();
  url = new URL(await moose.pageUrl()).origin;
});
afterAll(() => moose.remove());

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** With headers as no browser would let a page set them. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  const { method = "GET", headers = {}, body } = options;
  return new Promise<Answer>((resolve, reject) => {
    const sent = httpRequest(url + path, { method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: text }));
    });
    sent.on("error", reject).end(body);
  });
}

async function statusOf(): Promise<ServerStatus> {
  return JSON.parse((await ask("/admin/status")).body);
}

async function reaches(isSo: (status: ServerStatus) => boolean): Promise<ServerStatus> {
  let last: ServerStatus | undefined;
  return until(
    async () => {
      last = await statusOf();
      return isSo(last) && last;
    },
    30_000,
    () => `still ${JSON.stringify(last)}`,
  );
}

test("after the start the status says what was done, and that all is in line", async () => {
  const status = await reaches(({ phase }) => phase === "ready");
  expect(status).toMatchObject({
    mode: "dev",
    generation: 1,
    observedGeneration: 1,
    conditions: { Ready: { status: "True" }, Blocked: { status: "False" } },
    plan: { operations: [{ kind: "CreateTable", address: "local.events", state: "applied" }] },
    resources: [{ address: "local.events", kind: "table", state: "in-sync" }],
    lock: { isOurs: true },
    diagnostics: [],
  });
  expect((await ask("/readyz")).status).toBe(200);
  for (const path of ["/admin/plan", "/admin/history", "/admin/inframap", "/admin/reality-check", "/metrics"])
    expect([path, (await ask(path)).status]).toEqual([path, 200]);
});

test("each save is seen by those who follow, as it happens", async () => {
  const ends = new AbortController();
  onTestFinished(() => ends.abort());
  const answer = await fetch(`${url}/admin/events`, { signal: ends.signal });
  let seen = "";
  void (async () => {
    for await (const part of answer.body ?? []) seen += Buffer.from(part).toString("utf8");
  })().catch(() => undefined);
  await until(
    () => seen.includes("event: status"),
    10_000,
    () => seen,
  );
  seen = "";
  await moose.save({ "app/index.ts": fields("n: number; country: string") });
  await until(
    () => /"kind":"AddTableColumn","address":"local.events","part":"country".*"state":"applied"/.test(seen),
    10_000,
    () => seen,
  );
  expect((await reaches(({ phase }) => phase === "ready")).generation).toBeGreaterThan(1);
});

test("code that does not compile is shown with its place, and gone when it is mended", async () => {
  await moose.save({
    "app/index.ts": `${fields("n: number; country: string")}export const a: string = 1;\n`,
  });
  const broken = await reaches(({ phase }) => phase === "failed");
  expect(broken.conditions.Ready).toMatchObject({ status: "False", reason: "CodeDoesNotLoad" });
  expect(broken.diagnostics[0]?.place).toMatchObject({ file: "app/index.ts", line: 4 });
  expect(broken.resources).toMatchObject([{ address: "local.events", state: "in-sync" }]);
  expect((await ask("/readyz")).status).toBe(503);
  moose.project.save({ "app/index.ts": fields("n: number; country: string") });
  expect((await reaches(({ phase }) => phase === "ready")).diagnostics).toEqual([]);
});

test("an existing table waits for somebody's word; approved, it is taken over and changed", async () => {
  await moose.command("CREATE TABLE local.old (id String) ENGINE = MergeTree ORDER BY id");
  await moose.insert("local.old", [{ id: "kept" }]);
  const both = `${fields("n: number; country: string")}interface Old { id: string; more: string }
export const old = new OlapTable<Old>("old", { orderByFields: ["id"] });\n`;
  await moose.save({ "app/index.ts": both });
  const blocked = await reaches(({ phase }) => phase === "blocked");
  expect(blocked.conditions.Blocked).toMatchObject({ status: "True", reason: "NeedsApproval" });
  const operation = blocked.plan?.operations.find(({ address }) => address === "local.old");
  expect(operation).toMatchObject({ state: "blocked", verdict: { decision: "needs-approval" } });
  const decide = async (what: string, plan: string | undefined, on = operation?.id) =>
    (
      await ask(`/admin/plan/${plan}/${what}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ operation: on }),
      })
    ).status;
  expect(await decide("approve", "0000000000000000")).toBe(404);
  expect(await decide("approve", blocked.plan?.id, "no-such")).toBe(404);
  expect(await decide("reject", blocked.plan?.id)).toBe(200);
  const rejected = await reaches(({ plan }) => JSON.stringify(plan).includes("has rejected"));
  expect(await decide("approve", blocked.plan?.id)).toBe(409);
  expect(await decide("approve", rejected.plan?.id)).toBe(200);
  await reaches(({ phase }) => phase === "ready");
  expect(await moose.rows("SELECT * FROM local.old")).toEqual([{ id: "kept", more: "" }]);
  expect(moose.stdout).toContain("approved on the status page: local.old is taken over");
});

test.each([
  ["a name that leads to this machine", { host: "evil.example" }],
  ["a page of another site", { origin: "https://evil.example" }],
  ["a page of another port", { origin: "http://localhost:1" }],
  ["a link of another site", { "sec-fetch-site": "cross-site" }],
  ["a page that is no site", { origin: "null" }],
  ["a proxy", { "x-forwarded-for": "203.0.113.9" }],
  ["nobody that is known", { authorization: "Bearer deadbeef.00", host: "evil.example" }],
])("through %s nothing is read and nothing is decided", async (_, headers) => {
  expect((await ask("/admin/status", { headers })).status).toBe(401);
  expect((await ask("/admin/reconcile", { method: "POST", headers })).status).toBe(401);
});

test("no other site may read an answer", async () => {
  const answer = await fetch(`${url}/admin/status`);
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  const own = { origin: url, "sec-fetch-site": "same-origin" };
  expect((await ask("/admin/reconcile", { method: "POST", headers: own })).status).toBe(202);
  expect((await ask("/admin/status", { headers: { host: `localhost:${new URL(url).port}` } })).status).toBe(
    200,
  );
});

test("where the port is taken that is said, and the rest goes on; another port in the settings brings the page", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await until(
    () => other.listening,
    5_000,
    () => "it does not listen",
  );
  const address = other.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const second = await Moose.start(
    {
      "app/index.ts": fields("n: number"),
      "moose.config.toml": `${anyPort}[http_server_config]\nport = ${port}\n`,
    },
    { env: { MOOSE_HTTP_SERVER_CONFIG__PORT: undefined } },
  );
  const text = await second.line(/^ {4}choose another port.*$/m);
  expect(text).toContain("warning: there is no status page: moose cannot listen on");
  expect(await second.save({ "app/index.ts": fields("n: number; m: number") })).toContain("+ m Float64");
  second.project.save({ "moose.config.toml": `${anyPort}[http_server_config]\nport = 0\n` });
  expect(await second.pageUrl()).toMatch(/^http:\/\/(localhost|127\.0\.0\.1):\d+\/admin$/);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
});
