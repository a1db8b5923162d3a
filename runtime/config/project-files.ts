// Reads the text files of a project folder, and remembers which were looked for, so that they can be watched.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";

/** Largest settings file that is read; more is a mistake. */
const maxBytes = 1024 * 1024;

export class ProjectFiles {
  readonly folder: string;
  readonly #lookedFor = new Set<string>();
  readonly #diagnostics: Diagnostic[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Absolute paths of all files asked for so far, whether they exist or not. */
  get lookedFor(): readonly string[] {
    return [...this.#lookedFor];
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** The text of a file of the folder without byte order mark; `undefined` where there is none or it cannot be read. */
  async read(name: string): Promise<string | undefined> {
    const path = join(this.folder, name);
    this.#lookedFor.add(path);
    try {
      const bytes = await readFile(path);
      if (bytes.length > maxBytes) return this.#unreadable(name, "it is larger than 1 MiB");
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (error) {
      return isMissing(error) ? undefined : this.#unreadable(name, reasonOf(error));
    }
  }

  #unreadable(name: string, reason: string): undefined {
    this.#diagnostics.push({
      code: "config/unreadable-file",
      severity: "error",
      summary: `${name} cannot be read: ${reason}.`,
      place: { file: name, line: 1, column: 1 },
    });
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES" || code === "EPERM") return "permission is denied";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "it is not UTF-8 text";
  return code ?? String(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
