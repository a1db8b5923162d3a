// The text of a file becomes a plain value that can tell the place of each of its parts.

import type { Document } from "yaml";
import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";
import type { FormatProblem, Path } from "../../src/format/value.js";
import { readBlockYaml } from "../../src/format/yaml-block.js";
import { loadYaml } from "./libraries.js";
import { placeAt, problemAt } from "./places.js";
import { refusalOf } from "./yaml-guard.js";

export interface ParsedDocument {
  readonly value: unknown;
  /** The place of the value at a path, or of the nearest around it that is there. */
  readonly placeOf: (path: Path) => SourcePlace;
}

export type Parsed = { readonly document: ParsedDocument } | { readonly problem: Diagnostic };

/** The core schema alone: no tags of one's own, no merge keys, no timestamps. */
const options = {
  schema: "core",
  version: "1.2",
  // The library's own search for equal keys takes the square of their number; `doubleKey` takes its place.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "error",
} as const;

/** In texts longer than that no place is looked for: it would take seconds. */
const maxLocatedLength = 8 * 1024 * 1024;

export function parseYaml(file: string, text: string): Parsed {
  const value = readBlockYaml(text);
  return value === undefined
    ? parseAnyYaml(file, text)
    : { document: { value, placeOf: locator(file, text) } };
}

/** All of YAML that a plan may be written in. */
export function parseAnyYaml(file: string, text: string): Parsed {
  const refused = refusalOf(text);
  if (refused !== undefined) {
    return {
      problem: problemAt(refused.code, placeAt(file, text, refused.offset), `${file}: ${refused.summary}`),
    };
  }
  const parsed = loadYaml().parseDocument(text, options);
  const [error] = parsed.errors;
  if (error !== undefined) {
    const summary = `${file} is no valid YAML: ${(error.message.split("\n")[0] ?? "").slice(0, 200)}`;
    return { problem: problemAt("migrations/syntax", placeAt(file, text, error.pos[0]), summary) };
  }
  const double = doubleKey(parsed);
  if (double !== undefined) {
    const summary = `${file} is no valid YAML: ${double.what}`;
    return { problem: problemAt("migrations/syntax", placeAt(file, text, double.offset), summary) };
  }
  try {
    const value: unknown = parsed.toJS({ maxAliasCount: 0 });
    return { document: { value, placeOf: locator(file, text, parsed) } };
  } catch (error) {
    return {
      problem: problemAt(
        "migrations/syntax",
        placeAt(file, text, 0),
        `${file} is no valid YAML: ${textOf(error)}`,
      ),
    };
  }
}

/** The first key that stands twice in its mapping, or is no text. */
function doubleKey(
  document: Document.Parsed,
): { readonly offset: number; readonly what: string } | undefined {
  const { isNode, isScalar, visit } = loadYaml();
  let found: { readonly offset: number; readonly what: string } | undefined;
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (!isScalar(key) || typeof key.value !== "string") found = { offset, what: "a key must be text" };
        else if (keys.has(key.value))
          found = { offset, what: `the key ${key.value.slice(0, 60)} is there twice` };
        else keys.add(key.value);
        if (found !== undefined) return visit.BREAK;
      }
      return undefined;
    },
  });
  return found;
}

export function parseJson(file: string, text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { document: { value, placeOf: locator(file, text) } };
  } catch (error) {
    const reason = textOf(error);
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? text.length);
    const place = placeAt(file, text, position);
    return {
      problem: problemAt("migrations/syntax", place, `${file} is no valid JSON: ${reason.slice(0, 200)}`),
    };
  }
}

/** JSON is YAML, so one parser finds the places of both; it is asked only when there is a problem to show, and once. */
function locator(file: string, text: string, known?: Document.Parsed): (path: Path) => SourcePlace {
  let parsed = known;
  const isSafe = () => text.length <= maxLocatedLength && refusalOf(text) === undefined;
  return (path) => {
    const { isNode, parseDocument } = loadYaml();
    parsed ??= parseDocument(isSafe() ? text : "", options);
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = length === 0 ? parsed.contents : parsed.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return placeAt(file, text, node.range[0]);
    }
    return placeAt(file, text, 0);
  };
}

/** The problems of a document with their places; the most of them that are worth looking up. */
export function placed(document: ParsedDocument, problems: readonly FormatProblem[]): readonly Diagnostic[] {
  return problems
    .slice(0, 20)
    .map(({ path, ...diagnostic }) => ({ ...diagnostic, place: document.placeOf(path) }));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
