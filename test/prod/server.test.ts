// moose prod as a process: what its ports say from the first moment on, and how it ends.

import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { ProdFolder } from "./prod-process.js";

const builtMain = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

let engine: LiveEngine;
let project: ProdFolder;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());
afterEach(() => project.remove());

function row(fields: string): string {
  return `import { OlapTable } from "@514labs/moose-lib";\ninterface Row { id: string; ${fields} }\nexport const events = new OlapTable<Row>("events", { orderByFields: ["id"] });\n`;
}

let database = "";
function open(fields: string): string {
  const name = uniqueName("served");
  database = `${name}_db`;
  project = new ProdFolder({
    "package.json": JSON.stringify({ name, type: "module" }),
    "app/index.ts": row(fields),
  });
  return `${engine.url.replace("//", "//default:@")}/${database}`;
}

async function columns(): Promise<readonly string[]> {
  const rows = await engine.clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = {database:String} AND table = 'events' ORDER BY position",
    { database },
  );
  return rows.map(({ name }) => name);
}

test("it is live before it is ready, and ready when the schema is there", async () => {
  const url = open("n: number");
  const server = await project.start(url);
  expect((await server.get("/livez")).status).toBe(200);
  await server.until(({ phase }) => phase === "ready");
  expect(await columns()).toEqual(["id", "n"]);
  expect((await server.get("/readyz")).status).toBe(200);
  expect((await server.get("/ready")).status).toBe(200);
  expect((await server.get("/metrics")).body).toContain(
    'moose_reconcile_total{target="clickhouse",result="success"} 1',
  );
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
});

test("a change that destroys waits for its approval over HTTP, and an approval of another plan is refused", async () => {
  const url = open("n: number; gone: string");
  const first = await project.start(url);
  await first.until(({ phase }) => phase === "ready");
  first.child.kill("SIGTERM");
  await first.ended;
  await engine.clickhouse.command(`INSERT INTO ${database}.events VALUES ('a', 1, 'x')`);
  project.write("app/index.ts", row("n: number"));
  const server = await project.start(url);
  const blocked = await server.until(({ phase }) => phase === "blocked");
  expect((await server.get("/readyz")).status).toBe(503);
  expect(blocked.plan?.operations[0]).toMatchObject({
    kind: "DropTableColumn",
    verdict: { decision: "needs-approval" },
  });
  expect((await server.post("/admin/plan/0000000000000000/approve")).status).toBeGreaterThanOrEqual(400);
  expect(await columns()).toEqual(["id", "n", "gone"]);
  expect((await server.post(`/admin/plan/${blocked.plan?.id}/approve`)).status).toBe(200);
  await server.until(({ phase }) => phase === "ready");
  expect(await columns()).toEqual(["id", "n"]);
  const { body } = await server.get("/admin/history");
  expect(JSON.stringify(body)).toContain("prod-");
});

test("while ClickHouse is away it is live, not ready, and says so; then it goes on by itself", async () => {
  open("n: number");
  const port = await freePort();
  const away = `http://default:@127.0.0.1:${port}/${database}`;
  const server = await project.start(away);
  await server.until(({ phase }) => phase === "waiting-for-clickhouse");
  expect((await server.get("/livez")).status).toBe(200);
  expect((await server.get("/readyz")).status).toBe(503);
  const relay = await relayTo(engine.url, port);
  await server.until(({ phase }) => phase === "ready");
  expect(await columns()).toEqual(["id", "n"]);
  await relay();
});

test("with --exit-on-failure it ends with 1 where a change may not be made", async () => {
  const url = open("n: number; gone: string");
  const first = await project.start(url);
  await first.until(({ phase }) => phase === "ready");
  first.child.kill("SIGTERM");
  await first.ended;
  project.write("app/index.ts", row("n: number"));
  const server = await project.start(url, "--exit-on-failure");
  expect(await server.ended).toBe(1);
  expect(server.output).toContain("blocked");
});

test("with a reviewed migration it executes that, and nothing where the code has moved on since", async () => {
  const url = open("n: number");
  const generated = spawnSync(
    process.execPath,
    [builtMain, "generate", "migration", "--save", "--project", project.folder, "--clickhouse-url", url],
    { encoding: "utf8" },
  );
  expect(generated.status, generated.stdout + generated.stderr).toBe(0);
  const server = await project.start(url);
  await server.until(({ phase }) => phase === "ready");
  expect(await columns()).toEqual(["id", "n"]);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  project.write("app/index.ts", row("n: number; later: string"));
  const moved = await project.start(url);
  const state = await moved.until(({ phase }) => phase === "drifted");
  expect(state.diagnostics[0]).toMatchObject({ code: "reconcile/code-changed" });
  expect((await moved.get("/readyz")).status).toBe(503);
  expect(await columns()).toEqual(["id", "n"]);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Makes the engine answer at another port too. */
async function relayTo(url: string, port: number): Promise<() => Promise<void>> {
  const { connect } = await import("node:net");
  const target = new URL(url);
  const sockets = new Set<import("node:net").Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(target.port), target.hostname);
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on("error", () => undefined);
    }
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
}
