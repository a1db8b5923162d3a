// Code that awaits at top level, which runs as one bundle in a fresh process each time.

import { expect, test } from "vitest";
import { declared, lib, load, names, Project, problemOf } from "./project.js";

const wait = "await new Promise((resolve) => setTimeout(resolve, 5));";
const table = (name: string) => `${lib}\nexport const ${name} = new OlapTable<{ id: string }>("${name}");\n`;

test("an app that awaits at top level loads and reloads, each table with its own file and site", async () => {
  const [project, first] = await load({
    "app/a.ts": `${wait}\n${table("a")}`,
    "app/b.ts": table("b"),
    "app/index.ts": `import "./b";\nexport * from "./a";\n${table("i")}`,
  });
  expect(declared(first).map(({ name, file, sites }) => [name, file, sites[0]])).toEqual([
    ["a", "app/a.ts", "app/a.ts:3:18"],
    ["b", "app/b.ts", "app/b.ts:2:18"],
    ["i", "app/index.ts", "app/index.ts:4:18"],
  ]);
  expect(await project.eventOf("mode")).toEqual({
    kind: "mode",
    mode: "bundle",
    because: "app/a.ts awaits at top level",
  });
  expect(names(await project.load({ "app/b.ts": table("c") }))).toEqual(["a", "c", "i"]);
  expect(names(await project.load({ "app/b.ts": table("d") }))).toEqual(["a", "d", "i"]);
});

test("when the await is gone, files are modules again", async () => {
  const [project] = await load({ "app/index.ts": `${wait}\n${table("a")}` });
  expect(names(await project.load({ "app/index.ts": table("b") }))).toEqual(["b"]);
  expect((await project.eventOf("mode", ({ mode }) => mode === "modules")).because).toBe(
    "app/index.ts has changed",
  );
  const { pid } = project.code;
  expect(names(await project.load({ "app/index.ts": table("c") }))).toEqual(["c"]);
  expect(project.code.pid).toBe(pid);
});

test("a dependency that awaits at top level loads", async () => {
  const project = new Project({});
  project.write({
    "node_modules/waits/package.json": '{ "type": "module", "exports": "./index.js" }',
    "node_modules/waits/index.js": 'export const name = await Promise.resolve("awaited");',
  });
  const index = `${lib}\nimport { name } from "waits";\nnew OlapTable<{}>(name);`;
  expect(names(await project.load({ "app/index.ts": index }))).toEqual(["awaited"]);
  expect((await project.eventOf("mode")).because).toBe("a dependency awaits at top level");
});

test("what modules can do, a bundle can do", async () => {
  const project = new Project({});
  project.write({
    "node_modules/old/package.json": '{ "main": "./index.js" }',
    "node_modules/old/index.js": 'exports.named = "old";',
    "packages/shared/package.json": '{ "name": "shared", "main": "./src/index.ts" }',
    "tsconfig.json": '{ "compilerOptions": { "paths": { "@app/*": ["./app/*"] } } }',
  });
  const { symlinkSync } = await import("node:fs");
  symlinkSync(project.path("packages/shared"), project.path("node_modules/shared"));
  const result = await project.load({
    "packages/shared/src/index.ts": table("shared"),
    "app/data.json": '{ "name": "json" }',
    "app/m.mts": table("mts"),
    "app/lazy.ts": table("lazy"),
    "app/index.ts": `#!/usr/bin/env node
${lib}
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import data from "@app/data.json" with { type: "json" };
import { named } from "old";
import "./m.mjs";
import { shared } from "shared";
${wait}
await import("./lazy.js");
if (import.meta.url !== pathToFileURL(process.cwd() + "/app/index.ts").href) throw new Error(import.meta.url);
if (import.meta.dirname !== process.cwd() + "/app") throw new Error("dirname");
if (!(shared instanceof OlapTable)) throw new Error("two copies");
if (require("old").named !== named || !readFileSync) throw new Error("require");
new OlapTable<{}>(data.name + named);`,
  });
  expect(declared(result).map(({ name, file }) => [name, file])).toEqual([
    ["jsonold", "app/index.ts"],
    ["lazy", "app/lazy.ts"],
    ["mts", "app/m.mts"],
    ["shared", "packages/shared/src/index.ts"],
  ]);
});

test("errors in a bundle have their true places", async () => {
  const [project] = await load({ "app/index.ts": `${wait}\nimport "./b";`, "app/b.ts": table("b") });
  const thrown = problemOf(
    await project.load({ "app/b.ts": `${table("b")}const x = new Map(); throw new Error("bad");` }),
  );
  expect(thrown).toMatchObject({ summary: "Error: bad", place: { file: "app/b.ts", line: 3, column: 28 } });
  expect(thrown.detail).toBe("at app/b.ts:3:28");
  const syntax = problemOf(
    await project.load({ "app/b.ts": `${lib}\nconst t = new OlapTable("é"); const x = = 1;` }),
  );
  expect(syntax).toMatchObject({ code: "load/syntax", place: { file: "app/b.ts", line: 2, column: 41 } });
  const first = problemOf(await project.load({ "app/b.ts": "const x = = 1;" }));
  expect(first).toMatchObject({ code: "load/syntax", place: { file: "app/b.ts", line: 1, column: 11 } });
  const missing = problemOf(await project.load({ "app/b.ts": 'import "./nowhere";' }));
  expect(missing).toMatchObject({
    code: "load/module-not-found",
    place: { file: "app/b.ts", line: 1, column: 8 },
  });
  const exited = problemOf(await project.load({ "app/b.ts": "process.exit(1);" }));
  expect(exited).toMatchObject({ code: "load/exited", place: { file: "app/b.ts", line: 1, column: 9 } });
  expect(names(await project.load({ "app/b.ts": table("mended") }))).toEqual(["mended"]);
});

test("an await that never ends is stopped at the deadline", async () => {
  const [project, result] = await load(
    { "app/index.ts": "await new Promise(() => setInterval(() => {}, 1000));" },
    { deadlineMs: 800 },
  );
  expect(problemOf(result).code).toBe("load/timeout");
  expect(names(await project.load({ "app/index.ts": `${wait}${table("a")}` }))).toEqual(["a"]);
});
