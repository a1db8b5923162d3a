// The text of a file becomes a plain value that can tell the place of each of its parts.

import { isNode, parseDocument } from "yaml";
import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";
import type { FormatProblem, Path } from "../../src/format/value.js";
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
  uniqueKeys: true,
  prettyErrors: false,
  logLevel: "error",
} as const;

export function parseYaml(file: string, text: string): Parsed {
  const refused = refusalOf(text);
  if (refused !== undefined) {
    return {
      problem: problemAt(refused.code, placeAt(file, text, refused.offset), `${file}: ${refused.summary}`),
    };
  }
  const parsed = parseDocument(text, options);
  const [error] = parsed.errors;
  if (error !== undefined) {
    const summary = `${file} is no valid YAML: ${(error.message.split("\n")[0] ?? "").slice(0, 200)}`;
    return { problem: problemAt("migrations/syntax", placeAt(file, text, error.pos[0]), summary) };
  }
  try {
    const value: unknown = parsed.toJS({ maxAliasCount: 0 });
    return { document: { value, placeOf: (path) => placeIn(file, text, path) } };
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

export function parseJson(file: string, text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { document: { value, placeOf: (path) => placeIn(file, text, path) } };
  } catch (error) {
    const reason = textOf(error);
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? text.length);
    const place = placeAt(file, text, position);
    return {
      problem: problemAt("migrations/syntax", place, `${file} is no valid JSON: ${reason.slice(0, 200)}`),
    };
  }
}

/** JSON is YAML, so one parser finds the places of both; it is asked only when there is a problem to show. */
function placeIn(file: string, text: string, path: Path): SourcePlace {
  if (refusalOf(text) !== undefined) return placeAt(file, text, 0);
  const parsed = parseDocument(text, options);
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? parsed.contents : parsed.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return placeAt(file, text, node.range[0]);
  }
  return placeAt(file, text, 0);
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
