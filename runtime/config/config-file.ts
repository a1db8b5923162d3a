// Reads moose.config.toml (older name: project.toml): the values given there, each with its line.

import { parse, TomlError } from "smol-toml";
import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";
import { type Given, ranks } from "./given.js";
import type { Key } from "./key.js";
import { knownKeys } from "./keys.js";
import type { ProjectFiles } from "./project-files.js";
import { nearest } from "./suggest.js";
import { keyPath, locateKeys } from "./toml-places.js";

const fileNames = ["moose.config.toml", "project.toml"] as const;

export interface ConfigFile {
  readonly given: readonly Given[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The values of the project's config file; none where there is no file. */
export async function readConfigFile(files: ProjectFiles): Promise<ConfigFile> {
  for (const name of fileNames) {
    const text = await files.read(name);
    if (text !== undefined) return parseConfig(name, text);
  }
  return { given: [], diagnostics: [] };
}

/** What a config text gives, and all that is wrong with its keys. */
export function parseConfig(file: string, text: string): ConfigFile {
  try {
    const root = parse(text, { integersAsBigInt: "asNeeded" });
    return new KeyCollector(file, text).collect(root);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { given: [], diagnostics: [syntaxProblem(file, error)] };
  }
}

function syntaxProblem(file: string, error: TomlError): Diagnostic {
  const reason = error.message.split("\n", 1)[0]?.replace("Invalid TOML document: ", "") ?? "";
  return {
    code: "config/toml-syntax",
    severity: "error",
    summary: `${file} is not valid TOML: ${reason}.`,
    place: { file, line: error.line, column: error.column },
  };
}

const keysByPath: ReadonlyMap<string, Key> = new Map(knownKeys.map((key) => [key.path, key]));
const sections: ReadonlySet<string> = new Set(knownKeys.flatMap((key) => parentsOf(key.path)));

/** Walks the parsed tables down to the known keys. */
class KeyCollector {
  readonly #file: string;
  readonly #places: ReturnType<typeof locateKeys>;
  readonly #given: Given[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  constructor(file: string, text: string) {
    this.#file = file;
    this.#places = locateKeys(text);
  }

  collect(root: object): ConfigFile {
    this.#table([], root);
    return { given: this.#given, diagnostics: this.#diagnostics };
  }

  #table(parent: readonly string[], table: object): void {
    for (const [name, raw] of Object.entries(table)) {
      const segments = [...parent, name];
      const path = keyPath(segments);
      const key = keysByPath.get(path);
      if (key !== undefined) this.#give(key, raw);
      else if (!sections.has(path)) this.#unknown(segments, raw);
      else if (isTable(raw)) this.#table(segments, raw);
      else this.#notASection(path);
    }
  }

  #give(key: Key, raw: unknown): void {
    const origin = { kind: "config", place: this.#placeOf(key.path) } as const;
    this.#given.push({ key, raw, origin, rank: ranks.config });
  }

  /**
   * A name that is nearly a known one is a slip, and going on with the default instead could be harmful. Any
   * other may belong to a newer Moose, which ignores keys that it does not know.
   */
  #unknown(segments: readonly string[], raw: unknown): void {
    const path = keyPath(segments);
    const near = suggestion(segments);
    const what = isTable(raw) ? `section \`[${path}]\`` : `key \`${path}\``;
    this.#diagnostics.push({
      code: "config/unknown-key",
      severity: near?.slip === true ? "error" : "warning",
      summary: `${this.#file} has a ${what} that moose does not know.`,
      place: this.#placeOf(path),
      hint: near === undefined ? undefined : `Did you mean \`${near.path}\`?`,
    });
  }

  #notASection(path: string): void {
    this.#diagnostics.push({
      code: "config/wrong-type",
      severity: "error",
      summary: `\`${path}\` must be a section, written \`[${path}]\`.`,
      place: this.#placeOf(path),
    });
  }

  #placeOf(path: string): SourcePlace {
    return { file: this.#file, ...(this.#places.get(path) ?? { line: 1, column: 1 }) };
  }
}

/** A sibling of nearly the same name, or else the one key of that name in another section. */
function suggestion(
  segments: readonly string[],
): { readonly path: string; readonly slip: boolean } | undefined {
  const name = segments[segments.length - 1] ?? "";
  const parent = keyPath(segments.slice(0, -1));
  const siblings = [...keysByPath.keys(), ...sections].filter((path) => parentOf(path) === parent);
  const near = nearest(name, siblings.map(lastOf));
  if (near !== undefined) return { path: parent === "" ? near : `${parent}.${near}`, slip: true };
  const elsewhere = knownKeys.filter((key) => key.used && lastOf(key.path) === name);
  return elsewhere.length === 1 && elsewhere[0] ? { path: elsewhere[0].path, slip: false } : undefined;
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split(".");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("."));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(".")));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function isTable(raw: unknown): raw is object {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}
