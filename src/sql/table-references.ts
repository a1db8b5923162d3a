// The tables that a SELECT names, by their places in its text. It finds places, it does not parse.

import { quoteIdentifier } from "./quote.js";
import { unescaped } from "./unescape.js";

/** A table, a view or a dictionary that is read. */
export interface TableReference {
  /** Undefined where the text names none. */
  readonly database: string | undefined;
  readonly name: string;
  /** Index of its first character, and of the first of its own name. */
  readonly at: number;
  readonly nameAt: number;
  /** Named by a text: `dictGet('name', ..)`. */
  readonly isText: boolean;
}

interface Token {
  readonly kind: "word" | "name" | "text" | "sign";
  readonly text: string;
  readonly at: number;
}

const tokenForm =
  /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:\\.|''|[^'\\])*')|(`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\])*")|([A-Za-z_$][A-Za-z0-9_$]*)|(\d[\w.]*)|(\S)/gs;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(tokenForm)) {
    const [whole, comment, literal, name, word] = match;
    if (comment !== undefined) continue;
    const kind =
      literal !== undefined ? "text" : name !== undefined ? "name" : word !== undefined ? "word" : "sign";
    tokens.push({ kind, text: whole, at: match.index });
  }
  return tokens;
}

/** What is known of a bracket that is open. */
interface Frame {
  /** A query stands in it, and not the arguments of a function. */
  readonly isQuery: boolean;
  /** The next name is a table. */
  awaitsTable: boolean;
  /** A comma leads to another table. */
  isInFrom: boolean;
}

const beginsQuery = /^(select|with|from)$/i;
const endsFrom =
  /^(select|where|prewhere|group|having|order|limit|offset|settings|union|intersect|except|window|qualify|on|using|array)$/i;
const dictionaryFunction = /^dict(get|has|isin)/i;

/** Every table that stands in the text as one, names of its own WITH left out. */
export function tableReferences(select: string): readonly TableReference[] {
  const tokens = tokensOf(select);
  const own = commonNames(tokens);
  const frames: Frame[] = [{ isQuery: true, awaitsTable: false, isInFrom: false }];
  const found: TableReference[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    const frame = frames.at(-1);
    if (token === undefined || frame === undefined) break;
    if (token.text === "(") {
      const isQuery = beginsQuery.test(tokens[index + 1]?.text ?? "") || frame.awaitsTable;
      const isJoin = frame.awaitsTable && !beginsQuery.test(tokens[index + 1]?.text ?? "");
      frame.awaitsTable = false;
      frames.push({ isQuery, awaitsTable: isJoin, isInFrom: isJoin });
    } else if (token.text === ")") {
      if (frames.length > 1) frames.pop();
    } else if (token.text === ",") {
      if (frame.isInFrom) frame.awaitsTable = true;
    } else if (frame.awaitsTable && isName(token)) {
      const reference = referenceAt(tokens, index);
      frame.awaitsTable = false;
      index += reference.length - 1;
      if (reference.found !== undefined && !isOwn(reference.found, own)) found.push(reference.found);
    } else if (token.kind === "word") {
      follow(tokens, index, frame, found, own);
    }
  }
  return found;
}

function follow(
  tokens: readonly Token[],
  index: number,
  frame: Frame,
  found: TableReference[],
  own: ReadonlySet<string>,
): void {
  const word = tokens[index]?.text ?? "";
  const before = tokens[index - 1]?.text ?? "";
  const next = tokens[index + 1];
  if (before === ".") return;
  if (/^from$/i.test(word) && frame.isQuery && !/^distinct$/i.test(before)) {
    frame.awaitsTable = true;
    frame.isInFrom = true;
  } else if (/^join$/i.test(word) && !/^array$/i.test(before)) {
    frame.awaitsTable = true;
    frame.isInFrom = true;
  } else if (/^in$/i.test(word)) {
    const one = setAt(tokens, index + 1);
    if (one !== undefined && !isOwn(one, own)) found.push(one);
  } else if (endsFrom.test(word)) {
    frame.isInFrom = false;
  } else if (dictionaryFunction.test(word) && next?.text === "(") {
    const name = tokens[index + 2];
    if (name?.kind === "text") found.push(dictionaryAt(name));
  }
}

function isName({ kind }: Token): boolean {
  return kind === "word" || kind === "name";
}

function isOwn({ database, name, isText }: TableReference, own: ReadonlySet<string>): boolean {
  return database === undefined && !isText && own.has(name);
}

/** `name`, `database.name`, or a table function, which is none. */
function referenceAt(
  tokens: readonly Token[],
  index: number,
): { readonly found: TableReference | undefined; readonly length: number } {
  const [first, dot, second] = [tokens[index], tokens[index + 1], tokens[index + 2]];
  if (first === undefined || dot?.text === "(") return { found: undefined, length: 1 };
  if (dot?.text === "." && second !== undefined && isName(second)) {
    const found = {
      database: nameOf(first),
      name: nameOf(second),
      at: first.at,
      nameAt: second.at,
      isText: false,
    };
    return { found, length: 3 };
  }
  const at = { at: first.at, nameAt: first.at };
  return { found: { database: undefined, name: nameOf(first), ...at, isText: false }, length: 1 };
}

/** `IN name` and `IN (name)`: ClickHouse takes a single name for a table, also where it is a column. */
function setAt(tokens: readonly Token[], index: number): TableReference | undefined {
  const isOpen = tokens[index]?.text === "(";
  const at = isOpen ? index + 1 : index;
  const first = tokens[at];
  if (first === undefined || !isName(first)) return undefined;
  const { found, length } = referenceAt(tokens, at);
  return isOpen && tokens[at + length]?.text !== ")" ? undefined : found;
}

function dictionaryAt({ text, at }: Token): TableReference {
  const content = unescaped(text.slice(1, -1));
  const dot = content.indexOf(".");
  return {
    database: dot < 0 ? undefined : content.slice(0, dot),
    name: content.slice(dot + 1),
    at: at + 1,
    nameAt: at + 1 + (dot + 1),
    isText: true,
  };
}

function nameOf({ kind, text }: Token): string {
  return kind === "name" ? unescaped(text.slice(1, -1)) : text;
}

/** `x` of `WITH x AS (SELECT ..)`. */
function commonNames(tokens: readonly Token[]): ReadonlySet<string> {
  const names = tokens.flatMap((token, index) => {
    const [as, open, begin] = [tokens[index + 1], tokens[index + 2], tokens[index + 3]];
    const isCommon =
      isName(token) &&
      /^as$/i.test(as?.text ?? "") &&
      open?.text === "(" &&
      beginsQuery.test(begin?.text ?? "");
    return isCommon ? [nameOf(token)] : [];
  });
  return new Set(names);
}

/** The text with `database` before every table that names none. */
export function withDatabase(select: string, database: string): string {
  return edited(select, ({ database: named, isText }) =>
    named === undefined ? (isText ? `${database}.` : `${quoteIdentifier(database)}.`) : undefined,
  );
}

/** The text without the database before the tables of it. */
export function withoutDatabase(select: string, database: string): string {
  return edited(select, ({ database: named }) => (named === database ? "" : undefined));
}

/** @param prefixOf - what is to stand before a table's own name; undefined leaves it as it is */
function edited(select: string, prefixOf: (reference: TableReference) => string | undefined): string {
  let text = "";
  let from = 0;
  for (const reference of tableReferences(select).toSorted((a, b) => a.at - b.at)) {
    const prefix = prefixOf(reference);
    if (prefix === undefined) continue;
    text += select.slice(from, reference.at) + prefix;
    from = reference.nameAt;
  }
  return text + select.slice(from);
}
