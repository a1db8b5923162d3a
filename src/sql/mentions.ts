// Whether an expression names a column.

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
