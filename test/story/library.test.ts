// The library in a program that moose does not run: a script, a test, an app of another framework.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { Project } from "../dev/project.js";

const library = new URL("../../dist/runtime/data/library.js", import.meta.url).href;
const main = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

const code = `import { Api, IngestPipeline, OlapTable, sql, SqlResource, Task, type UInt8, View, WebApp, Workflow } from "@514labs/moose-lib";
interface Page { id: string; views: UInt8; note?: string }
export const pages = new OlapTable<Page>("pages", { orderByFields: ["id"] });
export const busy = new View("busy", { selectStatement: sql\`SELECT id FROM \${pages} WHERE views > \${100}\`, baseTables: [pages] });
export const clicks = new IngestPipeline<Page>("clicks", { table: { orderByFields: ["id"] }, stream: { parallelism: 2 }, ingestApi: true, deadLetterQueue: true, version: "1.0" });
const task = new Task<null, void>("load", { run: () => {} });
export const nightly = new Workflow("nightly", { startingTask: task });
export const top = new Api<{ n: number }, unknown>("top", (_params, { client, sql }) => client.query.execute(sql\`SELECT 1\`));
export const site = new WebApp("site", () => {}, { mountPath: "/site" });
export const half = new SqlResource("half", ["CREATE FUNCTION half AS (x) -> x / 2"], ["DROP FUNCTION half"]);
`;

let moose: Moose;
beforeAll(async () => {
  moose = startNow(new Project({ "app/index.ts": code }));
  await moose.ready();
});
afterAll(() => moose.remove());

/** Runs a module in the folder of the project; what it prints as JSON. */
function script(body: string): unknown {
  const text = `import { getMooseUtils, getTables, OlapTable, sql, View } from ${JSON.stringify(library)};
const pages = new OlapTable("pages", { orderByFields: ["id"] });
const print = (value) => console.log(JSON.stringify(value));
${body}`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", text], {
    cwd: moose.project.folder,
    encoding: "utf8",
  });
  return JSON.parse(out);
}

test("everything of the library loads, and what is not run is said in one line", () => {
  expect(moose.plain(moose.stdout)).toContain("+ local.clicks_1_0  ORDER BY id");
  expect(moose.plain(moose.stdout)).toMatch(
    /declared, and not run by this version: 1 ingest API \(clicks\), 1 API \(top\), 1 workflow \(nightly\), 1 task \(load\), 1 web app \(site\)/,
  );
  expect(moose.plain(moose.stdout)).toContain("+ sql:half  setup: declared in code");
  expect(moose.plain(moose.stdout)).toContain("what the statements do is not seen by moose");
});

function build(): void {
  execFileSync(process.execPath, [main, "build", "--project", moose.project.folder], { encoding: "utf8" });
}

test("a pipeline declares its stream, the table that it fills, and the topic of what is refused", () => {
  build();
  const map = JSON.parse(readFileSync(moose.project.path(".moose/infrastructure_map.json"), "utf8"));
  expect(map.topics).toMatchObject({
    clicks_1_0: {
      partition_count: 2,
      destination: { table: "clicks_1_0" },
      columns: [{ name: "id" }, {}, {}],
    },
    clicksDeadLetterQueue_1_0: { columns: [{ name: "originalRecord" }, {}, {}, {}, {}] },
  });
});

test("a script inserts and queries without a schema", () => {
  const rows = script(`
    const inserted = await pages.insert([{ id: "a", views: 7 }, { id: "b", views: 200 }]);
    const { client } = await getMooseUtils();
    const found = await client.query.execute(sql\`SELECT \${pages.columns.id}, views FROM \${pages} WHERE views > \${100}\`);
    print([inserted, await found.json(), [...getTables().keys()]]);
    process.exit();`);
  expect(rows).toEqual([{ successful: 2, failed: 0, total: 2 }, [{ id: "b", views: 200 }], ["pages"]]);
});

test("with a build, records are checked before they are sent", () => {
  build();
  const result = script(
    `
    const valid = [{ id: "a", views: 1 }, { id: 1, views: 1 }, { id: "a", views: 256 }, { id: "a", views: 1, x: 1 }].map((one) =>
      pages.isValidRecord(one));
    const strict = await pages.insert([{ id: "c", views: 1 }, { id: "d", views: -1 }]).catch((error) => error.message);
    print([valid, strict]);
    process.exit();`,
  );
  expect(result).toEqual([
    [true, false, false, false],
    "1 of 2 records do not fit `pages`; record 1: views: UInt8 expected",
  ]);
  const kept = script(`
    const kept = await pages.insert([{ id: "e", views: 1 }, { id: "f", views: -1 }], { strategy: "isolate" });
    print([kept.successful, kept.failedRecords]);
    process.exit();`);
  expect(kept).toEqual([1, [{ record: { id: "f", views: -1 }, index: 1, error: "views: UInt8 expected" }]]);
});
