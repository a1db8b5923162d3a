// Random tables of the model, beyond what a server would take: what a file says has to come back whatever it is.

import fc from "fast-check";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table, TableIndex, TableProjection } from "../../src/infra/table.js";
import { rawTable, tableOf } from "../live/arbitrary-table.js";

const word = fc.oneof(
  fc.constantFrom(
    "a",
    "select",
    "it's",
    "back`tick",
    "back\\slash",
    "日本",
    "1",
    "null",
    "a: b",
    "- x",
    "# no",
    "two\nlines",
  ),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter((text) => !text.includes("\0")),
);

const expression = fc.constantFrom("n", "lower(s)", "(a, b)", "'x' || s", "`odd name` % 3");

const index: fc.Arbitrary<TableIndex> = fc.record({
  name: word,
  expression,
  type: fc.constantFrom(
    "minmax",
    "bloom_filter(0.01)",
    "set(100)",
    "tokenbf_v1(256, 2, 0)",
    "text(tokenizer = 'default')",
  ),
  granularity: fc.integer({ min: 1, max: 8 }),
});

const projection: fc.Arbitrary<TableProjection> = fc.record({
  name: word,
  body: fc.constantFrom("SELECT a, sum(b) GROUP BY a", "SELECT * ORDER BY `odd name`", "SELECT 'x, y'"),
});

const unique = { maxLength: 3, selector: ({ name }: { readonly name: string }) => name };

/** A table of the live property test with indexes, projections, EPHEMERAL columns and lifecycles besides. */
export const table: fc.Arbitrary<Table> = fc
  .record({
    raw: rawTable,
    database: fc.constantFrom("local", "other db", "a_b"),
    name: word,
    indexes: fc.uniqueArray(index, unique),
    projections: fc.uniqueArray(projection, unique),
    lifeCycle: fc.constantFrom(...Object.values(LifeCycle)),
    ephemeral: fc.constantFrom(undefined, "", "now()"),
  })
  .map(({ raw, database, name, ephemeral, ...rest }) => {
    const made = tableOf(raw, database, name);
    const { columns } = made;
    const extra = {
      name: "passing",
      type: "String",
      default: { kind: "EPHEMERAL" as const, expression: ephemeral ?? "" },
      comment: "",
      codec: "",
      ttl: "",
    };
    return { ...made, columns: ephemeral === undefined ? columns : [...columns, extra], ...rest };
  });
