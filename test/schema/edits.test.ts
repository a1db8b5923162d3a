import { describe, expect, test } from "vitest";
import { libraryImport, newSites, openProject, problemLines, read } from "./project.js";

const shared = "export interface Common { id: string }\n";
const tableFile = (name: string) =>
  `${libraryImport}import type { Common } from "./shared.js";\nexport interface Row extends Common { own: number }\nexport const ${name} = new OlapTable<Row>("${name}", { ttl: "1" });\n`;

const app = {
  "app/index.ts": `export * from "./all.js";\n`,
  "app/all.ts": `export * from "./a.js";\nexport { b } from "./b.js";\n`,
  "app/a.ts": tableFile("a"),
  "app/b.ts": tableFile("b"),
  "app/alone.ts": "export const alone = 1;\n",
  "app/shared.ts": shared,
};
const a = "app/a.ts:4:18";
const b = "app/b.ts:4:18";

describe("an edit drops what it can have changed, and nothing else", () => {
  test("a field of a shared type changes all tables that use it", async () => {
    const { reader, edit } = await openProject(app);
    expect(read(reader, [a])).toEqual(["own Float64", "id String"]);
    expect(read(reader, [b])).toEqual(["own Float64", "id String"]);
    edit({ "app/shared.ts": "export interface Common { id: string; at: Date }\n" });
    expect(read(reader, [a])).toEqual(["own Float64", "id String", "at DateTime('UTC')"]);
    expect(read(reader, [b])).toEqual(["own Float64", "id String", "at DateTime('UTC')"]);
  });

  test("a field of one table leaves the others as they were read", async () => {
    const { reader, edit } = await openProject(app);
    reader.columnsFor([a]);
    const before = reader.columnsFor([b]);
    edit({ "app/a.ts": tableFile("a").replace("own: number", "own: string") });
    expect(read(reader, [a])).toEqual(["own String", "id String"]);
    expect(reader.columnsFor([b])).toBe(before);
  });

  test("an edit that no other file can see leaves the dependants as they were read", async () => {
    const { reader, edit } = await openProject({
      ...app,
      "app/shared.ts": `${shared}export function f(): number { return 1; }\n`,
    });
    const before = reader.columnsFor([a]);
    edit({ "app/shared.ts": `${shared}export function f(): number { return 2; }\n` });
    // The fields' places lie in the edited file, so they are read again.
    expect(reader.columnsFor([a])).toEqual(before);
    edit({ "app/all.ts": `${app["app/all.ts"]}export const unrelated = 1;\n` });
    const kept = reader.columnsFor([a]);
    edit({ "app/all.ts": `${app["app/all.ts"]}export const unrelated = 2;\n` });
    expect(reader.columnsFor([a])).toBe(kept);
  });

  test("a type that is only passed on is followed through files that stay the same", async () => {
    const { reader, edit } = await openProject({
      "app/deep.ts": "export type Deep = string;\n",
      "app/barrel.ts": `export * from "./deep.js";\n`,
      "app/index.ts": `${libraryImport}import type { Deep } from "./barrel.js";\nnew OlapTable<{ d: Deep }>("t");\n`,
    });
    expect(read(reader, ["app/index.ts:3:1"])).toEqual(["d String"]);
    edit({ "app/deep.ts": "export type Deep = number;\n" });
    expect(read(reader, ["app/index.ts:3:1"])).toEqual(["d Float64"]);
  });

  test("an edit and its return are both seen", async () => {
    const { reader, edit } = await openProject(app);
    for (const type of ["number", "string", "number", "boolean"]) {
      edit({ "app/shared.ts": `export interface Common { id: ${type} }\n` });
      const expected = { number: "id Float64", string: "id String", boolean: "id Bool" }[type];
      expect(read(reader, [a])).toEqual(["own Float64", expected]);
    }
  });

  test("a type inferred from another file is followed when its own file goes back", async () => {
    const { reader, edit } = await openProject({
      "app/value.ts": "export const value = (): number => 1;\n",
      "app/inferred.ts": `import { value } from "./value.js";\nexport const made = { v: value() };\n`,
      "app/index.ts": `${libraryImport}import type { made } from "./inferred.js";\nnew OlapTable<typeof made>("t");\n`,
    });
    const site = ["app/index.ts:3:1"];
    expect(read(reader, site)).toEqual(["v Float64"]);
    edit({
      "app/inferred.ts": `import { value } from "./value.js";\nexport const made = { v: value() }; // x\n`,
    });
    expect(read(reader, site)).toEqual(["v Float64"]);
    edit({ "app/value.ts": `export const value = (): string => "";\n` });
    expect(read(reader, site)).toEqual(["v String"]);
    edit({ "app/inferred.ts": "export const made = { v: 1 as number };\n" });
    expect(read(reader, site)).toEqual(["v Float64"]);
  });

  test("the place of a field in another file is kept up to date", async () => {
    const { reader, edit } = await openProject(app);
    reader.columnsFor([a]);
    edit({ "app/shared.ts": `// a line\n${shared}` });
    expect(reader.columnsFor([a]).schema?.fields[1]?.place).toEqual({
      file: "app/shared.ts",
      line: 2,
      column: 27,
    });
  });

  test("a global declaration changes everything", async () => {
    const { reader, edit } = await openProject({
      "app/global.ts": "declare global { interface Shared { id: string } }\nexport {};\n",
      "app/index.ts": `${libraryImport}import "./global.js";\nimport "./t.js";\n`,
      "app/t.ts": `${libraryImport}new OlapTable<Shared>("t");\n`,
    });
    expect(read(reader, ["app/t.ts:2:1"])).toEqual(["id String"]);
    edit({ "app/global.ts": "declare global { interface Shared { id: number } }\nexport {};\n" });
    expect(read(reader, ["app/t.ts:2:1"])).toEqual(["id Float64"]);
  });
});

