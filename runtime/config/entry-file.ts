// The file of the project that moose loads, `<source_dir>/index.ts`.

import { stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";

export interface EntryFile {
  /** Absolute. */
  readonly sourceFolder: string;
  /** Absolute. */
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
}

export async function findEntry(folder: string, sourceDir: string): Promise<EntryFile> {
  const sourceFolder = resolve(folder, sourceDir);
  const file = join(sourceFolder, "index.ts");
  const diagnostics = (await isFile(file)) ? [] : [noEntry(folder, file)];
  return { sourceFolder, file, diagnostics };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Missing, or in a folder that cannot be entered: there is nothing to load either way.
    return false;
  }
}

function noEntry(folder: string, file: string): Diagnostic {
  const name = relative(folder, file).split(sep).join("/");
  return {
    code: "config/no-entry",
    severity: "error",
    summary: `There is no ${name}.`,
    detail:
      "moose loads this file and the files that it imports; tables that are not reached from it do not exist for moose.",
    hint: `Create ${name} and export a table from it, \`export const events = new OlapTable<Event>("events", { orderByFields: ["id"] });\`, or set \`source_dir\` to the folder that has it.`,
  };
}
