// Names that ClickHouse itself cannot keep in an expression.

/**
 * Words that the server prints bare although they then mean something else: it stores `ORDER BY (true)` for a column
 * called `true`, and cannot load the table any more when it starts again (seen with every keyword of 26.7).
 */
const misread = new Set(["as", "false", "inf", "infinity", "nan", "not", "true"]);

/** True when no key, TTL or default may name a column called so. */
export function isMisread(name: string): boolean {
  return misread.has(name.toLowerCase());
}
