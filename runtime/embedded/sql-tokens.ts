// Cuts SQL text into tokens, just well enough to find where a clause, a second statement or inline data begins.

/** A token that is not whitespace or a comment. `depth` is the number of open brackets around it. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "symbol";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

const blank = /[\s\0]/;
const wordStart = /[A-Za-z_\u0080-\uffff]/;
const wordPart = /[A-Za-z0-9_$\u0080-\uffff]/;
const digit = /[0-9]/;

/** The end of a quoted piece that starts at `start`; the end of the text when it is never closed. */
function quotedEnd(sql: string, start: number): number {
  const quote = sql[start];
  for (let i = start + 1; i < sql.length; i++) {
    if (sql[i] === "\\") i++;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i++;
    }
  }
  return sql.length;
}

/** `$tag$ .. $tag$`, the engine's heredoc; undefined when there is none at `start`. */
function heredocEnd(sql: string, start: number): number | undefined {
  const tag = /^\$[A-Za-z0-9_]*\$/.exec(sql.slice(start, start + 130))?.[0];
  if (tag === undefined) return undefined;
  const close = sql.indexOf(tag, start + tag.length);
  return close < 0 ? undefined : close + tag.length;
}

/** The end of the comment at `start`; undefined when there is none. */
function commentEnd(sql: string, start: number): number | undefined {
  const two = sql.slice(start, start + 2);
  if (two === "--" || two === "# " || two === "#!") {
    const newline = sql.indexOf("\n", start);
    return newline < 0 ? sql.length : newline + 1;
  }
  if (two !== "/*") return undefined;
  const close = sql.indexOf("*/", start + 2);
  return close < 0 ? sql.length : close + 2;
}

function whileMatches(sql: string, start: number, pattern: RegExp): number {
  let end = start;
  while (end < sql.length && pattern.test(sql[end] as string)) end++;
  return end;
}

function tokenAt(sql: string, start: number): { readonly kind: Token["kind"]; readonly end: number } {
  const char = sql[start] as string;
  if (char === "'") return { kind: "string", end: quotedEnd(sql, start) };
  if (char === '"' || char === "`") return { kind: "quoted", end: quotedEnd(sql, start) };
  if (char === "$") {
    const end = heredocEnd(sql, start);
    if (end !== undefined) return { kind: "string", end };
  }
  if (wordStart.test(char)) return { kind: "word", end: whileMatches(sql, start, wordPart) };
  if (digit.test(char)) return { kind: "number", end: whileMatches(sql, start, wordPart) };
  return { kind: "symbol", end: start + 1 };
}

/**
 * Yields the tokens of `sql` one by one, so that a reader can stop where inline data begins.
 * A byte string (`latin1`) works too: everything that matters is ASCII, and offsets are then bytes.
 */
export function* tokens(sql: string): Generator<Token> {
  let depth = 0;
  let at = 0;
  while (at < sql.length) {
    const comment = commentEnd(sql, at);
    if (comment !== undefined) {
      at = comment;
      continue;
    }
    if (blank.test(sql[at] as string)) {
      at++;
      continue;
    }
    const { kind, end } = tokenAt(sql, at);
    const text = sql.slice(at, end);
    if (text === ")" || text === "]" || text === "}") depth = Math.max(0, depth - 1);
    yield { kind, text, start: at, end, depth };
    if (text === "(" || text === "[" || text === "{") depth++;
    at = end;
  }
}

/** Whether the token is this keyword (given in upper case). */
export function isWord(token: Token | undefined, keyword: string): boolean {
  return token?.kind === "word" && token.text.toUpperCase() === keyword;
}
