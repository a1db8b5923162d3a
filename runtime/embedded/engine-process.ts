// Entry of the engine's own process: told what to open by its parent, it serves until told to stop, or until alone.

import fs from "node:fs";
import type { AddressInfo } from "node:net";
import { earlyCollector, restingCollector } from "../config/heap.js";
import { loadChdb } from "./chdb-addon.js";
import { Engine } from "./engine.js";
import { writeEngineConfig } from "./engine-config.js";
import type { FromEngine, StartOrder, ToEngine } from "./engine-messages.js";
import { HttpFront } from "./http-front.js";
import { removePipes, SlotPool } from "./pipes.js";

const drainMs = 2_000;
const killedMs = 1_500;
/** Shorter than the pause between two signs of life of a lock. */
const restMs = 1_000;

function tell(message: FromEngine): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

/**
 * Ends this process at once. The engine's data survives it (an acknowledged insert is on disk), and a
 * process that waits for a running query, as an ordinary exit does, would hold the folder.
 */
function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}

function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

async function start(order: StartOrder): Promise<HttpFront | undefined> {
  const slots = SlotPool.create(order.pipeFolder, order.width + 2);
  slots.catch(() => undefined);
  let addon: ReturnType<typeof loadChdb>;
  try {
    addon = loadChdb(order.packageFolder);
  } catch (thrown) {
    await Promise.allSettled([slots]);
    await tell({ kind: "failed", reason: "not-installed", detail: errorText(thrown) });
    return undefined;
  }
  let engine: Engine;
  try {
    engine = await Engine.open(addon, order.dataFolder, writeEngineConfig(order.pipeFolder));
  } catch (thrown) {
    await Promise.allSettled([slots]);
    await tell({ kind: "failed", reason: "cannot-open", detail: errorText(thrown) });
    return undefined;
  }
  const front = new HttpFront({ engine, slots: await slots, login: order.login, width: order.width });
  return (await listen(front, order.port)) ? serve(front, engine) : undefined;
}

async function listen(front: HttpFront, port: number): Promise<boolean> {
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    front.server.once("error", resolve);
    front.server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(undefined));
  });
  if (failure === undefined) return true;
  const reason = failure.code === "EADDRINUSE" || failure.code === "EACCES" ? "port-taken" : "cannot-open";
  await tell({ kind: "failed", reason, detail: errorText(failure) });
  return false;
}

async function serve(front: HttpFront, engine: Engine): Promise<HttpFront> {
  let isStopping = false;
  stop = async () => {
    isStopping = true;
    front.server.close();
    front.server.closeIdleConnections();
    if (!(await front.quiet(drainMs))) {
      await engine.killAll().catch(() => undefined);
      if (!(await front.quiet(killedMs))) die();
    }
    front.closeSessions();
    await engine.close();
    die();
  };
  const collect = earlyCollector(2);
  const purge = () => {
    if (!isStopping) void engine.purge().catch(() => undefined);
  };
  const worked = restingCollector({ quietMs: restMs, collect: purge });
  front.server.on("request", (_, response) =>
    response.once("close", () => {
      setImmediate(collect);
      worked();
    }),
  );
  const { port } = front.server.address() as AddressInfo;
  await tell({ kind: "ready", port, version: engine.version, startMs: Math.round(performance.now()) });
  return front;
}

let stop: () => Promise<void> = async () => die();
let pipeFolder: string | undefined;

process.on("message", (message: ToEngine) => {
  if (message.kind === "stop") return void stop();
  pipeFolder = message.pipeFolder;
  void start(message).then(
    (front) => (front === undefined ? die() : undefined),
    async (thrown: unknown) => {
      await tell({ kind: "failed", reason: "cannot-open", detail: errorText(thrown) });
      die();
    },
  );
});

// Without its parent it must not live on: the folder has to be free for the next one.
process.on("disconnect", () => {
  if (pipeFolder !== undefined) removePipes(pipeFolder);
  die();
});

// An ordinary end on a fault would wait for the engine's threads, for ever where one of them holds a lock of another.
process.on("uncaughtException", (fault) => {
  try {
    fs.writeSync(process.stderr.fd, `${fault.stack ?? fault.message}\n`);
  } finally {
    die();
  }
});

// Ctrl-C reaches the whole process group. The parent stops the engine in its own order, after what depends on it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

if (process.send === undefined) {
  process.stderr.write("This is the engine's process; it is started by moose.\n");
  process.exitCode = 1;
}
