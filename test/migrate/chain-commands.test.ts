// The commands on a chain, as a team uses them: most of it without any database.

import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { anyPort, type Project } from "../dev/project.js";
import { until } from "../dev/wait.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { Command, moose, projectOf } from "./moose-once.js";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const config = `${anyPort}[migration_config]\nmode = "chain"\n`;
const code = (fields: string, more = "") => `import { LifeCycle, OlapTable } from "@514labs/moose-lib";
interface Row { id: string; ${fields} }
export const events = new OlapTable<Row>("events", { lifeCycle: LifeCycle.FULLY_MANAGED, orderByFields: ["id"]${more} });
`;
const chainProject = (name: string, fields: string) =>
  projectOf({
    "package.json": `{ "name": "${name}", "type": "module" }`,
    "moose.config.toml": config,
    "app/index.ts": code(fields),
  });
const migrations = (project: Project) => readdirSync(project.path("migrations")).sort();
const idOf = (file: string | undefined) => (file ?? "").replace(/\.yaml$/, "");

/** What an address of the engine says to use this database. */
async function urlOf(engine_: LiveEngine): Promise<{ readonly url: string; readonly database: string }> {
  const { database } = await engine_.newProject();
  return { url: `${engine_.url}/${database}`, database };
}

test("two developers: branches, a fork that is found and resolved, and a database that takes it all", async () => {
  const ours = chainProject(`two_${process.pid}`, "n: number");
  expect(await moose(ours, "generate", "migration", "--save", "--name", "first")).toMatchObject({ code: 0 });
  const first = migrations(ours)[0];
  const theirs = chainProject("theirs", "n: number; b: string");
  cpSync(ours.path("migrations"), theirs.path("migrations"), { recursive: true });
  expect(await moose(theirs, "generate", "migration", "--save", "--name", "b")).toMatchObject({ code: 0 });
  ours.save({ "app/index.ts": code("n: number; a: string") });
  expect(await moose(ours, "generate", "migration", "--save", "--name", "a")).toMatchObject({ code: 0 });
  expect(await moose(ours, "migrate", "--validate")).toEqual({
    code: 0,
    text: "valid: 2 migrations; the code says what the chain leads to\n",
  });

  // The merge: both files, and the code of both.
  cpSync(theirs.path("migrations"), ours.path("migrations"), { recursive: true });
  ours.save({ "app/index.ts": code("n: number; a: string; b: string") });
  const [, b, a] = migrations(ours);
  const fork = `error: migrations/${a}:1:1: ${idOf(a)} and ${idOf(b)} start from the same state
    Both were made on branches that did not know of each other.
    remove the one that is not applied anywhere yet, and generate it again on top of the other
`;
  expect(await moose(ours, "migrate", "--validate")).toEqual({ code: 1, text: `${fork}not valid\n` });
  expect(await moose(ours, "generate", "migration", "--save")).toEqual({ code: 1, text: fork });
  expect(await moose(ours, "migrate")).toEqual({ code: 1, text: fork });

  rmSync(ours.path(`migrations/${b}`));
  const again = await moose(ours, "generate", "migration", "--save", "--name", "b");
  expect(again.text).toContain("+ b String");
  const last = migrations(ours)[2];
  const { url, database } = await urlOf(engine);
  const applied = await moose(ours, "migrate", "--clickhouse-url", url);
  expect(applied.text.replace(/ {2}\d.*/g, "")).toBe(`${idOf(first)}
1/1 CreateTable ${database}.events
${idOf(a)}
1/1 AddTableColumn ${database}.events
${idOf(last)}
1/1 AddTableColumn ${database}.events
3 migrations applied
`);
  expect(await moose(ours, "migrate", "--clickhouse-url", url)).toEqual({
    code: 0,
    text: "already applied: this database has seen every migration\n",
  });
});

test("generate without --save prints the file, and with nothing to do says so", async () => {
  const project = chainProject("printed", "n: number");
  const printed = await moose(project, "generate", "migration", "--name", "the first");
  expect(printed.code).toBe(0);
  expect(printed.text).toMatch(
    /^# yaml-language-server: \$schema=..\/.moose\/chain_schema.json\n\nid: \d{8}_\d{6}_\d{3}_the_first\ndescription: the first\nparent: null\n/,
  );
  await moose(project, "generate", "migration", "--save");
  expect(migrations(project)).toHaveLength(1);
  const nothing = "nothing to do: the migrations lead to what the code says; no file was written\n";
  expect(await moose(project, "generate", "migration", "--save")).toEqual({ code: 0, text: nothing });
  expect(migrations(project)).toHaveLength(1);
});

