// Checked by the compiler: what a value of a column type is assignable to and from.

import { describe, expectTypeOf, test } from "vitest";
import {
  type ClickHouseAlias,
  type ClickHouseCodec,
  type ClickHouseDefault,
  type ClickHouseTTL,
  type DateTime,
  type DateTime64,
  type DateTime64String,
  type DateTimeString,
  type Decimal,
  type FixedString,
  type Int8,
  type Int64,
  type Key,
  type LowCardinality,
  OlapTable,
  type Renamed,
  type tags,
  type UInt64,
  type WithDefault,
} from "../../src/index.js";

interface Row {
  id: Key<string>;
  uuid: string & tags.Format<"uuid">;
  n: Int64;
  small?: Int8;
  big: UInt64;
  typed: number & tags.Type<"uint32">;
  price: Decimal<10, 2>;
  code: FixedString<4>;
  at: DateTime;
  exact: DateTime64<3>;
  text: DateTimeString;
  textExact: DateTime64String<6>;
  country: string & LowCardinality;
  status: WithDefault<"new" | "done", "'new'">;
  on: WithDefault<boolean, "true">;
  note: WithDefault<string | null, "NULL">;
  total: number & ClickHouseAlias<"n * 2">;
  list: string[] & ClickHouseCodec<"ZSTD">;
  fullName: Renamed<string | null, "name">;
}

describe("plain values are rows", () => {
  test("every column type takes the value it stands for", () => {
    const row: Row = {
      id: "a",
      uuid: "00000000-0000-0000-0000-000000000000",
      n: 3,
      small: 1,
      big: 2,
      typed: 3,
      price: "1.20",
      code: "abcd",
      at: new Date(0),
      exact: new Date(0),
      text: "2026-01-01T00:00:00Z",
      textExact: "2026-01-01T00:00:00Z",
      country: "DE",
      status: "new",
      on: true,
      note: null,
      total: 6,
      list: ["a"],
      fullName: null,
    };
    expectTypeOf(row.id).toExtend<string>();
    expectTypeOf(row.n).toExtend<number>();
    expectTypeOf(row.exact).toExtend<Date>();
    expectTypeOf(row.list).toExtend<string[]>();
    expectTypeOf<null>().toExtend<Row["note"]>();
  });

  test("a value of another type is refused", () => {
    // @ts-expect-error a key of text takes no number
    const id: Row["id"] = 1;
    // @ts-expect-error a number column takes no text
    const n: Row["n"] = "1";
    // @ts-expect-error a column that is not declared nullable takes no null
    const at: Row["at"] = null;
    // @ts-expect-error only the literals
    const status: Row["status"] = "other";
    expectTypeOf([id, n, at, status]).toBeArray();
  });

  test("a value can be copied between columns that are stored differently", () => {
    type From = Date &
      ClickHouseTTL<"at + INTERVAL 1 DAY"> &
      ClickHouseDefault<"now()"> &
      ClickHouseCodec<"Delta">;
    type To = Date &
      ClickHouseTTL<"at + INTERVAL 9 DAY"> &
      ClickHouseDefault<"today()"> &
      ClickHouseCodec<"ZSTD">;
    expectTypeOf<From>().toExtend<To>();
    expectTypeOf<Key<string>>().toExtend<string & LowCardinality>();
    expectTypeOf<string & LowCardinality>().toExtend<Key<string>>();
    expectTypeOf<Renamed<string, "a">>().toExtend<Renamed<string, "b">>();
    expectTypeOf<null>().toExtend<Row["fullName"]>();
  });

  test("the value of one number type is not taken for another's", () => {
    expectTypeOf<UInt64>().not.toExtend<Int8>();
  });
});

test("an index needs a name, an expression and a type, a projection a name and a body", () => {
  new OlapTable<Row>("t", {
    indexes: [
      { name: "i", expression: "n", type: "minmax" },
      { name: "j", expression: "text", type: "bloom_filter", arguments: ["0.01"], granularity: 4 },
    ],
    projections: [{ name: "p", body: "SELECT n, count() GROUP BY n" }],
    renamedFrom: "old",
  });
  // @ts-expect-error an index without a type
  new OlapTable<Row>("t", { indexes: [{ name: "i", expression: "n" }] });
  // @ts-expect-error a projection without a body
  new OlapTable<Row>("t", { projections: [{ name: "p" }] });
});

test("a sorting key names fields of the row", () => {
  new OlapTable<Row>("t", { orderByFields: ["id", "n"] });
  // @ts-expect-error there is no such field
  new OlapTable<Row>("t", { orderByFields: ["nope"] });
  // @ts-expect-error fields or an expression, not both
  new OlapTable<Row>("t", { orderByFields: ["id"], orderByExpression: "id" });
});
