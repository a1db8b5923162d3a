import { parseEnv } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEnvFile } from "../../runtime/config/env-file.js";

test("each variable has its line and column", () => {
  const text = "# c\n\nA=1\n  export B = two words # tail\nC='x\ny'\nD=\"a\\nb\"\r\nE=\nF=`q'q`\n";
  expect(
    parseEnvFile(".env", text).variables.map(({ name, value, place }) => [
      name,
      value,
      place.line,
      place.column,
    ]),
  ).toEqual([
    ["A", "1", 3, 1],
    ["B", "two words", 4, 10],
    ["C", "x\ny", 5, 1],
    ["D", "a\nb", 7, 1],
    ["E", "", 8, 1],
    ["F", "q'q", 9, 1],
  ]);
});

test("a bad line is told and does not touch its neighbours", () => {
  const { variables, diagnostics } = parseEnvFile(".env", "A=1\n  oops\n=5\nB='open\nC=3\n1D=x\n");
  expect(variables.map(({ name, value }) => [name, value])).toEqual([
    ["A", "1"],
    ["C", "3"],
  ]);
  expect(diagnostics.map(({ summary, place }) => `${place?.line}:${place?.column} ${summary}`)).toEqual([
    "2:3 Line 2 of .env cannot be read: it is not of the form `NAME=value`.",
    "3:1 Line 3 of .env cannot be read: it is not of the form `NAME=value`.",
    "4:1 Line 4 of .env cannot be read: its quote is never closed.",
    "6:1 Line 6 of .env cannot be read: it is not of the form `NAME=value`.",
  ]);
});

test("a value of blanks alone is empty, whatever follows", () => {
  const { variables } = parseEnvFile(".env", "A = \nB=''\nC=\t\n  # it's\nD='x'\n");
  expect(variables.map(({ name, value }) => `${name}:${value}`)).toEqual(["A:", "B:", "C:", "D:x"]);
});

test("files without bad lines are read as Node reads them", () => {
  const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,4}$/);
  const value = fc.oneof(
    // Node 24 lets a value of blanks alone run on into the next line.
    fc.stringMatching(/^[a-z0-9.:/#=][a-z0-9 .:/#=]{0,8}$/),
    fc.stringMatching(/^[a-z0-9 #='\n]{0,8}$/).map((inner) => `"${inner}"`),
    fc.stringMatching(/^[a-z0-9 #="\n]{0,8}$/).map((inner) => `'${inner}'`),
  );
  const line = fc.oneof(
    fc.tuple(name, fc.constantFrom("=", " = "), value).map((parts) => parts.join("")),
    // Node takes an indented comment after an empty line for a name.
    fc.constantFrom("", "# it's"),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (all) => {
      const text = `${all.join("\n")}\n`;
      const { variables, diagnostics } = parseEnvFile(".env", text);
      expect(diagnostics).toEqual([]);
      expect(Object.fromEntries(variables.map((one) => [one.name, one.value]))).toEqual({
        ...parseEnv(text),
      });
    }),
  );
});
