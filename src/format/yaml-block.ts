// Reads the plain YAML that both tools write, many times faster than a parser of all of YAML can.

import type { PlainObject, PlainValue } from "./value.js";
import { plain, time, unprintable } from "./yaml-text.js";

/** A character that is neither printable nor the end of a line. */
const unreadable = new RegExp(unprintable.source.replace("[^", "[^\\n"), "u");

/** Levels of nesting. */
const maxDepth = 64;

/**
 * The value of a text that consists of nothing but block mappings and lists, whole-line comments, and scalars on one line or
 * after `|-`. Undefined for any other text, be it wrong or only written in another way: then the parser decides.
 */
export function readBlockYaml(text: string): PlainValue | undefined {
  if (unreadable.test(text)) return undefined;
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
  readonly #lines: readonly string[];
  #at = -1;
  /** Where the content of the line begins; -1 at the end of the text. */
  #indent = -1;
  #content = "";

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#advance();
  }

  document(): PlainValue {
    if (this.#indent !== 0) notPlain();
    const value = this.#node(0);
    return this.#indent < 0 ? value : notPlain();
  }

  /** Goes to the next line that is no comment. */
  #advance(): void {
    this.#indent = -1;
    while (++this.#at < this.#lines.length) {
      const line = this.#lines[this.#at] ?? "";
      const indent = indentOf(line);
      if (indent === line.length || line[indent] === "#") continue;
      this.#indent = indent;
      this.#content = line.slice(indent);
      return;
    }
  }

  #node(depth: number): PlainValue {
    if (depth > maxDepth) notPlain();
    return isEntry(this.#content) ? this.#list(depth) : this.#mapping(depth);
  }

  #list(depth: number): PlainValue {
    const indent = this.#indent;
    const entries: PlainValue[] = [];
    while (this.#indent === indent && isEntry(this.#content)) {
      const rest = this.#content.slice(1).trimStart();
      if (rest === "") notPlain();
      if (isEntry(rest) || keyAndRest.test(rest)) {
        this.#indent += this.#content.length - rest.length;
        this.#content = rest;
        entries.push(this.#node(depth + 1));
      } else {
        entries.push(this.#scalar(rest, indent));
      }
    }
    return entries;
  }

  #mapping(depth: number): PlainObject {
    const indent = this.#indent;
    const value: Record<string, PlainValue> = {};
    while (this.#indent === indent && !isEntry(this.#content)) {
      const [, bare, quoted, rest] = keyAndRest.exec(this.#content) ?? notPlain();
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
    this.#advance();
    const isBelow = this.#indent > indent || (this.#indent === indent && isEntry(this.#content));
    return isBelow ? this.#node(depth + 1) : null;
  }

  /** A scalar ends its line, and nothing deeper may follow it. */
  #scalar(text: string, outer: number): PlainValue {
    if (text === "|-") return this.#block(outer);
    this.#advance();
    if (this.#indent > outer) notPlain();
    return scalarOf(text);
  }

  #block(outer: number): string {
    const firstLine = this.#lines[this.#at + 1] ?? "";
    const first = indentOf(firstLine);
    if (first <= outer || first === firstLine.length) notPlain();
    const lines: string[] = [];
    for (; this.#at + 1 < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at + 1] ?? "";
      const indent = indentOf(line);
      if (indent < line.length && indent < first) break;
      if (indent === line.length && line.length > first) notPlain();
      lines.push(line.slice(first));
    }
    this.#advance();
    if (this.#indent > outer) notPlain();
    return lines.join("\n").replace(/\n+$/, "");
  }
}

/** The number of blanks that a line begins with. */
function indentOf(line: string): number {
  let indent = 0;
  while (line[indent] === " ") indent++;
  return indent;
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
