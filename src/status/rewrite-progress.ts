// How far a rewrite in the background is: ClickHouse tells the parts of the table that it has left.

export interface RewriteParts {
  readonly atFirst: number;
  readonly left: number;
}

/** @param left - undefined where it is not known */
export function partsLeft(
  before: RewriteParts | undefined,
  left: number | undefined,
): RewriteParts | undefined {
  return left === undefined ? before : { atFirst: before?.atFirst ?? left, left };
}

/** From 0 to 1. */
export function shareDone(parts: RewriteParts | undefined): number | undefined {
  return parts && (parts.atFirst === 0 ? 1 : 1 - parts.left / parts.atFirst);
}