test("renames and what destroys data are written only when somebody says so", async () => {
  const project = chainProject("asked", "user_name: string; n: number");
  await moose(project, "generate", "migration", "--save");
  project.save({ "app/index.ts": code("username: string; n: number") });
  const rename = await moose(project, "generate", "migration", "--save");
  expect(rename.code).toBe(1);
  expect(rename.text).toContain(
    "error: local.events: user_name may have become username (same type String, same place, similar name)",
  );
  const renamed = await moose(project, "generate", "migration", "--save", "--yes-rename");
  expect(renamed.code).toBe(0);
  const text = readFileSync(project.path(`migrations/${migrations(project)[1]}`), "utf8");
  expect(text).toContain("# Nobody declared this rename. What speaks for it: same type String");
  project.save({ "app/index.ts": code("username: string") });
  expect(await moose(project, "generate", "migration", "--save")).toEqual({
    code: 1,
    text: "error: DropTableColumn local.events.n destroys data, or can\n    write it all the same with --yes-destructive, or take the change back\n",
  });
  expect((await moose(project, "generate", "migration", "--save", "--yes-destructive")).code).toBe(0);
  expect(migrations(project)).toHaveLength(3);
});

test("a server that does not answer is no reason not to generate", async () => {
  const project = chainProject("unreachable", "n: number");
  const nowhere = "http://127.0.0.1:1";
  const generated = await moose(project, "generate", "migration", "--save", "--clickhouse-url", nowhere);
  expect(generated.code).toBe(0);
  expect(generated.text).toContain("; texts are compared as they are written\n");
  expect(migrations(project)).toHaveLength(1);
});

test("code that is ahead of the chain is not migrated, and a baseline has to be one", async () => {
  const project = chainProject(`ahead_${process.pid}`, "n: number");
  const { url } = await urlOf(engine);
  expect(await moose(project, "migrate", "--clickhouse-url", url)).toEqual({
    code: 1,
    text: "error: there are no migrations below migrations/\n    moose generate migration --save writes the first one\n",
  });
  await moose(project, "generate", "migration", "--save");
  project.save({ "app/index.ts": code("n: number; late: string") });
  const behind = `error: app/index.ts:3:23: the code of local.events is not what the migrations lead to
    + column late String
    moose generate migration --save writes the migration that is missing
`;
  expect(await moose(project, "migrate", "--validate")).toEqual({ code: 1, text: `${behind}not valid\n` });
  expect((await moose(project, "migrate", "--clickhouse-url", url)).text).toContain("+ column late String");
  const single = projectOf({ "app/index.ts": code("n: number") });
  expect(await moose(single, "migrate", "--baseline", "x")).toEqual({
    code: 1,
    text: 'error: --baseline is for a chain of migrations, and this project has a single plan\n    a chain is chosen with mode = "chain" under [migration_config]\n',
  });
  expect(await moose(single, "migrate", "--validate")).toEqual({
    code: 0,
    text: "there is no migrations/plan.yaml, and nothing to validate\n",
  });
});

test("a process that is killed in the middle of a file leaves it to the next", async () => {
  const project = chainProject(`killed_${process.pid}`, "n: number");
  await moose(project, "generate", "migration", "--save", "--name", "first");
  const first = idOf(migrations(project)[0]);
  project.save({
    "migrations/29990101_second.yaml": `id: 29990101_second
description: slow
parent_state_hash: unknown
deltas:
- type: RawSql
  sql:
  - SELECT sleep(3)
  - SELECT 2
  description: a slow one
created_at: 2999-01-01T00:00:00Z
`,
  });
  const { url, database } = await urlOf(engine);
  const command = new Command(project.folder, ["migrate", "--clickhouse-url", url]);
  await until(
    () => command.text.includes("29990101_second"),
    60_000,
    () => command.text,
  );
  command.child.kill("SIGKILL");
  await command.ended;
  const next = await moose(project, "migrate", "--clickhouse-url", url);
  expect(next.text).toContain("1 migration applied");
  expect(next.text).not.toContain(first);
  expect(next.code).toBe(0);
  expect((await moose(project, "migrate", "--clickhouse-url", url)).text).toContain("already applied");
  expect(await engine.clickhouse.rows(`SELECT count() AS n FROM ${database}.events`)).toEqual([{ n: "0" }]);
});
