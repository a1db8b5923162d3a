// An expression after one of its columns was renamed, as the server rewrites it.

import { identifierText } from "./quote.js";
import { unescaped } from "./unescape.js";

const words = /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[A-Za-z_][A-Za-z0-9_]*/gs;

/** `expression` with the column `from` called `to`; texts and names of functions stay. */
export function renameIn(expression: string, from: string, to: string): string {
  return expression.replace(words, (word: string, at: number) => {
    if (word.startsWith("'")) return word;
    const name = word.startsWith("`") ? unescaped(word.slice(1, -1)) : word;
    const isFunction = !word.startsWith("`") && expression[at + word.length] === "(";
    return name === from && !isFunction ? identifierText(to) : word;
  });
}
