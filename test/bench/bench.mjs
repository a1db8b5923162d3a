// npm run bench: prints each figure beside its floor, the same work by a bare script in the same run.
// `-- --write` puts the table into the README; `-- --quick` takes fewer saves; `-- --dev`, `-- --migrations` and
// `-- --topics` take one part each, `-- --dev --memory` only the long run.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@clickhouse/client";
import { measureMigrations } from "./migrations.mjs";
import { MooseDev, stopAll } from "./moose-dev.mjs";
import { modulePath, tableModule, writeProject } from "./project.mjs";
import { measureTopics } from "./topics.mjs";

const quick = process.argv.includes("--quick");
const saves = quick ? 20 : 100;
const memorySaves = quick ? 200 : 1_000;
const startRuns = quick ? 2 : 5;
/** Longer than moose dev waits until it gives back what memory it does not need. */
const restMs = 5_000;
const work = mkdtempSync(join(tmpdir(), "moose-bench-"));
const shapes = [
  { tables: 1, files: 1 },
  { tables: 50, files: 50 },
  { tables: 200, files: 200 },
  { tables: 50, files: 500 },
];

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

const ms = (value) => `${Math.round(value)} ms`;
const both = (values) => `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.95))}`;

/** Starts on an existing project and data folder, as on the second day of work. */
async function measureStart(folder) {
  const times = [];
  for (let run = 0; run < startRuns; run++) {
    const moose = new MooseDev(folder);
    times.push((await moose.next("ready")).atMs - moose.startMs);
    await moose.stop();
  }
  return times;
}

/** The floor of a start: a bare script that opens the same engine on a folder of its own and asks it one thing. */
function measureBareStart() {
  const script = `
    const { Session } = require("chdb");
    new Session(${JSON.stringify(join(work, "bare"))}).query("SELECT 1", "TSV");
    process.exit(0);`;
  return Array.from({ length: startRuns }, () => {
    const startMs = performance.now();
    spawnSync(process.execPath, ["-e", script], { cwd: process.cwd() });
    return performance.now() - startMs;
  });
}

/**
 * Saves that add and remove one column, a different file each time.
 *
 * @param beside - after each save the same ALTER by this script; without it, a rest after every hundred saves
 */
async function measureSaves(folder, shape, count, { beside = true } = {}) {
  const moose = new MooseDev(folder);
  const ready = await moose.next("ready", 120_000);
  const bare = createClient({ url: ready.url });
  const floorTable = await makeFloorTable(bare);
  const times = [];
  const floors = [];
  const memory = new MemoryLog(moose);
  const extra = new Set();
  for (let n = 0; n < count + 3; n++) {
    const table = n % shape.tables;
    const adds = !extra.has(table);
    if (adds) extra.add(table);
    else extra.delete(table);
    const round = moose.next("round");
    const startMs = performance.now();
    writeFileSync(modulePath(folder, table), tableModule(table, adds));
    const { atMs, operations } = await round;
    if (operations.length !== 1 || operations[0].outcome.state !== "applied") {
      throw new Error(`a save led to ${JSON.stringify(operations)}`);
    }
    if (n >= 3) times.push(atMs - startMs);
    if (beside) {
      const floorMs = await alterFloor(bare, floorTable, n);
      if (n >= 3) floors.push(floorMs);
    }
    await sleep(50);
    if (!beside) await memory.after(n);
  }
  await checkColumns(bare, ready.database, extra.size, shape.tables);
  await bare.close();
  const last = moose.memory();
  await moose.stop();
  return { times, floors, last, memory };
}

/** The memory of moose's processes over a long run: at work, and at rest after every hundred saves. */
class MemoryLog {
  atWork = [];
  atRest = [];
  #moose;

  constructor(moose) {
    this.#moose = moose;
  }

