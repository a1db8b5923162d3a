// The columns of tables, for programs that use the library: out of what `moose build` wrote.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { addressOf } from "../../src/infra/address.js";
import { readInframapText } from "../../src/infra/inframap-text.js";
import type { Column, Table } from "../../src/infra/table.js";
import { buildFile } from "../reconcile/build.js";

interface Read {
  readonly path: string;
  readonly changedMs: number;
  readonly tables: ReadonlyMap<string, Table>;
}

let last: Read | undefined;

/** Undefined where there is no build in the folder of the process, or no such table in it. */
export function builtColumns(name: string, database: string | undefined): readonly Column[] | undefined {
  const tables = readTables(join(process.cwd(), buildFile));
  if (tables === undefined) return undefined;
  if (database !== undefined) return tables.get(addressOf({ database, name }))?.columns;
  return [...tables.values()].find((table) => table.name === name)?.columns;
}

function readTables(path: string): ReadonlyMap<string, Table> | undefined {
  const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (changedMs === undefined) return undefined;
  if (last?.path === path && last.changedMs === changedMs) return last.tables;
  try {
    const { tables } = readInframapText(JSON.parse(readFileSync(path, "utf8")).moose_build.map);
    last = { path, changedMs, tables };
    return tables;
  } catch {
    // A file that is being written, or another tool's, is as good as none.
    return undefined;
  }
}
