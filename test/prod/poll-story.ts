// Many clients that ask a real moose prod how it is while it changes many tables, beside a bare server as the floor.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";
import { type LiveEngine, uniqueName } from "../live/live-engine.js";
import { ProdFolder, type ProdProcess } from "./prod-process.js";

const builtMain = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

export interface PollOptions {
  readonly tables: number;
  readonly clients: number;
  /** Between two polls of a client, each of which asks every server once. */
  readonly everyMs: number;
}

/** In milliseconds, of the answers to what was asked while operations were under way. */
export interface Latencies {
  readonly asked: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface PollReport {
  readonly readyz: Latencies;
  readonly status: Latencies;
  /** Of a server that does nothing but give the bytes of a status, asked by the same clients in the same moments. */
  readonly floor: Latencies;
  /** Answers by route and code. */
  readonly codes: Readonly<Record<string, number>>;
  readonly statusBytes: number;
  readonly applyingMs: number;
}

const promisedMs = 50;

/** On a machine with time to spare the promise itself; on one that is busy with other things, what that costs is added. */
export function boundMs({ floor }: PollReport): number {
  return promisedMs + (floor.p99 < promisedMs / 5 ? 0 : 3 * floor.p99);
}

/** Makes the tables, then gives each of them a column while the clients poll. */
export async function pollStory(engine: LiveEngine, options: PollOptions): Promise<PollReport> {
  const name = uniqueName("polled");
  const project = new ProdFolder({
    "package.json": JSON.stringify({ name, type: "module" }),
    "app/index.ts": tablesCode(options.tables, ""),
  });
  const url = `${engine.url.replace("//", "//default:@")}/${name}_db`;
  try {
    buildProject(project);
    const first = await project.start(url);
    await first.until(({ phase }) => phase === "ready", 120_000);
    first.child.kill("SIGTERM");
    await first.ended;
    project.write("app/index.ts", tablesCode(options.tables, "; added: string"));
    buildProject(project);
    return await pollWhileItApplies(await project.start(url), project.token, options);
  } finally {
    await project.remove();
  }
}

export function tablesCode(tables: number, more: string): string {
  const each = Array.from(
    { length: tables },
    (_, n) => `export const t${n} = new OlapTable<Row>("t${n}", { orderByFields: ["id"] });\n`,
  );
  return `import { OlapTable } from "@514labs/moose-lib";\ninterface Row { id: string; n: number${more} }\n${each.join("")}`;
}

export function buildProject(project: ProdFolder): void {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [builtMain, "build", "--project", project.folder],
    { encoding: "utf8", env: { PATH: process.env.PATH } },
  );
  if (status !== 0) throw new Error(stdout + stderr);
}

async function pollWhileItApplies(
  server: ProdProcess,
  token: string,
  { clients, everyMs }: PollOptions,
): Promise<PollReport> {
  const floor = await startFloor();
  const stop = new AbortController();
  const answers: Answered[] = [];
  const paths: readonly Target[] = [
    { what: "readyz", url: `${server.url}/readyz` },
    { what: "status", url: `${server.url}/admin/status` },
    { what: "floor", url: floor.url },
  ];
  const polls = Array.from({ length: clients }, (_, n) =>
    poll(n, { paths, token, everyMs, stop: stop.signal, answers }),
  );
  try {
    await server.until(({ phase }) => phase === "ready", 240_000);
  } finally {
    stop.abort();
    await Promise.all(polls);
    floor.child.kill("SIGKILL");
  }
  return reportOf(answers);
}

interface Target {
  readonly what: "readyz" | "status" | "floor";
  readonly url: string;
}

interface Answered {
  readonly what: Target["what"];
  readonly atMs: number;
  readonly tookMs: number;
  readonly code: number;
  readonly bytes: number;
  readonly isApplying: boolean;
}

/** One client, with an address of its own, as the limit of requests is by address. */
async function poll(
  number: number,
  options: {
    readonly paths: readonly Target[];
    readonly token: string;
    readonly everyMs: number;
    readonly stop: AbortSignal;
    readonly answers: Answered[];
  },
): Promise<void> {
  const { paths, token, everyMs, stop, answers } = options;
  const agent = new Agent({ keepAlive: true });
  const localAddress = `127.0.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
  await pause(Math.random() * everyMs);
  let round = number;
  while (!stop.aborted) {
    const beganMs = performance.now();
    for (const target of rotated(paths, round++))
      answers.push(await ask(target, { agent, localAddress, token }));
    await pause(Math.max(0, everyMs - (performance.now() - beganMs)));
  }
  agent.destroy();
}

/** Each is asked first in its turn: what is asked right after an answer finds the server at leisure. */
function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function ask(
  { what, url }: Target,
  {
    agent,
    localAddress,
    token,
  }: { readonly agent: Agent; readonly localAddress: string; readonly token: string },
): Promise<Answered> {
  const atMs = performance.now();
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    get(url, { agent, localAddress, headers }, (answer) => {
      let bytes = 0;
      let head = "";
      answer.on("data", (part: Buffer) => {
        if (bytes === 0) head = part.toString("latin1", 0, 200);
        bytes += part.length;
      });
      answer.on("end", () => {
        const tookMs = performance.now() - atMs;
        const isApplying = head.includes('"phase":"applying"');
        resolve({ what, atMs, tookMs, code: answer.statusCode ?? 0, bytes, isApplying });
      });
    }).on("error", reject);
  });
}

/** Only what was asked between the first and the last status that told of an operation under way. */
function reportOf(answers: readonly Answered[]): PollReport {
  const applying = answers.filter(({ isApplying }) => isApplying);
  const [fromMs, toMs] = [applying.at(0)?.atMs ?? 0, applying.at(-1)?.atMs ?? 0];
  const counted = answers.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const codes: Record<string, number> = {};
  for (const { what, code } of counted) codes[`${what} ${code}`] = (codes[`${what} ${code}`] ?? 0) + 1;
  const of = (what: Target["what"]) => latencies(counted.filter((one) => one.what === what));
  return {
    ...{ readyz: of("readyz"), status: of("status"), floor: of("floor"), codes },
    statusBytes: Math.max(...applying.map(({ bytes }) => bytes)),
    applyingMs: toMs - fromMs,
  };
}

function latencies(answers: readonly Answered[]): Latencies {
  const sorted = answers.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { asked: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

interface Floor {
  readonly child: ChildProcess;
  readonly url: string;
}

const floorScript = `
  const body = Buffer.alloc(Number(process.argv[1]), 32);
  const server = require("node:http").createServer((_, reply) => reply.end(body));
  server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));
`;
const usualStatusBytes = 200_000;

function startFloor(): Promise<Floor> {
  const child = spawn(process.execPath, ["-e", floorScript, String(usualStatusBytes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve({ child, url: text.trim() }));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
