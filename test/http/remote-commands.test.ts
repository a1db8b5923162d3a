import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hashTokenText } from "../../runtime/cli/hash-token-command.js";
import { TokenCheck } from "../../runtime/http/tokens.js";
import { diff } from "../../src/diff/diff.js";
import { writeInfraChanges } from "../../src/format/infra-changes.js";
import { readInfraMap } from "../../src/format/inframap-json.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { moose, projectOf } from "../migrate/moose-once.js";
import { adminToken, readToken, testServer } from "./harness.js";
import { ready } from "./statuses.js";

const code = `
import { OlapTable } from "@514labs/moose-lib";
interface Event { id: string; at: Date; }
export const events = new OlapTable<Event>("events", { orderByFields: ["id"] });
`;

const project = () => projectOf({ "app/index.ts": code });

/** A server that manages what it is given, at first nothing, and compares as a real one does. */
async function server() {
  const { app, port } = testServer(ready);
  let managed: unknown;
  const current = () => (managed === undefined ? emptyInfraMap : readInfraMap(managed).map);
  port.infraMap = async () => managed ?? { default_database: "local", tables: {} };
  port.planAgainst = async (value) => {
    const { map, problems } = readInfraMap(value);
    if (problems.length > 0) return { ok: false, problems: problems.map(({ summary }) => summary) };
    return { ok: true, value: writeInfraChanges(diff(current(), map), [], "local") };
  };
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  const manage = (map: unknown) => {
    managed = map;
  };
  return { url, port, manage };
}

const token = ["--token", adminToken.token];

test("moose plan --url shows what the server would have to do, exits 2, and 0 when there is nothing", async () => {
  const { url, manage } = await server();
  const own = project();
  const shown = await moose(own, "plan", "--url", url, ...token);
  expect(shown).toMatchObject({ code: 2, text: expect.stringContaining("+ table events") });
  const json = await moose(own, "plan", "--url", url, ...token, "--json");
  const { target_infra_map, changes } = JSON.parse(json.text);
  expect(json.code).toBe(2);
  expect(changes.olap_changes[0].Table.Added.name).toBe("events");
  manage(target_infra_map);
  expect(await moose(own, "plan", "--url", url, ...token)).toMatchObject({
    code: 0,
    text: expect.stringContaining("nothing to do"),
  });
}, 120_000);

test("moose generate migration --url --save writes a plan from what the server manages", async () => {
  const { url, manage } = await server();
  const own = project();
  const saved = await moose(own, "generate", "migration", "--url", url, ...token, "--save");
  expect(saved).toMatchObject({ code: 0, text: expect.stringContaining("written: migrations/plan.yaml") });
  const file = (name: string) => readFileSync(join(own.folder, "migrations", name), "utf8");
  expect(file("plan.yaml")).toContain("CreateTable");
  expect(JSON.parse(file("remote_state.json")).tables).toEqual({});
  manage(JSON.parse(file("local_infra_map.json")));
  const again = await moose(own, "generate", "migration", "--url", url, ...token, "--save");
  expect(again).toMatchObject({ code: 0, text: expect.stringContaining("nothing to do") });
}, 120_000);

test("without --save the plan is printed and no file is written", async () => {
  const { url } = await server();
  const own = project();
  const printed = await moose(own, "generate", "migration", "--url", url, ...token);
  expect(printed).toMatchObject({ code: 0, text: expect.stringContaining("CreateTable") });
  expect(existsSync(join(own.folder, "migrations"))).toBe(false);
}, 120_000);

test("moose refresh takes what differs, or the tables that are named", async () => {
  const { url, port } = await server();
  const refreshed = await moose(project(), "refresh", "--url", url, ...token, "--table", "events");
  expect(refreshed).toMatchObject({ code: 0, text: expect.stringContaining("1 table was taken") });
  expect(port.integrated).toEqual(["events"]);
  port.realityCheck = async () => ({ unmappedTables: [], missingTables: [], mismatchedTables: [] });
  expect((await moose(project(), "refresh", "--url", url, ...token)).text).toContain("nothing to do");
}, 120_000);

test("without a token, with a wrong one and with one that only reads, the command says what to do", async () => {
  const { url } = await server();
  const without = await moose(project(), "plan", "--url", url);
  expect(without).toMatchObject({ code: 1, text: expect.stringContaining("MOOSE_ADMIN_TOKEN") });
  const wrong = await moose(project(), "plan", "--url", url, "--token", "a-wrong-token-4711");
  expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining("answered 401") });
  expect(wrong.text).not.toContain("a-wrong-token-4711");
  const reads = await moose(
    project(),
    "refresh",
    "--url",
    url,
    "--token",
    readToken.token,
    "--table",
    "events",
  );
  expect(reads).toMatchObject({ code: 1, text: expect.stringContaining("answered 403") });
}, 120_000);

test("moose generate hash-token makes a token and the hash that lets it in", () => {
  const pick = (text: string, name: string) => new RegExp(`${name}[^:]*: +(\\S+)`).exec(text)?.[1] ?? "";
  const text = hashTokenText({});
  const { check } = checkOf(pick(text, "API key hash"));
  expect(check(pick(text, "Bearer token"))?.right).toBe("approve");
  for (const plain of [false, true]) {
    const made = JSON.parse(hashTokenText({ json: true, plain }));
    expect(checkOf(made.hash).check(made.token)?.right).toBe("approve");
    expect(made.hash).toHaveLength(plain ? 64 : 40);
  }
});

function checkOf(hash: string) {
  const tokens = new TokenCheck({ admin: [hash], read: [] });
  return { check: (made: string) => tokens.check(made) };
}
