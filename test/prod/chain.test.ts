// moose prod with a chain of migrations: the reviewed files are what it executes, and nothing else.

import { appendFileSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { MigrationOperation } from "../../src/format/operation.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { ChainProject } from "../migrate/chain-harness.js";
import { ProdFolder, type ProdProcess } from "./prod-process.js";

vi.setConfig({ testTimeout: 180_000 });

let engine: LiveEngine;
let project: ProdFolder;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());
afterEach(() => project.remove());

const events = (...names: readonly string[]) =>
  table("local", [column("id", "String"), ...names.map((name) => column(name, "String"))], {
    name: "events",
  });

function code(...names: readonly string[]): string {
  const fields = names.map((name) => `${name}: string;`).join(" ");
  return `import { OlapTable } from "@514labs/moose-lib";\ninterface Row { id: string; ${fields} }\nexport const events = new OlapTable<Row>("events", { orderByFields: ["id"] });\n`;
}

let database = "";
let url = "";
function open(chain: ChainProject, ...columns: readonly string[]): void {
  const name = uniqueName("chained");
  database = `${name}_db`;
  url = `${engine.url.replace("//", "//default:@")}/${database}`;
  project = new ProdFolder({
    "package.json": JSON.stringify({ name, type: "module" }),
    "moose.config.toml": '[migration_config]\nmode = "chain"\n',
    "app/index.ts": code(...columns),
  });
  take(chain);
}

/** The files of the chain as they are now. */
function take(chain: ChainProject): void {
  const folder = join(project.folder, "migrations");
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(chain.folder, "migrations"), folder, { recursive: true });
}

async function columns(): Promise<readonly string[]> {
  const rows = await engine.clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = {database:String} AND table = 'events' ORDER BY position",
    { database },
  );
  return rows.map(({ name }) => name);
}

async function stop(server: ProdProcess): Promise<void> {
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
}

/** Starts, and gives what it says when it is ready or has come to a stand. */
async function start(): Promise<{
  readonly server: ProdProcess;
  readonly phase: string;
  readonly codes: readonly string[];
  readonly texts: string;
}> {
  const server = await project.start(url);
  const settled = ["ready", "failed", "drifted", "blocked"];
  const { phase, diagnostics } = await server.until((status) => settled.includes(status.phase));
  return { server, phase, codes: diagnostics.map((one) => one.code), texts: JSON.stringify(diagnostics) };
}

test("files that the database has not seen are applied in order; with none left it is ready at once", async () => {
  const chain = new ChainProject();
  const ids = [await chain.generate("first", events()), await chain.generate("second", events("a"))];
  open(chain, "a");
  const first = await start();
  expect(first.phase).toBe("ready");
  expect((await first.server.get("/readyz")).status).toBe(200);
  expect(await columns()).toEqual(["id", "a"]);
  const applied = await history(first.server);
  expect(applied).toEqual([...ids].reverse());
  await stop(first.server);

  const again = await start();
  expect(again.phase).toBe("ready");
  expect(await history(again.server)).toEqual(applied);
  await stop(again.server);
});

/** Ids of the files that runs were about, the newest first. */
async function history(server: ProdProcess): Promise<readonly string[]> {
  const { body } = await server.get("/admin/history");
  const { runs } = body as { readonly runs: readonly { readonly migrationId: string }[] };
  return runs.map(({ migrationId }) => migrationId.slice(0, migrationId.lastIndexOf("@")));
}

test("a file that changes no table is executed too, once", async () => {
  const chain = new ChainProject();
  await chain.generate("first", events());
  const fill: MigrationOperation = {
    kind: "RawSql",
    description: "fill",
    sql: ["INSERT INTO events (id) VALUES ('filled')"],
  };
  open(chain);
  const first = await start();
  expect(first.phase).toBe("ready");
  await stop(first.server);
  await chain.write("fill", [{ ...fill, sql: [`INSERT INTO ${database}.events (id) VALUES ('filled')`] }]);
  take(chain);
  for (let n = 0; n < 2; n++) {
    const { server, phase } = await start();
    expect(phase).toBe("ready");
    await stop(server);
  }
  const rows = await engine.clickhouse.rows<{ id: string }>(`SELECT id FROM ${database}.events`);
  expect(rows).toEqual([{ id: "filled" }]);
});

test("a file that was edited after it was applied keeps the server from becoming ready", async () => {
  const chain = new ChainProject();
  const first = await chain.generate("first", events());
  open(chain);
  await stop((await start()).server);
  appendFileSync(chain.path(first), "# why not\n");
  await chain.generate("second", events("a"));
  project.write("app/index.ts", code("a"));
  take(chain);
  const { server, codes, texts } = await start();
  expect(codes).toEqual(["format/edited-migration"]);
  expect(texts).toContain(`${first} was edited after it was applied`);
  expect((await server.get("/readyz")).status).toBe(503);
  expect(await columns()).toEqual(["id"]);
  await stop(server);
});

test("two files with one parent are explained, and nothing is executed", async () => {
  const ours = new ChainProject();
  await ours.generate("first", events());
  const theirs = ours.branch();
  const [a, b] = [await ours.generate("a", events("a")), await theirs.generate("b", events("b"))];
  ours.merge(theirs);
  open(ours, "a", "b");
  const { server, phase, codes, texts } = await start();
  expect(phase).toBe("failed");
  expect(codes).toEqual(["format/forked-chain"]);
  expect(texts).toContain(a);
  expect(texts).toContain(b);
  expect(await columns()).toEqual([]);
  await stop(server);
});

test("code that is not what the chain leads to is named, and no file is executed", async () => {
  const chain = new ChainProject();
  await chain.generate("first", events());
  open(chain, "later");
  const { server, phase, codes, texts } = await start();
  expect(phase).toBe("drifted");
  expect(codes).toEqual(["reconcile/chain-behind"]);
  expect(texts).toContain("later");
  const { conditions } = await server.until(() => true);
  expect(conditions.Ready).toMatchObject({ status: "False", reason: "PlanDoesNotFit" });
  expect((await server.get("/readyz")).status).toBe(503);
  expect(await columns()).toEqual([]);
  await stop(server);
});
