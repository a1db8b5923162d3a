// The text of a user's file with what moose inserts into it, and the way back from a position in the result.

import type { Insertion, SourceText } from "../../src/declare/source-text.js";

export type { Insertion, SourceText };

/** Counts from 1, columns in UTF-16 units. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/**
 * The text with its insertions. Insertions at the same offset keep the order in which they are listed.
 *
 * @throws RangeError when an offset lies outside of the text
 * @example
 * applyInsertions("new A()", [{ offset: 4, text: "(" }, { offset: 5, text: ")" }]); // "new (A)()"
 */
export function applyInsertions(text: string, insertions: readonly Insertion[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const insertion of inOrder(insertions)) {
    if (insertion.offset < 0 || insertion.offset > text.length) {
      throw new RangeError(`insertion at ${insertion.offset} lies outside of a text of ${text.length}`);
    }
    parts.push(text.slice(from, insertion.offset), insertion.text);
    from = insertion.offset;
  }
  parts.push(text.slice(from));
  return parts.join("");
}

/**
 * Where a position of the text with insertions lies in the user's own text. Positions inside an insertion
 * map to the place where it was inserted.
 */
export function originalPosition(
  text: string,
  insertions: readonly Insertion[],
  position: LineColumn,
): LineColumn {
  const offset = offsetOf(applyInsertions(text, insertions), position);
  return positionOf(text, originalOffset(insertions, offset));
}

function originalOffset(insertions: readonly Insertion[], offset: number): number {
  let inserted = 0;
  for (const insertion of inOrder(insertions)) {
    const start = insertion.offset + inserted;
    if (offset < start) break;
    if (offset < start + insertion.text.length) return insertion.offset;
    inserted += insertion.text.length;
  }
  return offset - inserted;
}

function inOrder(insertions: readonly Insertion[]): readonly Insertion[] {
  return [...insertions].sort((a, b) => a.offset - b.offset);
}

function offsetOf(text: string, position: LineColumn): number {
  let start = 0;
  for (let line = 1; line < position.line; line++) {
    const end = text.indexOf("\n", start);
    if (end === -1) return text.length;
    start = end + 1;
  }
  return Math.min(start + position.column - 1, text.length);
}

function positionOf(text: string, offset: number): LineColumn {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1 && end < offset; end = text.indexOf("\n", start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