  /** Call after each save; sleeps where a rest is due. */
  async after(save) {
    if (save % 20 === 0) this.atWork.push({ save, ...this.#moose.memory() });
    if (save === 0 || save % 100 !== 0) return;
    await sleep(restMs);
    this.atRest.push({ save, ...this.#moose.memory() });
  }
}

async function makeFloorTable(client) {
  await client.command({ query: "CREATE DATABASE IF NOT EXISTS bench_floor ENGINE = Atomic" });
  await client.command({ query: "DROP TABLE IF EXISTS bench_floor.t SYNC" });
  const columns = Array.from({ length: 19 }, (_, c) => `c${c} ${c % 3 === 0 ? "Float64" : "String"}`);
  await client.command({
    query: `CREATE TABLE bench_floor.t (id String, ${columns.join(", ")}) ENGINE = MergeTree ORDER BY id`,
  });
  return "bench_floor.t";
}

/** The database itself has to hold what the saves asked for. */
async function checkColumns(client, database, extra, tables) {
  const answer = await client.query({
    query: `SELECT countIf(name = 'extra') AS extra, uniqExact(table) AS tables FROM system.columns WHERE database = '${database}'`,
    format: "JSONEachRow",
  });
  const [found] = await answer.json();
  if (Number(found.extra) !== extra || Number(found.tables) !== tables) {
    throw new Error(`expected ${extra} extra columns in ${tables} tables, found ${JSON.stringify(found)}`);
  }
}

/** Least squares, in KB a save, after the first 100 saves; the processes one by one, and all together. */
function growthText(samples) {
  const points = samples.filter(({ save }) => save >= 100);
  const names = Object.keys(points.at(-1)).filter((name) => name !== "save");
  const growth = names.map((name) => [name, slope(points.map((point) => [point.save, point[name] * 1024]))]);
  const all = growth.reduce((sum, [, kb]) => sum + kb, 0);
  return `${all.toFixed(1)} KB a save (${growth.map(([name, kb]) => `${name} ${kb.toFixed(1)}`).join(", ")})`;
}

function slope(points) {
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

function memoryText(memory) {
  return Object.entries(memory)
    .map(([name, mb]) => `${name} ${Math.round(mb)} MB`)
    .join(", ");
}

async function main() {
  const rows = [];
  const add = (...cells) => {
    rows.push(cells);
    process.stdout.write(`${cells.join("  |  ")}\n`);
  };
  add("what", "figure, p50 / p95", "floor, p50 / p95");
  const parts = ["--dev", "--migrations", "--topics"].filter((flag) => process.argv.includes(flag));
  const isWanted = (part) => parts.length === 0 || parts.includes(part);
  if (isWanted("--dev")) await measureDev(add);
  if (isWanted("--migrations"))
    await measureMigrations(work, {
      sizes: quick ? [1, 200] : [1, 200, 1_000],
      runs: quick ? 1 : 5,
      add,
      statistics: both,
    });
  if (isWanted("--topics"))
    await measureTopics(work, {
      sizes: quick ? { made: 20, there: 50 } : { made: 200, there: 1_000 },
      runs: quick ? 1 : 5,
      add,
      statistics: both,
    });
  if (process.argv.includes("--write")) writeReadme(rows);
}

async function measureDev(add) {
  if (!process.argv.includes("--memory")) await measureShapes(add);
  await measureMemory(add);
}

async function measureShapes(add) {
  for (const shape of shapes) {
    const folder = join(work, `p${shape.tables}-${shape.files}`);
    writeProject(folder, shape);
    const name = `${shape.tables} ${shape.tables === 1 ? "table" : "tables"} in ${shape.files} ${shape.files === 1 ? "file" : "files"}`;
    const first = new MooseDev(folder);
    const created = (await first.next("ready", 120_000)).atMs - first.startMs;
    await first.stop();
    add(`first start, ${name}`, ms(created), "");
    add(`start to ready, ${name}`, both(await measureStart(folder)), both(measureBareStart()));
    const { times, floors, last } = await measureSaves(folder, shape, saves);
    add(`save to applied, ${name}`, both(times), both(floors));
    add(`memory, ${name}`, memoryText(last), "");
  }
}

/**
 * A long day's work: does memory grow with it? After every hundred saves it is left alone for a few seconds, as a person
 * does. The floor: the same ALTERs by a bare script, to an engine that has no other work.
 */
async function measureMemory(add) {
  const folder = join(work, "memory");
  writeProject(folder, { tables: 50, files: 50 });
  const long = await measureSaves(folder, { tables: 50, files: 50 }, memorySaves, { beside: false });
  const floor = await measureBareMemory(folder);
  add(
    `save to applied over ${memorySaves} saves, 50 tables in 50 files`,
    both(long.times),
    both(floor.times),
  );
  for (const [when, key] of [
    ["at rest", "atRest"],
    ["at work", "atWork"],
  ])
    add(
      `memory growth over ${memorySaves} saves, ${when}`,
      growthText(long.memory[key]),
      growthText(floor.memory[key]),
    );
  if (process.argv.includes("--samples")) process.stdout.write(`${JSON.stringify({ long, floor })}\n`);
}

async function measureBareMemory(folder) {
  const moose = new MooseDev(folder);
  const ready = await moose.next("ready", 120_000);
  const bare = createClient({ url: ready.url });
  const table = await makeFloorTable(bare);
  const times = [];
  const memory = new MemoryLog(moose);
  for (let n = 0; n < memorySaves + 3; n++) {
    times.push(await alterFloor(bare, table, n));
    await sleep(50);
    await memory.after(n);
  }
  await bare.close();
  await moose.stop();
  return { times, memory };
}

/** Adds a column or takes it away, and tells how long it took. */
async function alterFloor(client, table, n) {
  const startMs = performance.now();
  await client.command({
    query: `ALTER TABLE ${table} ${n % 2 === 0 ? "ADD COLUMN extra String" : "DROP COLUMN extra"}`,
  });
  return performance.now() - startMs;
}

function machine() {
  const engine = execFileSync(process.execPath, ["-p", "require('chdb/package.json').version"], {
    encoding: "utf8",
  }).trim();
  return `${cpus().length} cores (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, chDB ${engine}, ${process.platform}`;
}

function writeReadme(rows) {
  const path = new URL("../../README.md", import.meta.url);
  const [head, ...body] = rows;
  const table = [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const text = readFileSync(path, "utf8").replace(
    /<!-- bench -->[\s\S]*<!-- \/bench -->/,
    `<!-- bench -->\n${machine()}:\n\n${table}\n<!-- /bench -->`,
  );
  writeFileSync(path, text);
}

try {
  await main();
} finally {
  await stopAll();
  rmSync(work, { recursive: true, force: true });
}
