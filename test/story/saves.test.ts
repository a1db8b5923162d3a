// How saves arrive: in a row, many at once, in pieces, empty; and what that must not do to the tables.

import fs from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { type Files, Project } from "../dev/project.js";
import { pause } from "../dev/wait.js";

function tableFile(name: string, fields = "id: string; n: number"): string {
  return `import { OlapTable } from "@514labs/moose-lib";
interface Row { ${fields} }
export const ${name} = new OlapTable<Row>("${name}", { orderByFields: ["id"] });
`;
}

const tables =
  "SELECT groupArray(name) AS names FROM (SELECT name FROM system.tables WHERE database = 'local' ORDER BY 1)";

function columnsOf(table: string): string {
  return `SELECT groupArray(name) AS names FROM (SELECT name FROM system.columns WHERE database = 'local' AND table = '${table}' ORDER BY position)`;
}

let moose: Moose;

beforeAll(async () => {
  moose = startNow(new Project({ "app/index.ts": "// Nothing yet.\n" }));
  await moose.ready();
});

afterAll(() => moose.remove());

/** Puts these files in place of all others, and waits until there are these tables, made anew. */
async function begin(files: Files, ...names: readonly string[]): Promise<void> {
  moose.project.save({ "app/index.ts": "// Nothing yet.\n" });
  await moose.eventually(tables, [{ names: [] }]);
  for (const file of fs.readdirSync(moose.project.path("app"))) {
    if (files[`app/${file}`] === undefined) moose.project.delete(`app/${file}`);
  }
  moose.project.save(files);
  await moose.eventually(tables, [{ names }]);
  await moose.settled();
}

const both = 'import "./a";\nimport "./b";\n';
const twoFiles = { "app/index.ts": both, "app/a.ts": tableFile("a"), "app/b.ts": tableFile("b") };
const oneRow = [{ id: "x", n: 1 }];

test("of two saves 20 ms apart the last wins", async () => {
  await begin({ "app/index.ts": tableFile("a") }, "a");
  for (let turn = 0; turn < 5; turn++) {
    moose.project.save({ "app/index.ts": tableFile("a", `id: string; first${turn}: string`) });
    await pause(20);
    moose.project.save({ "app/index.ts": tableFile("a", `id: string; last${turn}: string`) });
    await moose.eventually(columnsOf("a"), [{ names: ["id", `last${turn}`] }]);
  }
});

test("thirty files saved at once are one state of the code", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `t${index + 10}`);
  const entry = names.map((name) => `import "./${name}";`).join("\n");
  const files = (fields?: string) =>
    Object.fromEntries(names.map((name) => [`app/${name}.ts`, tableFile(name, fields)]));
  await begin({ ...files(), "app/index.ts": entry }, ...names);
  moose.project.save(files("id: string; other: string"));
  await moose.eventually(
    "SELECT toString(count()) AS n, toString(countIf(name = 'other')) AS other FROM system.columns WHERE database = 'local'",
    [{ n: "60", other: "30" }],
  );
});

test("a table that is missing for 100 ms of a checkout keeps its rows", async () => {
  await begin(twoFiles, "a", "b");
  await moose.insert("local.b", oneRow);
  moose.project.delete("app/b.ts");
  moose.project.save({ "app/index.ts": 'import "./a";\n' });
  await pause(100);
  moose.project.save({
    "app/b.ts": tableFile("b", "id: string; n: number; more: string"),
    "app/index.ts": both,
  });
  await moose.eventually("SELECT * FROM local.b", [{ id: "x", n: 1, more: "" }]);
  expect(await moose.settled()).not.toContain("- local.b");
});

test("a table that stays out of the code is dropped once the files have been quiet", async () => {
  await begin(twoFiles, "a", "b");
  const startMs = performance.now();
  expect(await moose.save({ "app/index.ts": 'import "./a";\n' })).toMatchInlineSnapshot(`
    "- local.b  (empty)
    1 change applied in TIME
    "
  `);
  expect(performance.now() - startMs).toBeGreaterThan(250);
  expect(await moose.rows(tables)).toEqual([{ names: ["a"] }]);
});

