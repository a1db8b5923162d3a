// Reads files that were saved, with patience for editors that empty or replace them on the way.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { FileChange } from "../schema/project-files.js";

const emptyLooks = 3;
const emptyPauseMs = 5;
const absentLooks = 3;
const absentPauseMs = 20;

/** The text as it is now; undefined for a file that stays away. */
async function readSaved(path: string): Promise<string | undefined> {
  let text = readIfThere(path);
  for (let look = 0; look < absentLooks && text === undefined; look++) {
    await sleep(absentPauseMs);
    text = readIfThere(path);
  }
  for (let look = 0; look < emptyLooks && text === ""; look++) {
    await sleep(emptyPauseMs);
    text = readIfThere(path);
  }
  return text;
}

/** At once: a reading in the background would wait for the watcher, which looks at all files of the folder then. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The present texts of `paths`. */
export async function readEdits(paths: Iterable<string>): Promise<readonly FileChange[]> {
  return Promise.all([...paths].map(async (path) => ({ path, text: await readSaved(path) })));
}
