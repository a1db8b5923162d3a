// The life of the engine process: starting, being refused, dying, coming back, never outliving its parent.

import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { findEmbedded, startEmbedded } from "../../runtime/embedded/embedded.js";
import { isSame, startOf } from "../../runtime/process/process-identity.js";
import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import { ask, pause, raw, startTestServer, type TestServer, temporaryFolder, until } from "./harness.js";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function server(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  const started = await startTestServer(options);
  cleanups.push(() => started.remove());
  return started;
}

function folder(): string {
  const made = temporaryFolder();
  cleanups.push(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

async function diagnosticOf(start: Promise<unknown>): Promise<Diagnostic> {
  const error = await start.catch((e: unknown) => e);
  if (!(error instanceof DiagnosticError) || error.diagnostics[0] === undefined)
    throw new Error(`No diagnostic: ${error}`);
  return error.diagnostics[0];
}

interface App {
  readonly process: ChildProcess;
  readonly first: { readonly url?: string; readonly pid?: number; readonly error?: readonly Diagnostic[] };
  readonly lines: string[];
}

/** Another process with an engine on the folder. */
async function startApp(where: string, detached = false): Promise<App> {
  const file = path.join(import.meta.dirname, "supervised-app.ts");
  const child = spawn(process.execPath, ["--import", "tsx", file, where], {
    stdio: ["ignore", "pipe", "inherit"],
    detached,
  });
  cleanups.push(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  await until(() => lines.length > 0, 20_000);
  return { process: child, first: JSON.parse(lines[0] ?? "{}") as App["first"], lines };
}

const kill = (pid: number | undefined) => process.kill(pid ?? 0, "SIGKILL");

describe("starting and stopping", () => {
  test("it answers, is found by its folder, tells its memory, and is gone after stop", async () => {
    const one = await server();
    expect(one.events).toEqual([
      expect.objectContaining({ kind: "started", url: one.url, pid: one.server.pid }),
    ]);
    expect(await ask(one.url, "SELECT 1")).toBe("1");
    expect(await findEmbedded(one.folder)).toEqual({ url: one.url, pid: process.pid });
    expect(one.server.rssBytes()).toBeGreaterThan(50e6);
    const pid = one.server.pid ?? 0;
    await Promise.all([one.server.stop(), one.server.stop()]);
    expect(startOf(pid)).toBeUndefined();
    expect(await findEmbedded(one.folder)).toBeUndefined();
    expect(one.events.at(-1)).toEqual({ kind: "stopped" });
    await expect(raw(one.url, { body: "SELECT 1" })).rejects.toThrow("ECONNREFUSED");
  });

  test("what was written is there at the next start, in default and in other databases", async () => {
    const where = folder();
    const first = await startTestServer({ folder: where });
    await ask(first.url, "CREATE DATABASE d");
    for (const table of ["t", "d.t"]) {
      await ask(first.url, `CREATE TABLE ${table} (a Int8) ENGINE=MergeTree ORDER BY a`);
      await ask(first.url, `INSERT INTO ${table} VALUES (1)`);
    }
    await ask(first.url, "CREATE MATERIALIZED VIEW mv TO d.t AS SELECT a FROM default.t");
    await first.server.stop();
    const second = await startTestServer({ folder: where });
    await ask(second.url, "INSERT INTO t VALUES (2)");
    expect(await ask(second.url, "SELECT (SELECT count() FROM t), (SELECT count() FROM d.t)")).toBe("2\t2");
    expect(await ask(second.url, "SELECT engine FROM system.databases WHERE name='default'")).toBe("Atomic");
    await second.server.stop();
  });

  test("stop lets a short statement end and cuts a long one off", async () => {
    const one = await server();
    const short = raw(one.url, { body: "SELECT sleep(0.7)" });
    const long = raw(one.url, { body: "SELECT count() FROM system.numbers WHERE NOT ignore(number)" }).catch(
      (e: unknown) => e,
    );
    await pause(150);
    const startMs = performance.now();
    await one.server.stop();
    expect(performance.now() - startMs).toBeLessThan(5500);
    expect((await short).text).toBe("0\n");
    const ended = await long;
    expect(ended instanceof Error || (ended as { status: number }).status !== 200).toBe(true);
  });

  test("nothing stays behind in the temporary folder", async () => {
    const pipes = () => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith("moose-engine-"));
    const before = new Set(pipes());
    const one = await server();
    kill(one.server.pid);
    await until(() => one.events.some((event) => event.kind === "restarted"));
    await one.server.stop();
    expect(pipes().filter((name) => !before.has(name))).toEqual([]);
  });
});

describe("what keeps it from starting", () => {
  test("a folder that another process holds is told with its pid and URL", async () => {
    const where = folder();
    const app = await startApp(where);
    const problem = await diagnosticOf(startEmbedded({ folder: where, port: 0 }));
    expect(problem.code).toBe("embedded/folder-held");
    expect(problem.summary).toContain(`pid ${app.process.pid}`);
    expect(problem.summary).toContain(app.first.url);
    expect(await findEmbedded(where)).toEqual({ url: app.first.url, pid: app.process.pid });
    expect(await ask(app.first.url ?? "", "SELECT 1")).toBe("1");
  });

  test("of two that start at once on one folder, one wins", async () => {
    const where = folder();
    const both = await Promise.allSettled([
      startEmbedded({ folder: where, port: 0 }),
      startEmbedded({ folder: where, port: 0 }),
    ]);
    const won = both.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(won).toHaveLength(1);
    await won[0]?.stop();
  });

  test("a port in use is told", async () => {
    const other = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const port = (other.address() as net.AddressInfo).port;
    const where = folder();
    const problem = await diagnosticOf(startEmbedded({ folder: where, port }));
    other.close();
    expect(problem.code).toBe("embedded/port-taken");
    expect(problem.summary).toContain(String(port));
    const free = await startEmbedded({ folder: where, port: 0 });
    await free.stop();
  });

  test("a folder that cannot be made is told", async () => {
    const file = path.join(folder(), "a-file");
    fs.writeFileSync(file, "");
    const problem = await diagnosticOf(startEmbedded({ folder: path.join(file, "clickhouse"), port: 0 }));
    expect(problem.code).toBe("embedded/not-writable");
  });

  test("a missing chdb is told, with what to do", async () => {
    const problem = await diagnosticOf(startEmbedded({ folder: folder(), port: 0, packageFolder: folder() }));
    expect(problem.code).toBe("embedded/not-installed");
    expect(problem.hint).toContain("npm install chdb");
    expect(problem.hint).toContain("--clickhouse-url");
  });

  test("a chdb without its native part is told the same way", async () => {
    const where = folder();
    fs.mkdirSync(path.join(where, "node_modules/chdb/dist"), { recursive: true });
    fs.writeFileSync(
      path.join(where, "node_modules/chdb/package.json"),
      '{"name":"chdb","main":"dist/loader.js"}',
    );
    fs.writeFileSync(
      path.join(where, "node_modules/chdb/dist/loader.js"),
      "exports.loadNative = () => { throw new Error('no native binding'); };",
    );
    const problem = await diagnosticOf(startEmbedded({ folder: folder(), port: 0, packageFolder: where }));
    expect(problem.code).toBe("embedded/not-installed");
    expect(problem.detail).toContain("no native binding");
  });

  test("data that another engine holds without our lock is told with the engine's own reason", async () => {
    const where = folder();
    const app = await startApp(where);
    fs.rmSync(path.join(where, "embedded.lock"));
    const problem = await diagnosticOf(startEmbedded({ folder: where, port: 0 }));
    expect(problem.code).toBe("embedded/cannot-open");
    expect(problem.detail).toMatch(/status|lock/i);
    app.process.kill("SIGKILL");
  });

  test("a lock file of a process that is gone, or that is nonsense, is taken over", async () => {
    const where = folder();
    const stale = {
      pid: process.pid,
      start: "1",
      engine: { pid: process.pid, start: "1" },
      url: "http://127.0.0.1:1",
      token: "x",
    };
    for (const text of [JSON.stringify(stale), "nonsense", ""]) {
      fs.writeFileSync(path.join(where, "embedded.lock"), text);
      expect(await findEmbedded(where)).toBeUndefined();
      const one = await startEmbedded({ folder: where, port: 0 });
      await one.stop();
    }
  });
});

describe("dying", () => {
  test("an engine that is killed comes back on the same port with every acknowledged insert", async () => {
    const one = await server();
    await ask(one.url, "CREATE TABLE acked (n UInt32) ENGINE=MergeTree ORDER BY n");
    let acked = 0;
    let refused = 0;
    let done = false;
    const writer = async (base: number) => {
      for (let n = base; !done; n++) {
        const answer = await raw(one.url, { body: `INSERT INTO acked VALUES (${n})` }).catch(() => undefined);
        if (answer?.status === 200) acked++;
        else {
          refused++;
          await pause(20);
        }
      }
    };
    const writers = [0, 1e6, 2e6, 3e6].map(writer);
    for (let round = 1; round <= 2; round++) {
      const before = acked;
      await until(() => acked > before + 30);
      kill(one.server.pid);
      await until(() => one.events.filter((event) => event.kind === "restarted").length === round);
    }
    done = true;
    await Promise.all(writers);
    expect(refused).toBeGreaterThan(0);
    expect(Number(await ask(one.url, "SELECT uniqExact(n) FROM acked"))).toBeGreaterThanOrEqual(acked);
    expect(one.events.map((event) => event.kind)).toEqual([
      "started",
      "crashed",
      "restarted",
      "crashed",
      "restarted",
    ]);
    expect(one.events[1]).toMatchObject({ kind: "crashed", how: "SIGKILL" });
  });

  test("after five deaths it gives up, says so, and frees the folder", async () => {
    const one = await server();
    for (let death = 1; death <= 6; death++) {
      kill(one.server.pid);
      const alive = () => one.events.filter((event) => event.kind === "restarted").length === death;
      await until(() => alive() || one.events.at(-1)?.kind === "gave-up", 15_000);
    }
    expect(one.events.at(-1)).toMatchObject({ kind: "gave-up", restarts: 5 });
    expect(one.events.filter((event) => event.kind === "crashed")).toHaveLength(5);
    expect(one.server.pid).toBeUndefined();
    await expect(raw(one.url, { body: "SELECT 1" })).rejects.toThrow("ECONNREFUSED");
    const next = await startEmbedded({ folder: one.folder, port: 0 });
    await next.stop();
  });

  test("stop during the wait for a restart ends it", async () => {
    const one = await server();
    kill(one.server.pid);
    await until(() => one.events.some((event) => event.kind === "crashed"));
    await one.server.stop();
    await pause(300);
    expect(one.events.map((event) => event.kind)).toEqual(["started", "crashed", "stopped"]);
  });

  test("the engine does not outlive its parent, even while a query runs", async () => {
    const where = folder();
    const app = await startApp(where);
    const pid = app.first.pid ?? 0;
    const start = startOf(pid) ?? "";
    const query = raw(app.first.url ?? "", {
      body: "SELECT count() FROM system.numbers WHERE NOT ignore(number)",
    }).catch(() => undefined);
    await pause(200);
    app.process.kill("SIGKILL");
    await until(() => !isSame(pid, start), 2000);
    await query;
    const next = await startEmbedded({ folder: where, port: 0 });
    expect(await ask(next.url, "SELECT 1")).toBe("1");
    await next.stop();
  });

  test("a start right after the parent was killed waits for its engine to go", async () => {
    const where = folder();
    const app = await startApp(where);
    app.process.kill("SIGKILL");
    await new Promise((resolve) => app.process.once("exit", resolve));
    const next = await startEmbedded({ folder: where, port: 0 });
    await next.stop();
  });

  test("Ctrl-C leaves the engine to its parent, which may still use it", async () => {
    const app = await startApp(folder(), true);
    process.kill(-(app.process.pid ?? 0), "SIGINT");
    const code = await new Promise((resolve) => app.process.once("exit", resolve));
    expect(code).toBe(0);
    expect(app.lines).toContain('{"drained":true}');
    expect(startOf(app.first.pid ?? 0)).toBeUndefined();
  });
});
