// Reads the plain YAML that both tools write, many times faster than a parser of all of YAML can.

import type { PlainObject, PlainValue } from "./value.js";
import { plain, time, unprintable } from "./yaml-text.js";

/** Levels of nesting. */
const maxDepth = 64;

/**
 * The value of a text that consists of nothing but block mappings and lists, whole-line comments, and scalars on one line or
 * after `|-`. Undefined for any other text, be it wrong or only written in another way: then the parser decides.
 */
export function readBlockYaml(text: string): PlainValue | undefined {
  // A text without line breaks is one line.
  if (unprintable.test(text.replaceAll("\n", ""))) return undefined;
  const reader = new BlockReader(text.split("\n"));
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Ends the reading; carries no stack, for it says nothing. */
class NotPlain {}

function notPlain(): never {
  throw new NotPlain();
}

/** Keys of more than 1,024 characters are no keys in YAML. */
const keyAndRest = /^(?:([A-Za-z_]\w{0,200})|'((?:[^']|''){0,200})'):(?: (.+))?$/;

class BlockReader {
  readonly #lines: string[];
  #at = 0;

  constructor(lines: string[]) {
    this.#lines = lines;
  }

  document(): PlainValue {
    const indent = this.#indent();
    if (indent !== 0) notPlain();
    const value = this.#node(0, 0);
    return this.#indent() === undefined ? value : notPlain();
  }

  /** Where the next line that is no comment begins; undefined at the end. */
  #indent(): number | undefined {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? "";
      const indent = line.search(/[^ ]/);
      if (indent >= 0 && line[indent] !== "#") return indent;
    }
    return undefined;
  }

  #content(indent: number): string {
    return (this.#lines[this.#at] ?? "").slice(indent);
  }

  #node(indent: number, depth: number): PlainValue {
    if (depth > maxDepth) notPlain();
    return isEntry(this.#content(indent)) ? this.#list(indent, depth) : this.#mapping(indent, depth);
  }

  #list(indent: number, depth: number): PlainValue {
    const entries: PlainValue[] = [];
    for (
      let next = this.#indent();
      next === indent && isEntry(this.#content(indent));
      next = this.#indent()
    ) {
      const rest = this.#content(indent).slice(1).trimStart();
      if (rest === "") notPlain();
      const inner = (this.#lines[this.#at] ?? "").length - rest.length;
      if (isEntry(rest) || keyAndRest.test(rest)) {
        this.#lines[this.#at] = " ".repeat(inner) + rest;
        entries.push(this.#node(inner, depth + 1));
      } else {
        entries.push(this.#scalar(rest, indent));
      }
    }
    return entries;
  }

  #mapping(indent: number, depth: number): PlainObject {
    const value: Record<string, PlainValue> = {};
    for (
      let next = this.#indent();
      next === indent && !isEntry(this.#content(indent));
      next = this.#indent()
    ) {
      const [, bare, quoted, rest] = keyAndRest.exec(this.#content(indent)) ?? notPlain();
      const key = bare ?? (quoted ?? "").replaceAll("''", "'");
      if (bare !== undefined && word.test(bare)) notPlain();
      // A name of JavaScript's own would be no entry, and one that is there already is a mistake.
      if (key in value) notPlain();
      value[key] = rest === undefined ? this.#below(indent, depth) : this.#scalar(rest, indent);
    }
    return value;
  }

  /** What stands below a key: deeper, or for a list as deep as the key itself; null for nothing. */
  #below(indent: number, depth: number): PlainValue {
    this.#at++;
    const next = this.#indent();
    if (next === undefined || next < indent) return null;
    if (next > indent || isEntry(this.#content(next))) return this.#node(next, depth + 1);
    return null;
  }

  /** A scalar ends its line, and nothing deeper may follow it. */
  #scalar(text: string, indent: number): PlainValue {
    this.#at++;
    if (text === "|-") return this.#block(indent);
    const next = this.#indent();
    if (next !== undefined && next > indent) notPlain();
    return scalarOf(text);
  }

  #block(outer: number): string {
    const first = (this.#lines[this.#at] ?? "").search(/[^ ]/);
    if (first <= outer) notPlain();
    const lines: string[] = [];
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? "";
      const indent = line.search(/[^ ]/);
      if (indent >= 0 && indent < first) break;
      if (indent < 0 && line.length > first) notPlain();
      lines.push(line.slice(first));
    }
    const next = this.#indent();
    if (next !== undefined && next > outer) notPlain();
    return lines.join("\n").replace(/\n+$/, "");
  }
}

function isEntry(content: string): boolean {
  return content === "-" || content.startsWith("- ");
}

const word = /^(?:null|true|false)$/i;
/** sha256 in hex, where it cannot be taken for a number. */
const hash = /^(?=\d*[a-f]\w*[a-f])[0-9a-f]{64}$/;

function scalarOf(text: string): PlainValue {
  if (text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  if (text === "[]") return [];
  if (text === "{}") return {};
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(text)) return Number(text);
  if ((plain.test(text) && !word.test(text)) || time.test(text) || hash.test(text)) return text;
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (/^"(?:[^"\\]|\\["\\nrtbf]|\\u[0-9a-f]{4})*"$/.test(text)) return JSON.parse(text) as string;
  return notPlain();
}
