// What an image holds is enough: moose prod without compiler, chDB and code, as a user who may write nothing.

import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = join(root, "examples/05-production");
/** What the Dockerfile leaves behind, and what it does not install. */
const left = new Set(["typescript", "esbuild", "@esbuild", "tsx", "chdb", "@chdb", "@confluentinc"]);
const nobody = 65_534;

let engine: LiveEngine;
let folder: string;
beforeAll(async () => {
  engine = await startLive();
  folder = mkdtempSync(join(tmpdir(), "moose-image-test-"));
  mkdirSync(join(folder, "opt/node_modules"), { recursive: true });
  cpSync(join(root, "dist"), join(folder, "opt/dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "opt/package.json"));
  for (const name of readdirSync(join(root, "node_modules")))
    if (!left.has(name) && !name.startsWith("."))
      symlinkSync(join(root, "node_modules", name), join(folder, "opt/node_modules", name));
  cpSync(example, join(folder, "source"), { recursive: true });
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the Dockerfile leaves behind what the test leaves behind", () => {
  const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
  expect(dockerfile).toContain("rm -rf typescript esbuild @esbuild tsx");
  expect(dockerfile.match(/--omit=optional/g)?.length).toBe(4);
  expect(dockerfile).toContain("USER node");
});

test("moose prod becomes ready from the build alone, writes nothing, and ends in order", async () => {
  const main = join(root, "dist/runtime/cli/main.js");
  const built = spawnSync(process.execPath, [main, "build", "--project", join(folder, "source")]);
  expect(built.status, String(built.stderr)).toBe(0);
  const app = join(folder, "app");
  mkdirSync(join(app, ".moose"), { recursive: true });
  for (const file of ["package.json", "moose.config.toml", ".moose/infrastructure_map.json"])
    cpSync(join(folder, "source", file), join(app, file));
  for (const path of [folder, app, join(app, ".moose")]) chmodSync(path, 0o755);
  const before = readdirSync(join(app, ".moose"));
  const database = uniqueName("image");
  const server = spawn(
    process.execPath,
    [
      "--preserve-symlinks",
      "--preserve-symlinks-main",
      join(folder, "opt/dist/runtime/cli/main.js"),
      "prod",
      "--project",
      app,
    ],
    {
      ...(process.getuid?.() === 0 && { uid: nobody, gid: nobody }),
      env: {
        PATH: process.env.PATH,
        MOOSE_CLICKHOUSE_CONFIG__URL: `${engine.url.replace("//", "//default:@")}/${database}`,
        MOOSE_HTTP_SERVER_CONFIG__PORT: "0",
        MOOSE_HTTP_SERVER_CONFIG__MANAGEMENT_PORT: "0",
      },
    },
  );
  let output = "";
  const ended = new Promise<number | null>((resolve) => server.on("close", resolve));
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      // Once: a second signal would end it at once.
      if (!server.killed && output.includes('"phase":"ready"')) server.kill("SIGTERM");
    });
  const timer = setTimeout(() => server.kill("SIGKILL"), 15_000);
  const code = await ended;
  clearTimeout(timer);
  expect(code, output).toBe(0);
  expect(output).toContain('"phase":"ready"');
  expect(output).not.toContain("is read from the code");
  const tables = await engine.clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = {database:String} ORDER BY name",
    { database },
  );
  expect(tables.map(({ name }) => name)).toEqual(["page_views", "purchases"]);
  expect(readdirSync(join(app, ".moose"))).toEqual(before);
});