describe("an edit of a file that many import", () => {
  const names = Array.from({ length: 12 }, (_, index) => `t${index}`);
  const helper = (body: string) => `export function helper(): number { return ${body}; }\n`;
  const many = {
    "app/helper.ts": helper("1"),
    "app/index.ts": names.map((name) => `import "./${name}.js";\n`).join(""),
    ...Object.fromEntries(
      names.map((name) => [
        `app/${name}.ts`,
        `${libraryImport}import { helper } from "./helper.js";\nconst row = { v: helper() };\nnew OlapTable<typeof row>("${name}");\n`,
      ]),
    ),
  };
  const sites = names.map((name) => `app/${name}.ts:4:1`);

  test("changes nothing where no other file can see it", async () => {
    const { edit, reader } = await openProject(many);
    const before = sites.map((site) => reader.columnsFor([site]));
    for (const body of ["2", "3"]) {
      edit({ "app/helper.ts": helper(body) });
      expect(sites.every((site, index) => reader.columnsFor([site]) === before[index])).toBe(true);
    }
  });

  test("changes all where they can, there and back", async () => {
    const { edit, reader } = await openProject(many);
    for (const site of sites) expect(read(reader, [site])).toEqual(["v Float64"]);
    edit({ "app/helper.ts": "export function helper(): string { return ''; }\n" });
    for (const site of sites) expect(read(reader, [site])).toEqual(["v String"]);
    edit({ "app/helper.ts": helper("1") });
    for (const site of sites) expect(read(reader, [site])).toEqual(["v Float64"]);
  });
});

describe("an update carries the files that have another text", () => {
  test("opening gives all files that the entry reaches", async () => {
    const { opened } = await openProject(app);
    expect(opened.changed.map(({ path }) => path.split("/").at(-1)).sort()).toEqual([
      "a.ts",
      "all.ts",
      "b.ts",
      "index.ts",
      "shared.ts",
    ]);
  });

  test("an edit gives the edited file with its new insertions", async () => {
    const { edit } = await openProject(app);
    const update = edit({ "app/a.ts": `// moved\n${tableFile("a")}` });
    expect(update.changed).toHaveLength(1);
    expect(newSites(update)).toEqual(["app/a.ts:5:18"]);
  });

  test("the same text again, and a file that nobody imports, give nothing", async () => {
    const { edit } = await openProject(app);
    expect(edit({ "app/a.ts": tableFile("a") }).changed).toEqual([]);
    expect(edit({ "app/alone.ts": "export const alone = 2;\n" }).changed).toEqual([]);
  });

  test("a file that is imported from now on comes, and goes with its import", async () => {
    const { edit, root } = await openProject(app);
    const withAlone = edit({ "app/index.ts": `export * from "./all.js";\nexport * from "./alone.js";\n` });
    expect(withAlone.changed.map(({ path }) => path).sort()).toEqual([
      `${root}/app/alone.ts`,
      `${root}/app/index.ts`,
    ]);
    expect(edit({ "app/index.ts": app["app/index.ts"] }).removed).toEqual([`${root}/app/alone.ts`]);
  });

  test("a file that appears resolves the imports that missed it", async () => {
    const { edit, reader } = await openProject({
      ...app,
      "app/b.ts": tableFile("b").replace("./shared.js", "./new.js"),
    });
    expect(problemLines(reader.check())[0]).toContain(
      "schema/type-error app/b.ts:2:29 Cannot find module './new.js'",
    );
    const update = edit({ "app/new.ts": shared });
    expect(update.changed.map(({ path }) => path.split("/").at(-1))).toEqual(["new.ts"]);
    expect(reader.check()).toEqual([]);
    expect(read(reader, [b])).toEqual(["own Float64", "id String"]);
  });

  test("a deleted file is an error where it was imported", async () => {
    const { edit, reader, root } = await openProject(app);
    reader.check();
    reader.columnsFor([a]);
    expect(edit({ "app/shared.ts": undefined }).removed).toEqual([`${root}/app/shared.ts`]);
    expect(problemLines(reader.check()).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "schema/type-error app/a.ts:2:29",
      "schema/type-error app/b.ts:2:29",
    ]);
  });

  test("a syntax error holds the whole update back until it is mended", async () => {
    const { edit, reader } = await openProject(app);
    const broken = edit({ "app/a.ts": "export const a = {;\n", "app/b.ts": `${tableFile("b")}// edited\n` });
    expect(problemLines(broken.diagnostics)).toEqual([
      "schema/syntax app/a.ts:1:19 Property assignment expected.",
    ]);
    expect(broken.changed).toEqual([]);
    expect(edit({ "app/shared.ts": `${shared}// edited\n` }).diagnostics).toHaveLength(1);
    const mended = edit({ "app/a.ts": tableFile("a") });
    expect(mended.changed.map(({ path }) => path.split("/").at(-1)).sort()).toEqual(["b.ts", "shared.ts"]);
    expect(reader.check()).toEqual([]);
  });
});

