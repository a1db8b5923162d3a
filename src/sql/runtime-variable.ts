// Values that come from the environment of whoever applies: a marker stands for each wherever it is kept or shown.

/** As the existing tool writes it, so that files of both mean the same. */
const prefix = "__MOOSE_RUNTIME_ENV__:";
const name = String.raw`[A-Za-z_][\w.-]*`;
const marker = new RegExp(`^${prefix}(${name})$`);
const markedLiteral = new RegExp(`'${prefix}(${name})'`, "g");

export type Variables = Readonly<Record<string, string | undefined>>;

/** @throws TypeError for what no variable can be called */
export function markerOf(variable: string): string {
  const text = prefix + variable;
  if (!marker.test(text))
    throw new TypeError(`"${variable}" is no name of an environment variable: mooseRuntimeEnv.get("NAME")`);
  return text;
}

/** Whether a text is a marker and nothing else; quoted ones count too. */
export function isMarker(text: string): boolean {
  return marker.test(/^'.*'$/s.test(text) ? text.slice(1, -1) : text);
}

/** Whether a marker is in a text, also where it stands for nothing. */
export function mentionsMarker(text: string): boolean {
  return text.includes(prefix);
}

/** Names of the variables whose markers are literals of an SQL text, or are the text. */
export function variablesIn(text: string): readonly string[] {
  const whole = marker.exec(text)?.[1];
  return whole === undefined ? [...text.matchAll(markedLiteral)].map(([, found = ""]) => found) : [whole];
}

/** The SQL text without those of its markers that stand for something. */
export function withoutMarkers(sql: string): string {
  return sql.replace(markedLiteral, "''");
}

/** The SQL text as it is sent: `quote` makes a literal of each value. A variable without a value keeps its marker. */
export function withValues(sql: string, variables: Variables, quote: (text: string) => string): string {
  return sql.replace(markedLiteral, (literal, variable: string) => {
    const value = variables[variable];
    return value === undefined ? literal : quote(value);
  });
}

/** Whether two literals are the same, as far as that can be told without the value that a marker stands for. */
export function isSameLiteral(a: string, b: string): boolean {
  if (a === b) return true;
  return isMarker(a) !== isMarker(b) && [a, b].every((one) => /^'.*'$/s.test(one));
}

const anyLiteral = String.raw`'(?:\\.|''|[^'\\])*'`;

/** The same of SQL texts: a marker in `wanted` stands for any literal in `found`. */
export function isSameButForMarkers(found: string, wanted: string): boolean {
  if (found === wanted) return true;
  if (!mentionsMarker(wanted)) return false;
  const pieces = wanted.split(new RegExp(`'${prefix}${name}'`));
  const pattern = pieces.map((piece) => piece.replace(/[\^$\\.*+?()[\]{}|/-]/g, "\\$&")).join(anyLiteral);
  return new RegExp(`^${pattern}$`, "s").test(found);
}
