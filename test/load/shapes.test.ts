// The kinds of app that load, each first as a whole and then again after an edit.

import { expect, test } from "vitest";
import { declared, lib, load, names, Project } from "./project.js";

const table = (name: string) => `${lib}\nexport const ${name} = new OlapTable<{ id: string }>("${name}");\n`;

test("a file that declares a table is run, and run again when it changes", async () => {
  const [project, first] = await load({ "app/index.ts": table("a") });
  expect(declared(first)).toEqual([
    { kind: "OlapTable", name: "a", config: {}, sites: ["app/index.ts:2:18"], file: "app/index.ts" },
  ]);
  expect(names(await project.load({ "app/index.ts": table("b") }))).toEqual(["b"]);
});

test("an edit runs the file and its importers again, and no other file", async () => {
  const counted = (name: string) => `${table(name)}console.log("ran ${name}");\n`;
  const files = {
    "app/a.ts": counted("a"),
    "app/b.ts": counted("b"),
    "app/index.ts": 'export * from "./a";\nexport * from "./b";\nconsole.log("ran index");',
  };
  const [project] = await load(files);
  await project.eventOf("output", ({ line }) => line === "ran index");
  project.events.length = 0;
  expect(names(await project.load({ "app/b.ts": counted("c") }))).toEqual(["a", "c"]);
  await project.eventOf("output", ({ line }) => line === "ran index");
  expect(project.events.map((event) => event.kind === "output" && event.line)).toEqual([
    "ran c",
    "ran index",
  ]);
});

test("what is no longer imported is no longer declared, and comes back when it is imported again", async () => {
  const [project, first] = await load({
    "app/a.ts": table("a"),
    "app/b.ts": table("b"),
    "app/index.ts": 'import "./a";\nimport "./b";',
  });
  expect(names(first)).toEqual(["a", "b"]);
  expect(names(await project.load({ "app/index.ts": 'import "./a";' }))).toEqual(["a"]);
  expect(names(await project.load({ "app/index.ts": 'import "./b";\nimport "./a";' }))).toEqual(["a", "b"]);
});

test("a file can be added, moved and removed", async () => {
  const [project] = await load({ "app/index.ts": 'export * from "./m";', "app/m.ts": table("a") });
  const moved = await project.load({ "app/m.ts": undefined, "app/m/index.ts": table("b") });
  expect(names(moved)).toEqual(["b"]);
  expect(names(await project.load({ "app/index.ts": "", "app/m/index.ts": undefined }))).toEqual([]);
});

test("the text that moose sends is run, not what is on disk", async () => {
  const project = new Project({ "app/index.ts": table("disk") });
  const source = { path: project.path("app/index.ts"), text: table("sent"), insertions: [] };
  expect(names(await project.code.load({ changed: [source], removed: [] }))).toEqual(["sent"]);
});

test("an entry that lists its folder sees a file that is added", async () => {
  const index = `import { readdirSync } from "node:fs";
for (const file of readdirSync(__dirname + "/tables")) require("./tables/" + file);`;
  const [project, first] = await load({ "app/index.ts": index, "app/tables/a.ts": table("a") });
  expect(names(first)).toEqual(["a"]);
  expect(names(await project.load({ "app/tables/b.ts": table("b") }))).toEqual(["a", "b"]);
});

test.each([
  ["no package.json", {}, "./m"],
  ["type commonjs", { "package.json": '{"type":"commonjs"}' }, "./m"],
  ["type module with .js suffixes", { "package.json": '{"type":"module"}' }, "./m.js"],
])("an app with %s loads", async (_title, files, specifier) => {
  const index = `import { a } from "${specifier}";\nexport { a };`;
  const [project, first] = await load({ ...files, "app/m.ts": table("a"), "app/index.ts": index });
  expect(names(first)).toEqual(["a"]);
  expect(names(await project.load({ "app/m.ts": `${table("a")}${table("b").split("\n")[1]}` }))).toEqual([
    "a",
    "b",
  ]);
});

