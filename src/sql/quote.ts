// Quoting of names and texts. The only functions that turn a user's name into SQL.

/**
 * A name in backticks. Backslash escapes are active inside backticks, so both characters are escaped:
 * quoting the backtick alone can be broken out of (measured on ClickHouse 26.7).
 *
 * @throws TypeError for a name that ClickHouse cannot hold: empty, or with a NUL character.
 */
export function quoteIdentifier(name: string): string {
  if (name === "" || name.includes("\0"))
    throw new TypeError("a name must not be empty nor hold a NUL character");
  return `\`${name.replace(/[\\`]/g, "\\$&")}\``;
}

const plainWord = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words that ClickHouse puts in backticks although they look plain. */
const quotedWords = new Set([
  "all",
  "distinct",
  "table",
  "select",
  "from",
  "as",
  "null",
  "true",
  "false",
  "not",
]);

/** A name as ClickHouse prints it inside expressions: bare where it can be, in backticks where it must. */
export function identifierText(name: string): string {
  return plainWord.test(name) && !quotedWords.has(name.toLowerCase()) ? name : quoteIdentifier(name);
}

export function quoteString(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&").replace(/\n/g, "\\n").replace(/\0/g, "\\0")}'`;
}

export function qualifiedName(table: { readonly database: string; readonly name: string }): string {
  return `${quoteIdentifier(table.database)}.${quoteIdentifier(table.name)}`;
}

/** The name, and the cluster on whose servers the statement runs, where there is one. */
export function statementName(table: {
  readonly database: string;
  readonly name: string;
  readonly cluster?: string | undefined;
}): string {
  const cluster = table.cluster === undefined ? "" : ` ON CLUSTER ${quoteIdentifier(table.cluster)}`;
  return `${qualifiedName(table)}${cluster}`;
}

/** `['a', 'b']`. Lists of any length go into the text of a query: parameters travel in the URL, which is bounded. */
export function stringArray(texts: readonly string[]): string {
  return `[${texts.map(quoteString).join(", ")}]`;
}
