// How saves arrive: in a row, many at once, in pieces, empty; and what that must not do to the tables.

import fs from "node:fs";
import { expect, test } from "vitest";
import { Moose } from "../dev/moose.js";
import { pause } from "../dev/wait.js";

function tableFile(name: string, fields = "id: string; n: number"): string {
  return `import { OlapTable } from "@514labs/moose-lib";
interface Row { ${fields} }
export const ${name} = new OlapTable<Row>("${name}", { orderByFields: ["id"] });
`;
}

async function tableNames(moose: Moose): Promise<readonly string[]> {
  const found = await moose.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'local' ORDER BY 1",
  );
  return found.map(({ name }) => name);
}

async function columns(moose: Moose, table: string): Promise<string> {
  const [found] = await moose.rows<{ names: string }>(
    `SELECT arrayStringConcat(groupArray(name), ' ') AS names FROM system.columns WHERE database = 'local' AND table = '${table}'`,
  );
  return found?.names ?? "";
}

test("of two saves 20 ms apart the last wins", async () => {
  const moose = await Moose.start({ "app/index.ts": tableFile("a") });
  for (let turn = 0; turn < 5; turn++) {
    moose.project.save({ "app/index.ts": tableFile("a", `id: string; first${turn}: string`) });
    await pause(20);
    moose.project.save({ "app/index.ts": tableFile("a", `id: string; last${turn}: string`) });
    await moose.settled();
    expect(await columns(moose, "a")).toBe(`id last${turn}`);
  }
});

test("thirty files saved at once are one state of the code", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `t${index + 10}`);
  const entry = names.map((name) => `import "./${name}";`).join("\n");
  const files = (fields?: string) =>
    Object.fromEntries(names.map((name) => [`app/${name}.ts`, tableFile(name, fields)]));
  const moose = await Moose.start({ ...files(), "app/index.ts": entry });
  expect(await tableNames(moose)).toEqual(names);
  moose.project.save(files("id: string; other: string"));
  await moose.line(/applied in .*/);
  await moose.settled();
  const [odd] = await moose.rows(
    "SELECT toString(count()) AS n, toString(countIf(name = 'other')) AS other FROM system.columns WHERE database = 'local'",
  );
  expect(odd).toEqual({ n: "60", other: "30" });
});

test("a table that is missing for 100 ms of a checkout keeps its rows", async () => {
  const both = `import "./a";\nimport "./b";\n`;
  const moose = await Moose.start({
    "app/index.ts": both,
    "app/a.ts": tableFile("a"),
    "app/b.ts": tableFile("b"),
  });
  await moose.insert("local.b", [{ id: "x", n: 1 }]);
  moose.project.delete("app/b.ts");
  moose.project.save({ "app/index.ts": 'import "./a";\n' });
  await pause(100);
  moose.project.save({
    "app/b.ts": tableFile("b", "id: string; n: number; more: string"),
    "app/index.ts": both,
  });
  expect(await moose.settled()).not.toContain("- local.b");
  expect(await moose.rows("SELECT * FROM local.b")).toEqual([{ id: "x", n: 1, more: "" }]);
});

test("a table that stays out of the code is dropped once the files have been quiet", async () => {
  const moose = await Moose.start({
    "app/index.ts": tableFile("a") + tableFile("b").replace(/^.*\n.*\n/, ""),
  });
  const startMs = performance.now();
  expect(await moose.save({ "app/index.ts": tableFile("a") })).toMatchInlineSnapshot(`
    "- local.b  (0 rows, SIZE)
    1 change applied in TIME
    "
  `);
  expect(performance.now() - startMs).toBeGreaterThan(250);
  expect(await tableNames(moose)).toEqual(["a"]);
});

test("a file that lost its text keeps its tables until it is filled again or out of the code", async () => {
  const entry = 'import "./a";\nimport "./b";\n';
  const moose = await Moose.start({
    "app/index.ts": entry,
    "app/a.ts": tableFile("a"),
    "app/b.ts": tableFile("b"),
  });
  await moose.insert("local.b", [{ id: "x", n: 1 }]);
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
  expect(await columns(moose, "a")).toBe("id n");
  expect(await moose.save({ "app/b.ts": tableFile("b") })).toMatchInlineSnapshot(`
    "~ local.a
      + more String
      - n Float64  (0 rows, SIZE)
    2 changes applied in TIME
    "
  `);
  expect(await moose.rows("SELECT * FROM local.b")).toEqual([{ id: "x", n: 1 }]);
  await moose.save({ "app/b.ts": "\n" });
  expect(await moose.save({ "app/index.ts": 'import "./a";\n' })).toMatchInlineSnapshot(`
    "- local.b  (1 row, SIZE)
        within 8 minutes it can be brought back: UNDROP TABLE \`local\`.\`b\`
    1 change applied in TIME
    "
  `);
  expect(await tableNames(moose)).toEqual(["a"]);
});