test(".mts, .cts, .tsx, .js and .json files load", async () => {
  const [project, first] = await load({
    "app/m.mts": table("m"),
    "app/c.cts": table("c"),
    "app/x.tsx": table("x"),
    "app/j.js": `${lib}\nnew OlapTable("j");`,
    "app/data.json": '{ "name": "from_json" }',
    "app/index.ts": `${lib}
import "./m.mjs"; import "./c.cjs"; import "./x"; import "./j.js";
import data from "./data.json" with { type: "json" };
new OlapTable<{}>(data.name);`,
  });
  expect([...names(first)].sort()).toEqual(["c", "from_json", "j", "m", "x"]);
  const edited = await project.load({ "app/data.json": '{ "name": "again" }' });
  expect([...names(edited)].sort()).toEqual(["again", "c", "j", "m", "x"]);
});

test("import.meta, __dirname, require and process.cwd are those of the user's file", async () => {
  const [project, first] = await load({
    "app/index.ts": `#!/usr/bin/env node
${lib}
import { pathToFileURL } from "node:url";
if (import.meta.filename !== __filename || import.meta.dirname !== __dirname) throw new Error("paths");
if (import.meta.url !== pathToFileURL(__filename).href) throw new Error("url");
if (!import.meta.resolve("./m.ts").startsWith("file:///")) throw new Error("resolve");
const { a } = require("./m") as { a: string };
new OlapTable(a, { comment: process.cwd() });`,
    "app/m.ts": 'export const a = "a";',
  });
  expect(declared(first)).toMatchObject([{ name: "a", config: { comment: project.root } }]);
});

test("paths of the tsconfig and of the one that it extends are followed", async () => {
  const [project, first] = await load({
    "tsconfig.base.json": '{ "compilerOptions": { "experimentalDecorators": true, /* why */ }, }',
    "tsconfig.json":
      '{ "extends": "./tsconfig.base.json", "compilerOptions": { "baseUrl": ".", "paths": { "@app/*": ["app/*"] } } }',
    "app/m.ts": `${table("a")}function mark(_: unknown) { console.log(arguments.length); }\n@mark class Old {}\nvoid Old;`,
    "app/index.ts": 'export * from "@app/m";',
  });
  expect(names(first)).toEqual(["a"]);
  // With the decorators of today the function would be called with two arguments.
  expect((await project.eventOf("output")).line).toBe("1");
});

test("a workspace package with TypeScript in it loads through node_modules, and reloads", async () => {
  const project = new Project({});
  project.write({ "packages/shared/package.json": '{ "name": "shared", "main": "./src/index.ts" }' });
  const { symlinkSync, mkdirSync } = await import("node:fs");
  mkdirSync(project.path("node_modules"));
  symlinkSync(project.path("packages/shared"), project.path("node_modules/shared"));
  const first = await project.load({
    "packages/shared/src/index.ts": table("s"),
    "app/index.ts": 'export * from "shared";',
  });
  expect(declared(first)).toMatchObject([{ name: "s", file: "packages/shared/src/index.ts" }]);
  expect(names(await project.load({ "packages/shared/src/index.ts": table("t") }))).toEqual(["t"]);
});

test("the installed library goes before ours", async () => {
  const project = new Project({});
  project.write({
    "node_modules/@514labs/moose-lib/package.json": '{ "type": "module", "exports": "./index.js" }',
    "node_modules/@514labs/moose-lib/index.js": 'export const which = "installed";',
  });
  const index = `import { which } from "@514labs/moose-lib"; console.log(which);`;
  expect(names(await project.load({ "app/index.ts": index }))).toEqual([]);
  expect((await project.eventOf("output")).line).toBe("installed");
});

