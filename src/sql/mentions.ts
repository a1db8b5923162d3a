// Whether an expression names a column.

import { identifierText } from "./quote.js";
import { unescaped } from "./unescape.js";

/** True when `column` stands in `expression` as a name of its own, outside of string literals. */
export function mentions(expression: string, column: string): boolean {
  for (const [word] of expression.matchAll(/'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[A-Za-z_][A-Za-z0-9_]*/g)) {
    if (word.startsWith("'")) continue;
    const name = word.startsWith("`") ? unescaped(word.slice(1, -1)) : word;
    if (name === column) return true;
  }
  return false;
}

/** `expression` with the column `from` called `to`, as the server writes it after a rename; names of functions stay. */
export function withRenamed(expression: string, from: string, to: string): string {
  const words = /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[A-Za-z_][A-Za-z0-9_]*/g;
  return expression.replace(words, (word, at: number) => {
    if (word.startsWith("'")) return word;
    const name = word.startsWith("`") ? unescaped(word.slice(1, -1)) : word;
    const isFunction = expression[at + word.length] === "(";
    return name === from && !isFunction ? identifierText(to) : word;
  });
}
