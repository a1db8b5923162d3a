// Reads and writes files below the migrations folder of a project, and none anywhere else.

import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, realpath, rename, unlink } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";
import { sha256 } from "../../src/infra/sha256.js";
import { problemOf } from "./places.js";

export const migrationsFolder = "migrations";

/** Bounds in bytes: plans and migrations are read by people, states are only compared. */
export const maxPlanBytes = 5 * 1024 * 1024;
export const maxStateBytes = 64 * 1024 * 1024;

export type FileText =
  | { readonly kind: "absent" }
  /** `hash` is the sha256 of the bytes. */
  | { readonly kind: "read"; readonly text: string; readonly hash: string }
  | { readonly kind: "refused"; readonly problem: Diagnostic };

/**
 * @param project - the project's folder
 * @param name - of a file in its migrations folder
 */
export async function readMigrationFile(project: string, name: string, maxBytes: number): Promise<FileText> {
  const shown = `${migrationsFolder}/${name}`;
  try {
    const path = await realpath(join(project, migrationsFolder, name));
    if (dirname(path) !== (await folderOf(project))) return refused(outside(shown));
    return await readBounded(path, shown, maxBytes);
  } catch (error) {
    if (isMissing(error)) return { kind: "absent" };
    return refused(unreadable(shown, error));
  }
}

/** The real migrations folder; an error where it leads out of the project. */
async function folderOf(project: string): Promise<string> {
  const root = await realpath(project);
  const folder = await realpath(join(root, migrationsFolder));
  if (!isInside(root, folder)) throw new OutsideError();
  return folder;
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

class OutsideError extends Error {}

async function readBounded(path: string, shown: string, maxBytes: number): Promise<FileText> {
  // Not to wait for a pipe, nor to follow a link that has come in between.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      return refused(problemOf("migrations/unreadable-file", shown, `${shown} is no file`));
    if (stats.size > maxBytes) return refused(tooLarge(shown, maxBytes));
    // It may have grown since.
    const bytes = Buffer.alloc(stats.size + 1);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read) {
      read = (await file.read(bytes, length, bytes.length - length, length)).bytesRead;
    }
    if (length !== stats.size)
      return refused(problemOf("migrations/unreadable-file", shown, `${shown} is being written`));
    return decoded(bytes.subarray(0, length), shown);
  } finally {
    await file.close();
  }
}

function decoded(bytes: Buffer, shown: string): FileText {
  const hash = sha256(bytes);
  try {
    return { kind: "read", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), hash };
  } catch {
    return refused(problemOf("migrations/not-utf8", shown, `${shown} is not UTF-8 text`));
  }
}

/** Names of the files in the migrations folder that end in `.yaml` or `.yml`, sorted; none where there is no folder. */
export async function listMigrationFiles(project: string): Promise<readonly string[]> {
  try {
    const names = await readdir(await folderOf(project));
    return names.filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*\.ya?ml$/.test(name)).sort();
  } catch (error) {
    if (isMissing(error) || error instanceof OutsideError) return [];
    throw error;
  }
}

/**
 * Writes a file so that it is there whole or not at all.
 *
 * @param folder - relative to the project; made where it is missing
 * @returns a problem when it cannot be written, or the folder leads out of the project
 */
export async function writeProjectFile(
  project: string,
  folder: string,
  name: string,
  text: string,
): Promise<Diagnostic | undefined> {
  const shown = `${folder}/${name}`;
  try {
    const root = await realpath(project);
    await mkdir(join(root, folder), { recursive: true });
    const real = await realpath(join(root, folder));
    if (!isInside(root, real)) return outside(shown);
    await replaceFile(real, name, text);
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return problemOf("migrations/unwritable-file", shown, `${shown} cannot be written: ${reasonOf(code)}`);
  }
}

async function replaceFile(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `.${name}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** Nothing happens where it is not there. */
export async function removeMigrationFile(project: string, name: string): Promise<void> {
  try {
    const folder = await folderOf(project);
    await unlink(join(folder, name));
    await syncFolder(folder);
  } catch (error) {
    if (!isMissing(error) && !(error instanceof OutsideError)) throw error;
  }
}

/** So that the new name is there after a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function refused(problem: Diagnostic): FileText {
  return { kind: "refused", problem };
}

function outside(shown: string): Diagnostic {
  const hint = "put the file itself there instead of a link";
  return problemOf(
    "migrations/outside-project",
    shown,
    `${shown} leads out of the project's migrations folder`,
    hint,
  );
}

export function tooLarge(shown: string, maxBytes: number): Diagnostic {
  return problemOf("migrations/too-large", shown, `${shown} has more than ${maxBytes / 1024 / 1024} MiB`);
}

function unreadable(shown: string, error: unknown): Diagnostic {
  if (error instanceof OutsideError) return outside(shown);
  const code = codeOf(error);
  if (code === undefined) throw error;
  return problemOf("migrations/unreadable-file", shown, `${shown} cannot be read: ${reasonOf(code)}`);
}

function reasonOf(code: string): string {
  if (code === "EACCES" || code === "EPERM") return "permission is denied";
  if (code === "ELOOP") return "it is a link in a circle";
  if (code === "EISDIR") return "it is a folder";
  return code;
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
