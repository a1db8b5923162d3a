import { expect, test } from "vitest";
import { tableAddress } from "../../src/infra/address.js";

test("an address of plain words has no quotes", () => {
  expect(tableAddress("analytics", "events")).toBe("analytics.events");
});

test("two tables never share an address", () => {
  expect(tableAddress("a.b", "c")).not.toBe(tableAddress("a", "b.c"));
  expect(tableAddress("a`", "c")).toBe("`a\\``.c");
});
