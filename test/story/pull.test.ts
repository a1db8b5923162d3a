// db pull on a database with many varied tables: what it writes plans to nothing.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { connect } from "../../runtime/clickhouse/client.js";
import { createTable } from "../../src/sql/create-table.js";
import { startNow } from "../dev/moose.js";
import { Project } from "../dev/project.js";
import { rawTable, tableOf } from "../live/arbitrary-table.js";

const main = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));
const tables = 200;
const seed = Number(process.env.MOOSE_TEST_SEED ?? Date.now() % 2 ** 31);

test(`${tables} varied tables are pulled and plan to nothing (MOOSE_TEST_SEED=${seed})`, async () => {
  const moose = startNow(new Project({ "app/index.ts": "export {};\n" }));
  const run = (...args: readonly string[]) => {
    const all = [main, ...args, "--project", moose.project.folder];
    return spawnSync(process.execPath, all, { encoding: "utf8", maxBuffer: 1e9 });
  };
  try {
    await moose.ready();
    const clickhouse = await connect({ url: moose.url, user: "default", password: "" });
    const raws = fc.sample(rawTable, { numRuns: tables, seed });
    for (const [index, raw] of raws.entries())
      await clickhouse.command(createTable(tableOf(raw, "local", `t ${index}`)));
    await clickhouse.close();
    const pulled = JSON.parse(run("db", "pull", "--json").stdout);
    expect(pulled.tables).toHaveLength(tables);
    moose.project.save({ "app/index.ts": 'export * from "./externalModels.js";\n' });
    const plan = run("plan", "--json");
    expect(plan.stderr).not.toContain("error");
    const { operations } = JSON.parse(plan.stdout).plan;
    expect(pulled.omitted).toEqual([]);
    expect(operations).toEqual([]);
  } finally {
    await moose.remove();
  }
}, 240_000);
