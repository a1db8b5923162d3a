// Markers of variables in SQL texts: only a whole literal is one, and a value can be any text.

import fc from "fast-check";
import { expect, test } from "vitest";
import { underMarkersOfSource } from "../../src/sql/dictionary.js";
import { quoteString } from "../../src/sql/quote.js";
import {
  isSameButForMarkers,
  isSameLiteral,
  markerOf,
  variablesIn,
  withoutMarkers,
  withValues,
} from "../../src/sql/runtime-variable.js";
import { unescaped } from "../../src/sql/unescape.js";

const marker = markerOf("PW");

test("any value is put in as one literal", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const sql = withValues(`PASSWORD '${marker}' DB 'd'`, { PW: value }, quoteString);
      const literal = /^PASSWORD '(.*)' DB 'd'$/s.exec(sql)?.[1];
      expect(literal).toBeDefined();
      expect(unescaped(literal ?? "")).toBe(value);
    }),
  );
});

test("a marker inside of another literal, or with more beside it, is none", () => {
  for (const sql of [`COMMENT 'say \\'${marker}\\''`, `'x${marker}'`, `'${marker}x y'`, marker.slice(1)]) {
    expect(withValues(sql, { PW: "v" }, quoteString)).toBe(sql);
    expect(variablesIn(sql)).toEqual([]);
    expect(withoutMarkers(sql)).toBe(sql);
  }
  expect(variablesIn(`S3('u', '${markerOf("A")}', '${markerOf("B")}')`)).toEqual(["A", "B"]);
});

test("a marker is any literal, and another marker is another value", () => {
  expect(isSameLiteral("'x'", `'${marker}'`)).toBe(true);
  expect(isSameLiteral(`'${markerOf("OTHER")}'`, `'${marker}'`)).toBe(false);
  expect(isSameLiteral("x", `'${marker}'`)).toBe(false);
  expect(isSameButForMarkers("USER 'a\\'b' DB 'd'", `USER '${marker}' DB 'd'`)).toBe(true);
  expect(isSameButForMarkers("USER 'a' DB 'e'", `USER '${marker}' DB 'd'`)).toBe(false);
  expect(isSameButForMarkers("USER 'a' PORT '1' DB 'd'", `USER '${marker}' DB 'd'`)).toBe(false);
});

test("of a dictionary that differs, what cannot be matched with a marker is hidden", () => {
  const wanted = `SOURCE(HTTP(URL 'u' CREDENTIALS(USER '${marker}' PASSWORD '${marker}')))`;
  expect(underMarkersOfSource("SOURCE(HTTP(URL 'v' CREDENTIALS(USER 'me' PASSWORD 'pw')))", wanted)).toBe(
    `SOURCE(HTTP(URL 'v' CREDENTIALS(USER '${marker}' PASSWORD '${marker}')))`,
  );
  expect(underMarkersOfSource("SOURCE(X(USER 'me' USER 'you' DB 'd'))", wanted)).toBe(
    "SOURCE(X(USER '[HIDDEN]' USER '[HIDDEN]' DB 'd'))",
  );
});
