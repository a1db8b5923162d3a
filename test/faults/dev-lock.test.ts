// Several `moose dev` on one server: one works, the others wait; and the lock comes back after it was lost.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { JournalReader } from "../../runtime/clickhouse/journal.js";
import { readLock } from "../../runtime/clickhouse/lock.js";
import { type EmbeddedClickHouse, startEmbedded } from "../../runtime/embedded/embedded.js";
import { Moose, startNow } from "../dev/moose.js";
import { anyPort, type Files, Project } from "../dev/project.js";
import { pause, threeSeconds } from "../dev/wait.js";
import { uniqueName } from "../live/live-engine.js";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "moose-dev-lock-"));
let server: EmbeddedClickHouse;
let clickhouse: ClickHouse;

beforeAll(async () => {
  server = await startEmbedded({ folder, port: 0 });
  clickhouse = await connect({ url: server.url, user: "default", password: "" });
});

afterAll(async () => {
  await clickhouse.close();
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

/** A project of this name, with a table of the same name that has these fields. */
function files(name: string, fields: string): Files {
  return {
    "package.json": JSON.stringify({ name }),
    "moose.config.toml": anyPort,
    ...code(name, fields),
  };
}

function code(name: string, fields: string): Files {
  return {
    "app/index.ts": `import { OlapTable } from "@514labs/moose-lib";
interface Row { ${fields} }
export const a = new OlapTable<Row>("${name}", { orderByFields: ["id"] });
`,
  };
}

function start(name: string, fields: string): Moose {
  const moose = startNow(new Project(files(name, fields)), { args: ["--clickhouse-url", server.url] });
  onTestFinished(() => moose.remove());
  return moose;
}

async function columns(name: string): Promise<readonly string[]> {
  const rows = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = 'local' AND table = {name:String} ORDER BY position",
    { name },
  );
  return rows.map((row) => row.name);
}

/** What differs from run to run in a line about the holder. */
function withoutHolder(text: string): string {
  return text
    .replaceAll(os.hostname(), "HOST")
    .replaceAll(os.userInfo().username, "USER")
    .replace(/--project \S+/g, "--project PROJECT")
    .replace(/process \d+/g, "process PID");
}

test("the second waits and says for whom, and goes on when the first stops", async () => {
  const name = uniqueName("two");
  const first = start(name, "id: string");
  await first.ready();
  const second = start(name, "id: string; b: string");
  const waiting = withoutHolder(await second.line(/^waiting for .*$/m)).replaceAll(name, "NAME");
  expect(waiting).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    waiting for moose dev --project PROJECT --clickhouse-url http://127.0.0.1:PORT of USER on HOST (process PID), which holds the lock of NAME
    "
  `);
  expect(waiting).not.toContain("ready");
  await first.save(code(name, "id: string; n: number"));
  expect(await second.settled()).toBe("");
  expect(await columns(name)).toEqual(["id", "n"]);
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  expect(await second.ready()).toContain("+ b String");
  expect(await columns(name)).toEqual(["id", "b"]);
  await second.stop();
  expect(await readLock(clickhouse, name)).toMatchObject({ state: "released", epoch: 2 });
  expect(first.stderr + second.stderr).toBe("");
});

test("who waits ends at once when it is told to", async () => {
  const name = uniqueName("ends");
  const first = start(name, "id: string");
  await first.ready();
  const second = start(name, "id: string");
  await second.line(/^waiting for .*$/m);
  const startMs = performance.now();
  expect(await second.stop("SIGINT")).toEqual({ code: 0, signal: null });
  expect(performance.now() - startMs).toBeLessThan(threeSeconds());
  expect(second.stdout.endsWith("\nstopped\n")).toBe(true);
  await first.save(code(name, "id: string; n: number"));
  await first.stop();
});

test("one that was stopped for long says that it lost the lock, waits, and then goes on", async () => {
  const name = uniqueName("slept");
  const first = start(name, "id: string");
  await first.ready();
  const second = start(name, "id: string");
  await second.line(/^waiting for .*$/m);
  first.kill("SIGSTOP");
  await second.ready();
  first.kill("SIGCONT");
  const lost = withoutHolder(await first.line(/^waiting for .*$/m)).replaceAll(name, "NAME");
  expect(lost).toMatchInlineSnapshot(`
    "lost the lock of NAME: the server did not acknowledge a sign of life for TIME, so another process may take over; taking it again
    waiting for moose dev --project PROJECT --clickhouse-url http://127.0.0.1:PORT of USER on HOST (process PID), which holds the lock of NAME
    "
  `);
  first.project.save(code(name, "id: string; a: string"));
  await second.save(code(name, "id: string; b: string"));
  expect(await first.settled()).toBe("");
  expect(await columns(name)).toEqual(["id", "b"]);
  await second.stop();
  expect(await first.line(/^.* applied in .*$/m)).toContain(`has the lock of ${name} again\n`);
  expect(await columns(name)).toEqual(["id", "a"]);
  await first.stop();
  expect(first.stderr + second.stderr).toBe("");
});

test("after a server was away for long, the lock that ran out is taken again at once", async () => {
  const name = uniqueName("away");
  const moose = start(name, "id: string");
  await moose.ready();
  const { port } = server;
  await server.stop();
  await pause(11_000);
  moose.project.save(code(name, "id: string; n: number"));
  server = await startEmbedded({ folder, port });
  const said = await moose.line(/^.* applied in .*$/m);
  expect(said).toContain(`lost the lock of ${name}: the server did not acknowledge a sign of life for TIME`);
  expect(said).toContain(`has the lock of ${name} again\n`);
  expect(said).not.toContain("waiting for");
  await moose.stop();
  expect(moose.stderr).toBe("");
});

test("the journal has what the session did, and nothing of one that did nothing", async () => {
  const name = uniqueName("wrote");
  const moose = start(name, "id: string");
  await moose.ready();
  await moose.save(code(name, "id: string; n: number"));
  await moose.stop();
  const again = await moose.again({ args: ["--clickhouse-url", server.url] });
  await again.stop();
  const journal = new JournalReader(clickhouse, name);
  const runs = await journal.runs({ limit: 10 });
  expect(runs).toMatchObject([
    {
      ...{ migrationId: "dev", done: 2, failed: 0, unknown: 0, error: "" },
      ...{ who: os.userInfo().username, host: os.hostname(), pid: moose.pid },
      endedAt: expect.stringMatching(/^\d{4}-/),
    },
  ]);
  const entries = await journal.run(runs[0]?.runId ?? "");
  expect(entries.map(({ kind, operationKind, operation }) => [kind, operationKind, operation])).toEqual([
    ["run-started", "", -1],
    ["done", "CreateTable", 0],
    ["done", "AddTableColumn", 1],
    ["run-ended", "", -1],
  ]);
  expect(entries[2]?.sql).toContain("ADD COLUMN");
});

test("one that was killed on the embedded engine is not waited for", async () => {
  const name = uniqueName("killed");
  const moose = await Moose.start(files(name, "id: string"));
  await moose.stop("SIGKILL");
  const next = await moose.again();
  expect(next.stdout).not.toContain("waiting for");
  const [newest] = await next.rows(
    "SELECT max(name) AS newest FROM system.tables WHERE match(name, '^lock_')",
  );
  expect(newest).toEqual({ newest: "lock_2" });
  await next.stop();
});

test("an engine that dies and comes back leaves the lock with its session", async () => {
  const name = uniqueName("crashed");
  const moose = await Moose.start(files(name, "id: string"));
  const engine = moose.children.find(({ command }) => /embedded\/engine-process/.test(command));
  process.kill(engine?.pid ?? 0, "SIGKILL");
  await moose.line(/^the embedded ClickHouse is back$/m);
  await moose.save(code(name, "id: string; n: number"));
  await pause(6_000);
  await moose.save(code(name, "id: string"));
  expect(moose.stdout).not.toContain("lock");
  await moose.stop();
});
