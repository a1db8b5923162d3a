// Walks over SQL text that ClickHouse has printed, skipping quotes and brackets. It finds places, it does not parse.

/** Index just after the quoted text that starts at `start` (a quote, double quote or backtick). */
function skipQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote) return i + 1;
  }
  return text.length;
}

/** Calls `visit` with each index that lies outside of quotes and brackets; stops when `visit` returns true. */
function scanTopLevel(text: string, visit: (index: number) => boolean): void {
  let depth = 0;
  for (let i = 0; i < text.length; ) {
    const c = text[i];
    if (c === "'" || c === "`" || c === '"') {
      if (depth === 0 && visit(i)) return;
      i = skipQuoted(text, i);
      continue;
    }
    if (c === ")" || c === "]") depth--;
    if (depth === 0 && visit(i)) return;
    if (c === "(" || c === "[") depth++;
    i++;
  }
}

/** Parts between commas that lie outside of quotes and brackets, trimmed; none for empty text. */
export function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  scanTopLevel(text, (i) => {
    if (text[i] === ",") {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
    return false;
  });
  const last = text.slice(from).trim();
  if (last !== "" || parts.length > 0) parts.push(last);
  return parts;
}

/** Index of `word`, space before and after it counted in, outside of quotes and brackets; -1 where there is none. */
export function indexOfTopLevel(text: string, word: string): number {
  let found = -1;
  scanTopLevel(text, (i) => {
    if (!text.startsWith(word, i)) return false;
    found = i;
    return true;
  });
  return found;
}

/** A clause of a statement, and what stands behind its word. */
export interface Clause<Word extends string> {
  readonly word: Word;
  readonly text: string;
}

/**
 * Cuts printed SQL at the first occurrence of each word outside of quotes and brackets.
 *
 * @param words - with the space before them and whatever tells them from other text: `" ORDER BY "`
 */
export function cutAtClauses<Word extends string>(
  text: string,
  words: readonly Word[],
): { readonly head: string; readonly clauses: readonly Clause<Word>[] } {
  if (!text.includes(" ")) return { head: text, clauses: [] };
  const starts: { word: Word; at: number }[] = [];
  scanTopLevel(text, (i) => {
    if (text[i] !== " ") return false;
    const word = words.find((candidate) => text.startsWith(candidate, i));
    if (word !== undefined && !starts.some((start) => start.word === word)) starts.push({ word, at: i });
    return false;
  });
  const clauses = starts.map(({ word, at }, index) => ({
    word,
    text: text.slice(at + word.length, starts[index + 1]?.at ?? text.length).trim(),
  }));
  return { head: text.slice(0, starts[0]?.at ?? text.length).trim(), clauses };
}

/** Like {@link indexOfTopLevel}, but the last one. */
export function lastIndexOfTopLevel(text: string, word: string): number {
  let found = -1;
  scanTopLevel(text, (i) => {
    if (text.startsWith(word, i)) found = i;
    return false;
  });
  return found;
}

/** The text inside the bracket that opens at `open`, and the index after the closing one. */
export function bracketed(text: string, open: number): { inside: string; end: number } {
  const rest = text.slice(open + 1);
  let close = rest.length;
  let depth = 1;
  for (let i = 0; i < rest.length; ) {
    const c = rest[i];
    if (c === "'" || c === "`" || c === '"') {
      i = skipQuoted(rest, i);
      continue;
    }
    if (c === "(") depth++;
    if (c === ")" && --depth === 0) {
      close = i;
      break;
    }
    i++;
  }
  return { inside: rest.slice(0, close), end: open + 1 + close + 1 };
}

/** Text without the brackets or the `tuple(..)` that enclose all of it: `(a, b)` and `tuple(a, b)` become `a, b`. */
export function unwrapTuple(text: string): string {
  let inner = text.trim();
  for (;;) {
    const open = inner.startsWith("(") ? 0 : /^tuple\s*\(/i.test(inner) ? inner.indexOf("(") : -1;
    if (open < 0) return inner;
    const { inside, end } = bracketed(inner, open);
    if (end !== inner.length) return inner;
    inner = inside.trim();
  }
}
