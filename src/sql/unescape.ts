// Takes the backslashes out of what stood between quotes or backticks.

const characters: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
};

/** The name or text that ClickHouse has printed escaped: `a\nb` with a backslash becomes two lines. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => characters[char] ?? char);
}