test("a file that lost its text keeps its tables until it is filled again or out of the code", async () => {
  await begin(twoFiles, "a", "b");
  await moose.insert("local.b", oneRow);
  expect(await moose.save({ "app/b.ts": "" })).toMatchInlineSnapshot(`
    "error: app/b.ts is empty; its tables are kept
        delete the file or take out its import to remove them
    nothing was changed; waiting for the next save
    "
  `);
  // Everything else waits as well.
  expect(await moose.save({ "app/a.ts": tableFile("a", "id: string; more: string") })).toContain(
    "app/b.ts is empty",
  );
  expect(await moose.rows(columnsOf("a"))).toEqual([{ names: ["id", "n"] }]);
  expect(await moose.save({ "app/b.ts": tableFile("b") })).toMatchInlineSnapshot(`
    "~ local.a
      + more String
      - n Float64  (empty)
    2 changes applied in TIME
    "
  `);
  expect(await moose.rows("SELECT * FROM local.b")).toEqual(oneRow);
  await moose.save({ "app/b.ts": "\n" });
  expect(await moose.save({ "app/index.ts": 'import "./a";\n' })).toMatchInlineSnapshot(`
    "- local.b  (1 row, SIZE)
        within 8 minutes it can be brought back: UNDROP TABLE \`local\`.\`b\`
    1 change applied in TIME
    "
  `);
  expect(await moose.rows(tables)).toEqual([{ names: ["a"] }]);
});

test("a table that moved out of an emptied file is no reason to wait", async () => {
  await begin({ ...twoFiles, "app/b.ts": "export {};\n" }, "a");
  await moose.insert("local.a", oneRow);
  moose.project.save({ "app/a.ts": "", "app/b.ts": tableFile("a", "id: string; n: number; m: string") });
  await moose.eventually("SELECT * FROM local.a", [{ id: "x", n: 1, m: "" }]);
});

test("a deleted entry keeps the tables until it is back", async () => {
  await begin({ "app/index.ts": tableFile("a") }, "a");
  await moose.insert("local.a", oneRow);
  moose.project.delete("app/index.ts");
  expect(await moose.line(/^nothing was changed.*/m)).toMatchInlineSnapshot(`
    "error: there is no app/index.ts, the module from which moose reads the project
        create it, and import from it the modules that declare tables
    nothing was changed; waiting for the next save
    "
  `);
  await moose.settled();
  expect(await moose.rows("SELECT * FROM local.a")).toEqual(oneRow);
  moose.project.save({ "app/index.ts": tableFile("a", "id: string; n: number; m: string") });
  await moose.eventually("SELECT * FROM local.a", [{ id: "x", n: 1, m: "" }]);
});

test("a source folder that is taken away and put back is watched as before", async () => {
  await begin({ "app/index.ts": tableFile("a") }, "a");
  await moose.insert("local.a", oneRow);
  for (const extra of ["l", "m"]) {
    fs.renameSync(moose.project.path("app"), moose.project.path("aside"));
    await moose.line(/^nothing was changed.*/m);
    fs.renameSync(moose.project.path("aside"), moose.project.path("app"));
    await moose.settled();
    moose.project.save({ "app/index.ts": tableFile("a", `id: string; n: number; ${extra}: string`) });
    await moose.eventually("SELECT * FROM local.a", [{ id: "x", n: 1, [extra]: "" }]);
  }
});

test("editors that write beside and rename are seen", async () => {
  await begin({ "app/index.ts": tableFile("a") }, "a");
  for (let turn = 0; turn < 3; turn++) {
    moose.project.save({ "app/.index.ts.swp": tableFile("a", `id: string; n: number; turn${turn}: string`) });
    fs.renameSync(moose.project.path("app/.index.ts.swp"), moose.project.path("app/index.ts"));
    await moose.eventually(columnsOf("a"), [{ names: ["id", "n", `turn${turn}`] }]);
  }
});

test("a start on an emptied entry keeps the tables of the run before, and --poll finds saves by looking", async () => {
  await begin({ "app/index.ts": tableFile("a") }, "a");
  await moose.insert("local.a", oneRow);
  await moose.stop();
  moose.project.save({ "app/index.ts": "" });
  moose = startNow(moose.project, { args: ["--poll"] });
  await moose.ready();
  expect(moose.plain(moose.stdout)).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: app/index.ts is empty; its tables are kept
        to remove all tables, leave only a comment in it
    nothing was changed; waiting for the next save
    embedded ClickHouse 26.7.2.1 at http://127.0.0.1:PORT  database local
    watching PROJECT/app  0 tables, ready in TIME
    "
  `);
  expect(await moose.rows("SELECT * FROM local.a")).toEqual(oneRow);
  expect(await moose.save({ "app/index.ts": "// Nothing.\n" })).toMatchInlineSnapshot(`
    "- local.a  (1 row, SIZE)
        within 8 minutes it can be brought back: UNDROP TABLE \`local\`.\`a\`
    1 change applied in TIME
    "
  `);
  expect(await moose.rows(tables)).toEqual([{ names: [] }]);
});
