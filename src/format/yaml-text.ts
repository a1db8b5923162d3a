// Plain values as YAML, in the form of the existing tool's files: the same value always has the same text.

import { isObject, type PlainObject, type PlainValue } from "./value.js";

/** Lines of a mapping, each ending in a newline. */
export function yamlText(value: PlainObject): string {
  return `${mappingLines(value, "").join("\n")}\n`;
}

/** One entry of a list on the top level. */
export function yamlEntry(value: PlainValue): string {
  return `${listLines([value], "").join("\n")}\n`;
}

/** A comment of any text, as lines of their own. */
export function yamlComment(text: string): string {
  return text
    .split(/\r\n|[\n\r\u0085\u2028\u2029]/)
    .map((line) => `# ${line.replace(unprintable, "\uFFFD")}`.trimEnd())
    .map((line) => `${line}\n`)
    .join("");
}

function mappingLines(value: PlainObject, indent: string): readonly string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = `${indent}${scalar(key, "")}:`;
    if (isList(inner) && inner.length > 0) return [name, ...listLines(inner, indent)];
    if (isMapping(inner) && Object.keys(inner).length > 0)
      return [name, ...mappingLines(inner, `${indent}  `)];
    return [`${name} ${inline(inner, indent)}`];
  });
}

function listLines(value: readonly PlainValue[], indent: string): readonly string[] {
  return value.flatMap((entry) => {
    const lines =
      isList(entry) && entry.length > 0 ? listLines(entry, `${indent}  `) : entryLines(entry, indent);
    const [first = "", ...rest] = lines;
    return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
  });
}

function entryLines(entry: PlainValue, indent: string): readonly string[] {
  const inner = `${indent}  `;
  if (isMapping(entry) && Object.keys(entry).length > 0) return mappingLines(entry, inner);
  return [`${inner}${inline(entry, inner)}`];
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function isMapping(value: PlainValue): value is PlainObject {
  return isObject(value);
}

function inline(value: PlainValue, indent: string): string {
  if (typeof value === "string") return scalar(value, `${indent}  `);
  if (isList(value)) return "[]";
  return isMapping(value) ? "{}" : String(value);
}

/** Texts that need no quotes. */
export const plain = /^[A-Za-z_](?:[\w ()+*/.,=<>-]*[\w()+*/.=<>-])?$/;
/** A time, or the id of a migration, which begins with one. */
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$|^\d{8}_\d{6}_\d{3}_[A-Za-z][\w-]*$/;
const word = /^(?:null|true|false|yes|no|on|off)$/i;
/** What a reader could take for something else than a character of the text. */
export const unprintable =
  /[^\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
const everyUnprintable = new RegExp(unprintable, "gu");

/** @param block - indentation of a text of several lines; empty where it may not have any */
function scalar(text: string, block: string): string {
  if ((plain.test(text) && !word.test(text)) || time.test(text)) return text;
  if (!unprintable.test(text)) return `'${text.replaceAll("'", "''")}'`;
  const lines = text.split("\n");
  const isBlock = block !== "" && lines.length > 1 && /^\S/.test(text) && /\S$/.test(text);
  if (isBlock && lines.every((line) => !unprintable.test(line))) {
    return ["|-", ...lines.map((line) => (line === "" ? "" : block + line))].join("\n");
  }
  const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(everyUnprintable, escaped);
}
