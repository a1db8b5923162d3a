// Makes the projects that the benchmark works on: tables of 20 columns, one or several files each.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const columnsPerTable = 20;

/**
 * Writes a project of `tables` tables in `files` files below `app`, imported by `app/index.ts`. Files beyond the
 * number of tables hold ordinary code that a table file imports.
 */
export function writeProject(folder, { tables, files }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "app"), { recursive: true });
  writeFileSync(join(folder, "moose.config.toml"), "[clickhouse_config]\nhost_port = 0\n");
  const modules = [];
  for (let n = 0; n < files; n++) {
    modules.push(`m${n}`);
    writeFileSync(modulePath(folder, n), n < tables ? tableModule(n, false) : plainModule(n));
  }
  writeFileSync(join(folder, "app", "index.ts"), modules.map((m) => `export * from "./${m}.js";\n`).join(""));
}

export function modulePath(folder, n) {
  return join(folder, "app", `m${n}.ts`);
}

const tablesPerFile = 10;

/** Writes a project of `tables` tables, ten in a file. */
export function writeTables(folder, tables) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "app"), { recursive: true });
  const modules = [];
  for (let first = 0; first < tables; first += tablesPerFile) {
    const numbers = Array.from({ length: Math.min(tablesPerFile, tables - first) }, (_, n) => first + n);
    const [head, ...texts] = numbers.map((n) => tableModule(n, false));
    const body = texts.map((text) => text.slice(text.indexOf("export interface"))).join("\n");
    modules.push(`m${first}`);
    writeFileSync(modulePath(folder, first), `${head}\n${body}`);
  }
  writeFileSync(join(folder, "app", "index.ts"), modules.map((m) => `export * from "./${m}.js";\n`).join(""));
}

/** The module of table `n`, with one column more where `extra` says so. */
export function tableModule(n, extra) {
  const fields = Array.from(
    { length: columnsPerTable - 1 },
    (_, c) => `  c${c}: ${c % 3 === 0 ? "number" : "string"};`,
  );
  return [
    'import { OlapTable } from "@514labs/moose-lib";',
    "",
    `export interface Row${n} {`,
    "  id: string;",
    ...fields,
    ...(extra ? ["  extra: string;"] : []),
    "}",
    "",
    `export const table${n} = new OlapTable<Row${n}>("t${n}", { orderByFields: ["id"] });`,
    "",
  ].join("\n");
}

function plainModule(n) {
  return `export interface Shape${n} { a: string; b: number }\nexport function area${n}(shape: Shape${n}): number {\n  return shape.b * ${n};\n}\n`;
}
