// The file that a pull writes: its own, written anew each time, and never one of somebody else's.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import type { OneShot } from "./one-shot.js";

export interface PulledFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the project, as people read it. */
  readonly shown: string;
}

/** @param filePath - relative to the project */
export function pulledFile({ settings }: OneShot, filePath: string): PulledFile {
  const path = resolve(settings.folder, filePath);
  return { path, shown: relative(settings.folder, path).split(sep).join("/") };
}

/**
 * Writes it as a whole; false where the file that is there was not written by this command, which is said.
 *
 * @param firstLine - by which its own file is known
 */
export async function writePulled(
  shot: OneShot,
  { path, shown }: PulledFile,
  {
    text,
    firstLine,
    command,
  }: { readonly text: string; readonly firstLine: string; readonly command: string },
): Promise<boolean> {
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before !== undefined && !before.startsWith(`// ${firstLine}`)) {
    shot.problems([
      {
        code: "cli/foreign-file",
        severity: "error",
        summary: `${shown} was not written by ${command}, and is left alone`,
        hint: "name another file with --file-path, or move this one away",
      },
    ]);
    return false;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  return true;
}

/** How to have it declared. */
export function importHint({ settings, colors }: OneShot): string {
  return colors.dim(`import it in ${relative(settings.folder, settings.entryFile)} to have them declared`);
}
