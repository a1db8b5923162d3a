// The name of the project, from package.json or its folder, in a form that can be part of a database name.

import { basename } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";
import { sha256 } from "../../src/infra/sha256.js";
import type { ProjectFiles } from "./project-files.js";

const maxLength = 40;

export interface ProjectName {
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The `name` of package.json, or where there is none the name of the folder, as {@link databaseWord} writes it. */
export async function readProjectName(files: ProjectFiles): Promise<ProjectName> {
  const text = await files.read("package.json");
  const fromFolder = databaseWord(basename(files.folder));
  if (text === undefined) return { name: fromFolder, diagnostics: [] };
  const parsed = parseJson(text);
  if (!parsed.ok) return { name: fromFolder, diagnostics: [badJson(text, parsed.message)] };
  const name = nameIn(parsed.value);
  return { name: name === undefined ? fromFolder : databaseWord(name), diagnostics: [] };
}

/**
 * Lower-case letters, digits and single underscores, at most 40 characters, a letter first. A name that is cut
 * or has nothing to keep gets a part of its hash, so that two of them do not become one.
 *
 * @example
 * databaseWord("@acme/Web-Analytics") // "acme_web_analytics"
 */
export function databaseWord(name: string): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  if (word === "") return `project_${sha256(name, 8)}`;
  const started = /^[a-z]/.test(word) ? word : `p_${word}`;
  if (started.length <= maxLength) return started;
  return `${started.slice(0, maxLength - 9).replace(/_+$/, "")}_${sha256(name, 8)}`;
}

function nameIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  return typeof value.name === "string" && value.name !== "" ? value.name : undefined;
}

type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Without its name the project would silently get another database for its state, so this is an error. */
function badJson(text: string, message: string): Diagnostic {
  // The engine tells the place as a position, if at all.
  const position = Number(/ position (\d+)/.exec(message)?.[1] ?? Number.NaN);
  const before = Number.isNaN(position) ? "" : text.slice(0, position);
  return {
    code: "config/package-json",
    severity: "error",
    summary: "package.json is not valid JSON.",
    place: {
      file: "package.json",
      line: before.split("\n").length,
      column: before.length - before.lastIndexOf("\n"),
    },
  };
}
