// Types that were read are kept for the next command, and never used once anything has changed that they came from.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildFile } from "../../runtime/reconcile/build.js";
import { readInframapText } from "../../src/infra/inframap-text.js";

const builtMain = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "moose-cache-test-"));
  mkdirSync(join(folder, "app"));
  write("app/rows.ts", "export interface Row { id: string; n: number }\n");
  write(
    "app/index.ts",
    'import { OlapTable } from "@514labs/moose-lib";\nimport type { Row } from "./rows.js";\nexport const a = new OlapTable<Row>(process.env.NAME ?? "a", { orderByFields: ["id"] });\nif (process.env.MORE) new OlapTable<{ k: string }>("more", { orderByFields: ["k"] });\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

const cacheFile = () => join(folder, ".moose/schema-cache.json");

/** What `moose build` writes of the code's tables. */
function read(environment: Readonly<Record<string, string>> = {}): readonly (readonly string[])[] {
  rmSync(join(folder, buildFile), { force: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtMain, "build", "--project", folder], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...environment },
  });
  expect(status, stdout + stderr).toBe(0);
  const section = JSON.parse(readFileSync(join(folder, buildFile), "utf8")).moose_build;
  return [...readInframapText(section.map).tables.values()].map(({ name, columns }) => [
    name,
    ...columns.map((one) => `${one.name} ${one.type}`),
  ]);
}

/** What the file says in place of the types, to see whether it is what is used. */
function forge(): void {
  const text = readFileSync(cacheFile(), "utf8");
  expect(text).toContain('"name":"n"');
  writeFileSync(cacheFile(), text.replaceAll('"name":"n"', '"name":"forged"'));
}

const real = [["a", "id String", "n Float64"]];

test("the second read gives what the first gave, without the compiler", () => {
  expect(read()).toEqual(real);
  expect(read()).toEqual(real);
  forge();
  expect(read()).toEqual([["a", "id String", "forged Float64"]]);
});

test.each([
  [
    "a source has another text",
    () => write("app/rows.ts", "export interface Row { id: string; n: number; m: string }\n"),
    [["a", "id String", "n Float64", "m String"]],
  ],
  ["a file is new in a folder of sources", () => write("app/other.ts", "export {};\n"), real],
  ["there is a tsconfig.json now", () => write("tsconfig.json", "{}"), real],
  [
    "the file was cut short",
    () => writeFileSync(cacheFile(), readFileSync(cacheFile(), "utf8").slice(0, 99)),
    real,
  ],
])("it is read anew when %s", (_, change, expected) => {
  read();
  forge();
  change();
  expect(read()).toEqual(expected);
});

test("it is read anew when a declaration file of a package is another", () => {
  mkdirSync(join(folder, "node_modules/rows"), { recursive: true });
  write("node_modules/rows/package.json", '{ "name": "rows", "types": "index.d.ts" }');
  write("node_modules/rows/index.d.ts", "export interface Row { id: string; n: number }\n");
  write("app/rows.ts", 'export type { Row } from "rows";\n');
  read();
  forge();
  utimesSync(join(folder, "node_modules/rows/index.d.ts"), 1, 1);
  expect(read()).toEqual(real);
});

test("what the code declares is asked of the code each time", () => {
  read();
  expect(read({ NAME: "other" })).toEqual([["other", "id String", "n Float64"]]);
  expect(read({ MORE: "1" })).toEqual([...real, ["more", "k String"]]);
});

test("code with a problem leaves no cache", () => {
  write("app/rows.ts", "export interface Row { id: string; n: any }\n");
  expect(() => read()).toThrow("any");
  expect(existsSync(cacheFile())).toBe(false);
});