test("tables that a package declares stay declared while the files that import it are edited", async () => {
  const project = new Project({});
  const { symlinkSync, mkdirSync } = await import("node:fs");
  mkdirSync(project.path("node_modules/@514labs"), { recursive: true });
  symlinkSync(new URL("../..", import.meta.url).pathname, project.path("node_modules/@514labs/moose-lib"));
  project.write({
    "node_modules/pack/package.json": '{ "type": "module", "exports": "./index.js" }',
    "node_modules/pack/index.js": `${lib}\nnew OlapTable("packed");`,
  });
  const first = await project.load({ "app/index.ts": 'import "pack";' });
  expect(declared(first)).toMatchObject([{ name: "packed", file: "node_modules/pack/index.js" }]);
  expect(names(await project.load({ "app/index.ts": `import "pack";\n${table("a")}` }))).toEqual([
    "a",
    "packed",
  ]);
  expect(names(await project.load({ "app/index.ts": table("a") }))).toEqual(["a"]);
  expect(names(await project.load({ "app/index.ts": `import "pack";\n` }))).toEqual(["packed"]);
});

test("dependencies that are ES modules load once, whether imported or import()ed", async () => {
  const project = new Project({});
  project.write({
    "node_modules/esm-only/package.json":
      '{ "type": "module", "exports": { ".": { "import": "./index.js" } } }',
    "node_modules/esm-only/index.js":
      'globalThis.times = (globalThis.times ?? 0) + 1; export default "def"; export const named = "nam";',
    "node_modules/old/index.js": 'module.exports = { named: "old" };',
  });
  const index = `${lib}
import def, { named } from "esm-only";
import old, { named as oldNamed } from "old";
new OlapTable(def + named + old.named + oldNamed);
void import("esm-only").then((m) => new OlapTable(m.default + (globalThis as any).times));`;
  expect(names(await project.load({ "app/index.ts": index }))).toEqual(["defnamoldold", "def1"]);
  expect(names(await project.load({ "app/index.ts": `${index}\n` }))).toEqual(["defnamoldold", "def1"]);
});

test("a file that is imported dynamically declares its tables too", async () => {
  const [project, first] = await load({
    "app/lazy.ts": table("lazy"),
    "app/index.ts": 'void import("./lazy");',
  });
  expect(declared(first)).toMatchObject([{ name: "lazy", file: "app/lazy.ts" }]);
  expect(names(await project.load({ "app/lazy.ts": table("lazier") }))).toEqual(["lazier"]);
});

test("a file that is loaded through createRequire reloads", async () => {
  const index = 'import { createRequire } from "node:module"; createRequire(import.meta.url)("./m.ts");';
  const [project, first] = await load({ "app/m.ts": table("a"), "app/index.ts": index });
  expect(names(first)).toEqual(["a"]);
  expect(names(await project.load({ "app/m.ts": table("b") }))).toEqual(["b"]);
});

test("files that import each other load and reload", async () => {
  const a = `import { b } from "./b";\n${table("a")}export const useB = () => b.name;`;
  const b = `import { useB } from "./a";\n${table("b")}export const again = () => useB();`;
  const [project, first] = await load({ "app/a.ts": a, "app/b.ts": b, "app/index.ts": 'import "./a";' });
  expect(names(first)).toEqual(["a", "b"]);
  expect(names(await project.load({ "app/b.ts": b.replace('"b")', '"c")') }))).toEqual(["a", "c"]);
});

test("a config is reduced to JSON, with other tables by name and without cycles", async () => {
  const [, first] = await load({
    "app/index.ts": `${lib}
const to = new OlapTable<{}>("to");
const config: any = { comment: "c", to, list: [1, undefined, () => 1], f() {}, at: new Date(0), big: 1n, map: new Map() };
const inner: any = { y: 1 };
inner.self = inner;
config.inner = inner;
Object.defineProperty(config, "bad", { enumerable: true, get() { return { get x() { throw new Error("no"); }, y: 1 }; } });
new OlapTable("from", config);`,
  });
  expect(declared(first)[1]?.config).toEqual({
    comment: "c",
    to: { name: "to" },
    list: [1, null, null],
    at: "1970-01-01T00:00:00.000Z",
    inner: { y: 1 },
    bad: { y: 1 },
  });
});

test("registrations come ordered by file", async () => {
  const files = { "app/z.ts": table("first"), "app/b.ts": table("second") };
  const [, result] = await load({ ...files, "app/index.ts": 'import "./z"; import "./b";' });
  expect(declared(result).map(({ file }) => file)).toEqual(["app/b.ts", "app/z.ts"]);
});
