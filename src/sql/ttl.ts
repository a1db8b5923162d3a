// Judges a change of a TTL expression.

const interval = /^(.*) \+ toInterval([A-Za-z]+)\((\d+)\)$/s;

/**
 * True when rows or values can expire that did not before. A TTL that is only lengthened, the same column plus more
 * of the same unit, expires nothing; whatever cannot be told counts as shortened.
 */
export function shortensTtl(before: string, after: string): boolean {
  if (after === "") return false;
  const [from, to] = [interval.exec(before), interval.exec(after)];
  const comparable = from !== null && to !== null && from[1] === to[1] && from[2] === to[2];
  return !(comparable && Number(to[3]) >= Number(from[3]));
}
