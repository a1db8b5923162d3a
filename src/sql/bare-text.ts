// A statement without comments and without what stands in quotes: its words can be looked at.

/** Comments and quotes; each closes at its end or, left open, at the end of the text, so that reading stays linear. */
const comment = /--[^\n]*|#[! ][^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)/y;
const quoted = /(['"`])(?:\\[\s\S]?|(?!\1)[^\\])*(?:\1|$)/y;

/** The text with comments left out, names and texts in quotes as `q`, and single spaces. */
export function bareText(sql: string): string {
  let bare = "";
  for (let at = 0; at < sql.length; ) {
    comment.lastIndex = quoted.lastIndex = at;
    const skipped = comment.exec(sql)?.[0];
    const name = skipped === undefined ? quoted.exec(sql)?.[0] : undefined;
    if (skipped !== undefined) bare += " ";
    else bare += name === undefined ? sql[at] : "q";
    at += skipped?.length ?? name?.length ?? 1;
  }
  const spaced = bare
    .replace(/\s+/g, " ")
    .replace(/ ?\. ?/g, ".")
    .trim();
  let end = spaced.length;
  while (end > 0 && (spaced[end - 1] === ";" || spaced[end - 1] === " ")) end--;
  return spaced.slice(0, end);
}