test("a table that moved out of an emptied file is no reason to wait", async () => {
  const entry = 'import "./a";\nimport "./b";\n';
  const moose = await Moose.start({
    "app/index.ts": entry,
    "app/a.ts": tableFile("a"),
    "app/b.ts": "export {};\n",
  });
  await moose.insert("local.a", [{ id: "x", n: 1 }]);
  expect(await moose.save({ "app/a.ts": "", "app/b.ts": tableFile("a") })).toMatchInlineSnapshot(`
    "no change  TIME
    "
  `);
  expect(await moose.rows("SELECT * FROM local.a")).toEqual([{ id: "x", n: 1 }]);
});

test("a start on an emptied entry keeps the tables of the run before", async () => {
  const moose = await Moose.start({ "app/index.ts": tableFile("a") });
  await moose.insert("local.a", [{ id: "x", n: 1 }]);
  await moose.stop();
  moose.project.save({ "app/index.ts": "" });
  const next = await moose.again();
  expect(next.plain(next.stdout)).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: app/index.ts is empty; its tables are kept
        to remove all tables, leave only a comment in it
    nothing was changed; waiting for the next save
    embedded ClickHouse 26.7.2.1 at http://127.0.0.1:PORT  database local
    watching PROJECT/app  0 tables, ready in TIME
    "
  `);
  expect(await next.rows("SELECT * FROM local.a")).toEqual([{ id: "x", n: 1 }]);
  expect(await next.save({ "app/index.ts": "// Nothing.\n" })).toMatchInlineSnapshot(`
    "- local.a  (1 row, SIZE)
        within 8 minutes it can be brought back: UNDROP TABLE \`local\`.\`a\`
    1 change applied in TIME
    "
  `);
  expect(await tableNames(next)).toEqual([]);
});

test("a deleted entry keeps the tables until it is back", async () => {
  const moose = await Moose.start({ "app/index.ts": tableFile("a") });
  await moose.insert("local.a", [{ id: "x", n: 1 }]);
  moose.project.delete("app/index.ts");
  expect(await moose.line(/^nothing was changed.*/m)).toMatchInlineSnapshot(`
    "error: app/index.ts is gone; the tables are kept
        put it back; to remove all tables, leave only a comment in it
    nothing was changed; waiting for the next save
    "
  `);
  expect(await moose.settled()).toBe("");
  expect(
    await moose.save({ "app/index.ts": tableFile("a", "id: string; n: number; m: string") }),
  ).toMatchInlineSnapshot(`
    "~ local.a
      + m String
    1 change applied in TIME
    "
  `);
  expect(await moose.rows("SELECT * FROM local.a")).toEqual([{ id: "x", n: 1, m: "" }]);
});

test("a source folder that is taken away and put back is watched as before", async () => {
  const moose = await Moose.start({ "app/index.ts": tableFile("a") });
  await moose.insert("local.a", [{ id: "x", n: 1 }]);
  fs.renameSync(moose.project.path("app"), moose.project.path("aside"));
  await moose.line(/^nothing was changed.*/m);
  fs.renameSync(moose.project.path("aside"), moose.project.path("app"));
  await moose.settled();
  await moose.save({ "app/index.ts": tableFile("a", "id: string; n: number; m: string") });
  expect(await moose.rows("SELECT * FROM local.a")).toEqual([{ id: "x", n: 1, m: "" }]);
});

test("editors that write beside and rename are seen", async () => {
  const moose = await Moose.start({ "app/index.ts": tableFile("a") });
  for (let turn = 0; turn < 3; turn++) {
    moose.project.save({ "app/.index.ts.swp": tableFile("a", `id: string; n: number; turn${turn}: string`) });
    fs.renameSync(moose.project.path("app/.index.ts.swp"), moose.project.path("app/index.ts"));
    await moose.line(/applied in .*/);
    expect(await columns(moose, "a")).toBe(`id n turn${turn}`);
  }
});

test("with --poll saves are found by looking", async () => {
  const moose = await Moose.start({ "app/index.ts": tableFile("a") }, { args: ["--poll"] });
  await moose.save({ "app/index.ts": tableFile("a", "id: string; other: string") });
  expect(await columns(moose, "a")).toBe("id other");
});