describe("a project without its entry is an error, not an empty project", () => {
  test("when it is opened", async () => {
    const { opened } = await openProject({ "app/other.ts": "export {};\n" });
    expect(problemLines(opened.diagnostics)).toEqual([
      "schema/no-entry - there is no app/index.ts, the module from which moose reads the project",
    ]);
  });

  test("when the entry is deleted, until it is back", async () => {
    const { edit } = await openProject(app);
    const gone = edit({ "app/index.ts": undefined });
    expect(gone.diagnostics.map(({ code }) => code)).toEqual(["schema/no-entry"]);
    expect(gone.removed).toEqual([]);
    const back = edit({ "app/index.ts": app["app/index.ts"] });
    expect(back).toEqual({ diagnostics: [], changed: [], removed: [] });
  });
});

describe("type errors", () => {
  test("are told with their place, and stay until they are mended", async () => {
    const { edit, reader } = await openProject(app);
    expect(reader.check()).toEqual([]);
    edit({ "app/a.ts": `${tableFile("a")}export const wrong: string = 1;\n` });
    const error = "schema/type-error app/a.ts:5:14 Type 'number' is not assignable to type 'string'.";
    expect(problemLines(reader.check())).toEqual([error]);
    edit({ "app/b.ts": `${tableFile("b")}// edited\n` });
    expect(problemLines(reader.check())).toEqual([error]);
    edit({ "app/a.ts": tableFile("a") });
    expect(reader.check()).toEqual([]);
  });

  test("appear in the files that use what was edited", async () => {
    const { edit, reader } = await openProject({
      ...app,
      "app/index.ts": `import { a } from "./all.js";\nimport type { Row } from "./a.js";\nexport const r: Row = { id: "x", own: 1 };\na;\n`,
    });
    expect(reader.check()).toEqual([]);
    edit({ "app/shared.ts": "export interface Common { id: number }\n" });
    expect(problemLines(reader.check())).toEqual([
      "schema/type-error app/index.ts:3:25 Type 'string' is not assignable to type 'number'.",
    ]);
  });

  test("of a file that is no longer imported are gone", async () => {
    const { edit, reader } = await openProject({
      ...app,
      "app/alone.ts": "export const x: string = 1;\n",
      "app/index.ts": `import "./alone.js";\n`,
    });
    expect(reader.check()).toHaveLength(1);
    edit({ "app/index.ts": "export {};\n" });
    expect(reader.check()).toEqual([]);
  });

  test("a sorting key that is no field of the row is one", async () => {
    const { reader } = await openProject({
      "app/index.ts": `${libraryImport}new OlapTable<{ id: string }>("t", { orderByFields: ["ix"] });\n`,
    });
    expect(problemLines(reader.check())).toEqual([
      `schema/type-error app/index.ts:2:54 Type '"ix"' is not assignable to type '"id"'.`,
    ]);
  });
});

test("the order of picked columns does not depend on what other files say", async () => {
  const picked = `${libraryImport}interface Big { first: string; second: number; third: Date }\nexport const t = new OlapTable<Pick<Big, "third" | "first">>("t");\n`;
  const { edit, reader } = await openProject({
    "app/index.ts": `import "./before.js";\nimport "./picked.js";\n`,
    "app/before.ts": "export {};\n",
    "app/picked.ts": picked,
  });
  const columns = ["first String", "third DateTime('UTC')"];
  expect(read(reader, ["app/picked.ts:3:18"])).toEqual(columns);
  edit({
    "app/before.ts": `export const order: "third" | "first" = "third";\n`,
    "app/picked.ts": `${picked}// edited\n`,
  });
  reader.check();
  expect(read(reader, ["app/picked.ts:3:18"])).toEqual(columns);
});
