// Measures plan, generate and migrate as whole processes on one server, each beside its floor.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmbedded } from "../../dist/runtime/embedded/embedded.js";
import { writeTables } from "./project.mjs";
import { main, timed, timedOutput } from "./timed.mjs";

const bare = fileURLToPath(new URL("./bare.mjs", import.meta.url));
const database = "local";

/**
 * @param add - called with the cells of a row
 * @param statistics - makes a cell of several times
 */
export async function measureMigrations(work, { sizes, runs, add, statistics }) {
  const folder = mkdtempSync(join(work, "engine-"));
  const engine = await startEmbedded({ folder, port: 0, onEvent() {} });
  try {
    for (const tables of sizes) await measureSize(work, engine.url, { tables, runs, add, statistics });
  } finally {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureSize(work, url, { tables, runs, add, statistics }) {
  const folder = join(work, `migrate-${tables}`);
  const times = {
    generate: [],
    migrate: [],
    plan: [],
    reads: [],
    creates: [],
    statements: [],
    bareStatements: [],
  };
  const moose = (...args) => [main, ...args, "--project", folder, "--clickhouse-url", `${url}/${database}`];
  for (let run = 0; run < runs; run++) {
    writeTables(folder, tables);
    timed([bare, "clear", url, database], 0);
    times.generate.push(timed(moose("generate", "migration", "--save"), 0));
    times.migrate.push(timed(moose("migrate"), 0));
    times.statements.push(statementsMs(folder, tables));
    times.plan.push(timed(moose("plan"), 0));
    times.reads.push(timed([bare, "read", url, database], 0));
    timed([bare, "clear", url, database], 0);
    const floor = timedOutput([bare, "create", url, database, String(tables)], 0);
    times.creates.push(floor.durationMs);
    times.bareStatements.push(Number(floor.stdout));
  }
  const name = `${tables} ${tables === 1 ? "table" : "tables"}`;
  add(`generate migration, ${name}`, statistics(times.generate), statistics(times.reads));
  add(`migrate, creating ${name}`, statistics(times.migrate), statistics(times.creates));
  add(`its statements alone, ${name}`, statistics(times.statements), statistics(times.bareStatements));
  add(`plan with nothing to do, ${name}`, statistics(times.plan), statistics(times.reads));
}

/** From before the first statement of the last migration to after its last, as its log tells. */
function statementsMs(folder, tables) {
  const entries = readFileSync(join(folder, ".moose", "moose.log"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const start = entries.findLastIndex(({ msg }) => msg === "migration started");
  const ended = entries.slice(start + 1).filter(({ msg }) => msg === "operation ended");
  if (start < 0 || ended.length !== tables) throw new Error(`the log tells of ${ended.length} operations`);
  return ended.at(-1).time - entries[start].time;
}
