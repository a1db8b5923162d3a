import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearest } from "../../runtime/config/suggest.js";

test("a slip of the keyboard is recognised, another word is not", () => {
  const names = ["db_name", "user", "password", "host", "host_port", "additional_databases"];
  expect(nearest("db_nmae", names)).toBe("db_name");
  expect(nearest("dbname", names)).toBe("db_name");
  expect(nearest("User", names)).toBe("user");
  expect(nearest("additional_database", names)).toBe("additional_databases");
  expect(nearest("most", names)).toBe("host");
  expect(nearest("port", names)).toBeUndefined();
  expect(nearest("x", ["y"])).toBe("y");
});

test("distance is zero for equal texts, the same both ways, and grows by at most one an edit", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(text, text, fc.nat(8), (one, other, at) => {
      expect(editDistance(one, one)).toBe(0);
      expect(editDistance(one, other)).toBe(editDistance(other, one));
      expect(editDistance(one, one.slice(0, at) + one.slice(at + 1))).toBeLessThanOrEqual(1);
      expect(editDistance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length));
    }),
  );
  expect(editDistance("ab", "ba")).toBe(1);
  expect(editDistance("", "abc")).toBe(3);
});
