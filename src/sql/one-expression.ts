// Whether a text that comes out of a file can stand inside of a statement without becoming more than it is meant to be.

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
/** Comments, the end of a statement, and quotes of a kind that the server has but the walk below does not know. */
const foreign = /^(?:--|\/\*|#|;|\$\w*\$|\0)/;

/**
 * True for one expression or type: quotes and brackets are closed, nothing ends the statement or hides the rest of it.
 *
 * @param list - whether commas may stand outside of brackets
 */
export function isOneExpression(text: string, list = false): boolean {
  const open: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === "'" || c === "`" || c === '"') {
      i = endOfQuoted(text, i);
      if (i < 0) return false;
      continue;
    }
    const close = closing[c];
    if (close !== undefined) open.push(close);
    else if (c === ")" || c === "]" || c === "}") {
      if (open.pop() !== c) return false;
    } else if (c === "," && open.length === 0 && !list) return false;
    else if ("-/#;$\0".includes(c) && foreign.test(text.slice(i, i + 80))) return false;
  }
  return open.length === 0 && text.trim() !== "";
}

/** Index of the closing quote; -1 where there is none. */
function endOfQuoted(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === text[start]) return i;
  }
  return -1;
}
