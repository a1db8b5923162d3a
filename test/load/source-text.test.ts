// Inserting into a text, and the way back.

import fc from "fast-check";
import { expect, test } from "vitest";
import { applyInsertions, type Insertion, originalPosition } from "../../runtime/load/source-text.js";

test("insertions go to their offsets, those at the same place in the order given", () => {
  const insertions = [
    { offset: 5, text: ")" },
    { offset: 4, text: "(" },
    { offset: 4, text: "[" },
  ];
  expect(applyInsertions("new A()", insertions)).toBe("new ([A)()");
  expect(() => applyInsertions("a", [{ offset: 2, text: "x" }])).toThrow(RangeError);
});

const character = fc.constantFrom("a", "é", "\n", " ", "😀");
const texts = fc.string({ unit: character, maxLength: 40 });

/** A text and insertions into it. */
const cases = texts.chain((text) =>
  fc.tuple(
    fc.constant(text),
    fc.array(fc.record<Insertion>({ offset: fc.nat(text.length), text: texts }), { maxLength: 5 }),
  ),
);

function lineColumn(text: string, offset: number) {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

test("the position of each of the user's characters is found again", () => {
  fc.assert(
    fc.property(cases, ([text, insertions]) => {
      const edited = applyInsertions(text, insertions);
      for (let offset = 0; offset < text.length; offset++) {
        const before = insertions.filter((each) => each.offset <= offset);
        const shifted = offset + before.reduce((sum, each) => sum + each.text.length, 0);
        expect(edited[shifted]).toBe(text[offset]);
        expect(originalPosition(text, insertions, lineColumn(edited, shifted))).toEqual(
          lineColumn(text, offset),
        );
      }
    }),
  );
});
