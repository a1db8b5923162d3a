// A fault in the engine's own process ends it at once, whatever its threads are at, so that its folder is free.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { FromEngine, ToEngine } from "../../runtime/embedded/engine-messages.js";
import { raw, temporaryFolder } from "./harness.js";

const entry = fileURLToPath(new URL("../../runtime/embedded/engine-process.ts", import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

test("with statements that run, and with what it was doing said on stderr", async () => {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, ["--import", tsx, entry], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  ended.push(() => {
    child.kill("SIGKILL");
    fs.rmSync(folder, { recursive: true, force: true });
  });
  let stderr = "";
  child.stderr?.on("data", (piece: Buffer) => {
    stderr += piece.toString("utf8");
  });
  const pipeFolder = path.join(folder, "pipes");
  fs.mkdirSync(pipeFolder);
  child.send({
    kind: "start",
    dataFolder: path.join(folder, "data"),
    packageFolder: path.dirname(entry),
    login: { user: "default", password: "" },
    ...{ pipeFolder, port: 0, width: 4 },
  } satisfies ToEngine);
  const [ready] = (await once(child, "message")) as [FromEngine];
  if (ready.kind !== "ready") throw new Error(JSON.stringify(ready));
  const url = `http://127.0.0.1:${ready.port}`;
  const running = raw(url, {
    body: "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0",
  }).catch(() => undefined);
  await expect
    .poll(async () => (await raw(url, { body: "SELECT count() FROM system.processes" })).text)
    .toBe("2\n");

  const end = once(child, "exit");
  // No message that it knows: what it does with it is a fault.
  child.send(null as never);
  expect(await end).toEqual([null, "SIGKILL"]);
  expect(stderr).toContain("TypeError");
  await running;
});
