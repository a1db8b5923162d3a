// The numbered examples as they are in the repository, each run by the real `moose dev`.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { Project } from "../dev/project.js";
import { moose as command } from "../migrate/moose-once.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

let moose: Moose | undefined;
afterEach(async () => {
  await moose?.remove();
  moose = undefined;
});

async function started(name: string): Promise<Moose> {
  const project = new Project({});
  cpSync(`${root}/examples/${name}/app`, project.path("app"), { recursive: true });
  moose = startNow(project);
  await moose.ready();
  return moose;
}

async function nothingIsLeft({ project }: Moose): Promise<void> {
  const { code, text } = await command(project, "plan");
  expect([code, text]).toEqual([0, expect.anything()]);
}

test("06: rows flow through the materialized view, and the view looks its categories up", async () => {
  const running = await started("06-materialized-view");
  await nothingIsLeft(running);
  await running.command("INSERT INTO local.products VALUES ('apple', 'fruit')");
  await running.command("SYSTEM RELOAD DICTIONARY local.category_of");
  await running.command(
    "INSERT INTO local.sales VALUES ('apple', 2, now()), ('apple', 3, now()), ('nail', 1, now())",
  );
  expect(await running.rows("SELECT * FROM local.by_category ORDER BY category")).toEqual([
    { category: "fruit", amount: 5 },
    { category: "other", amount: 1 },
  ]);
});

test("07: types and engines come out as they are declared", async () => {
  const running = await started("07-types-and-engines");
  await nothingIsLeft(running);
  expect(
    await running.rows("SELECT name, engine FROM system.tables WHERE database = 'local' ORDER BY name"),
  ).toEqual([
    { name: "orders", engine: "ReplacingMergeTree" },
    { name: "peaks", engine: "AggregatingMergeTree" },
    { name: "rates", engine: "Memory" },
  ]);
});

test("08: a script inserts and queries with the declarations of the app", async () => {
  const { project } = await started("08-library");
  mkdirSync(project.path("node_modules/@514labs"), { recursive: true });
  symlinkSync(root, project.path("node_modules/@514labs/moose-lib"));
  project.save({
    "script.ts": readFileSync(`${root}/examples/08-library/script.ts`, "utf8"),
    "package.json": '{ "type": "module" }',
  });
  const printed = execFileSync(process.execPath, ["--import", import.meta.resolve("tsx"), "script.ts"], {
    cwd: project.folder,
    encoding: "utf8",
  });
  expect(printed).toBe("b: 22\n");
  rmSync(project.path("node_modules"), { recursive: true });
});
