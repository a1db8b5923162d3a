import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf, libraryImport, newSites, openProject, problemLines, read } from "./project.js";

const table = (rowImport: string) => `${libraryImport}${rowImport}\nnew OlapTable<Row>("t");\n`;
const row = "export interface Row { id: string }\n";

describe("a row type is found wherever it is declared", () => {
  test("through a path of tsconfig.json", async () => {
    expect(
      await columnsOf({
        "tsconfig.json": `{ // a comment\n "compilerOptions": { "module": "nodenext", "paths": { "@rows/*": ["./rows/*"] } } }`,
        "package.json": `{ "type": "module" }`,
        "rows/a.ts": row,
        "app/index.ts": table(`import type { Row } from "@rows/a.js";`),
      }),
    ).toEqual(["id String"]);
  });

  test("through baseUrl, with a tsconfig.json that extends another", async () => {
    expect(
      await columnsOf({
        "base.json": `{ "compilerOptions": { "baseUrl": "./lib", "module": "commonjs", "moduleResolution": "node10" } }`,
        "tsconfig.json": `{ "extends": "./base.json" }`,
        "lib/rows.ts": row,
        "app/index.ts": table(`import type { Row } from "rows";`),
      }),
    ).toEqual(["id String"]);
  });

  test("in a package of node_modules", async () => {
    expect(
      await columnsOf({
        "node_modules/rows/package.json": `{ "name": "rows", "version": "1.0.0", "types": "./index.d.ts" }`,
        "node_modules/rows/index.d.ts": row,
        "app/index.ts": table(`import type { Row } from "rows";`),
      }),
    ).toEqual(["id String"]);
  });

  test("through re-exports and namespaces", async () => {
    expect(
      await columnsOf({
        "app/a.ts": row,
        "app/b.ts": `export * from "./a.js"; export * as all from "./a.js";`,
        "app/moose.ts": `export { OlapTable as Table } from "@514labs/moose-lib"; export * as moose from "@514labs/moose-lib";`,
        "app/index.ts": `import * as rows from "./b.js"; import { Table, moose } from "./moose.js";\nnew Table<rows.Row>("t"); new moose.OlapTable<rows.all.Row & { n: number }>("u");`,
      }),
    ).toEqual(["id String", "n Float64"]);
  });

  test("a workspace package behind a symbolic link is read as source, and run as the project's own", async () => {
    const { root, reader, opened } = await openProject({
      "packages/rows/package.json": `{ "name": "rows", "version": "1.0.0", "exports": "./src/index.ts" }`,
      "packages/rows/src/index.ts": `${libraryImport}${row}export const own = new OlapTable<Row>("own");`,
      "node_modules/rows": "-> ../packages/rows",
      "app/index.ts": table(`import { own, type Row } from "rows";`),
    });
    expect(opened.changed.map(({ path }) => path).sort()).toEqual([
      join(root, "app/index.ts"),
      join(root, "packages/rows/src/index.ts"),
    ]);
    for (const site of newSites(opened)) expect(read(reader, [site])).toEqual(["id String"]);
    expect(reader.check()).toEqual([]);
  });

  test("an installed moose-lib is used before the library that comes along", async () => {
    expect(
      await columnsOf({
        "node_modules/@514labs/moose-lib/package.json": `{ "name": "@514labs/moose-lib", "version": "9.9.9", "types": "./index.d.ts" }`,
        "node_modules/@514labs/moose-lib/index.d.ts": `export declare class OlapTable<T> { "~moose"?: { schema: { installed: T } }; constructor(name: string) }`,
        "app/index.ts": `${libraryImport}new OlapTable<number>("t");`,
      }),
    ).toEqual(["installed Float64"]);
  });
});

describe("what a project's code may use", () => {
  test("the globals and modules of Node need no types", async () => {
    const { reader } = await openProject({
      "app/index.ts": `import { readFileSync } from "node:fs"; import path from "path";
console.log(process.env.NAME, Buffer.from("x"), setTimeout(() => {}, 1), fetch, new URL("x:"), __dirname, import.meta.dirname);
export const names = readFileSync("x").toString().split(",").map((line) => path.join(line)); const t: NodeJS.Timeout = 1; export { t };
`,
    });
    expect(problemLines(reader.check())).toEqual([]);
  });

  test("the types that tsconfig.json names are read", async () => {
    const { reader } = await openProject({
      "tsconfig.json": `{ "compilerOptions": { "types": ["env"], "module": "esnext", "moduleResolution": "bundler" } }`,
      "node_modules/@types/env/package.json": `{ "name": "@types/env", "version": "1.0.0" }`,
      "node_modules/@types/env/index.d.ts": "declare const process: { region: string };",
      "app/index.ts": "export const region: number = process.region; export const x = missing;",
    });
    expect(problemLines(reader.check())).toEqual([
      "schema/type-error app/index.ts:1:14 Type 'string' is not assignable to type 'number'.",
      "schema/type-error app/index.ts:1:64 Cannot find name 'missing'.",
    ]);
  });

  test("declaration files of the project need no import", async () => {
    expect(
      await columnsOf({
        "tsconfig.json": "{}",
        "types/globals.d.ts": "interface Shared { id: string }",
        "app/index.ts": `${libraryImport}new OlapTable<Shared>("t");`,
      }),
    ).toEqual(["id String"]);
  });

  test("rules of style in tsconfig.json do not stop moose", async () => {
    const { reader } = await openProject({
      "tsconfig.json": `{ "compilerOptions": { "strict": false, "noUnusedLocals": true, "composite": true, "isolatedDeclarations": true, "outDir": "dist" } }`,
      "app/index.ts": "const unused = (a) => a; export const b = unused.name;",
    });
    expect(problemLines(reader.check())).toEqual([]);
  });

  test("a tsconfig.json that cannot be read is an error, with its place", async () => {
    const { opened, edit } = await openProject({
      "tsconfig.json": `{ "compilerOptions": { "target": "es1" } }`,
      "app/index.ts": "",
    });
    expect(opened.diagnostics[0]).toMatchObject({
      code: "schema/tsconfig",
      place: { file: "tsconfig.json", line: 1, column: 34 },
    });
    expect(opened.changed).toEqual([]);
    expect(edit({ "app/index.ts": "export {};" })).toEqual(opened);
  });

  test("the watched files are the sources and the configuration", async () => {
    const { root, reader } = await openProject({
      "base.json": "{}",
      "tsconfig.json": `{ "extends": "./base.json" }`,
      "app/index.ts": `import "./a.js";`,
      "app/a.ts": "export {};",
      "app/unused.ts": "",
    });
    expect(
      reader
        .watchedFiles()
        .filter((path) => path.startsWith(root))
        .sort(),
    ).toEqual(["app/a.ts", "app/index.ts", "base.json", "tsconfig.json"].map((path) => join(root, path)));
    expect(reader.isConfig(join(root, "base.json"))).toBe(true);
    expect(reader.isConfig(join(root, "app/a.ts"))).toBe(false);
  });
});
