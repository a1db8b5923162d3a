// Checked by the compiler: which values the types beyond plain ones take, and which options each engine has.

import { describe, expectTypeOf, test } from "vitest";
import {
  type Aggregated,
  type ClickHouseAlias,
  ClickHouseEngines,
  type ClickHouseInt,
  type ClickHouseJson,
  type ClickHouseMaterialized,
  type ClickHouseMultiPolygon,
  type ClickHousePoint,
  type ClickHouseRing,
  type Date32,
  type Dynamic,
  type Insertable,
  type Int128,
  type IPv4,
  type JWT,
  type Key,
  type OlapConfig,
  OlapTable,
  type SimpleAggregated,
  type Time64,
  type Variant,
  type WithDefault,
} from "../../src/index.js";

interface Row {
  id: Key<string>;
  big: Int128;
  day: Date32;
  time: Time64<3>;
  address: IPv4;
  small: number & ClickHouseInt<"uint8">;
  either: Variant<[string, number, boolean[]]> | null;
  any: Dynamic;
  body: { user: { id: number } } & ClickHouseJson<16>;
  free: Record<string, unknown> & ClickHouseJson;
  point: ClickHousePoint;
  ring: ClickHouseRing;
  shape: ClickHouseMultiPolygon;
  mean: number & Aggregated<"avg", [number]>;
  most: number & SimpleAggregated<"max", number>;
  caller: JWT<{ sub: string }>;
  ver: number;
  sign: number;
}

describe("plain values are rows", () => {
  test("of every structured type", () => {
    const row: Row = {
      id: "a",
      big: 1n,
      day: "2024-01-01",
      time: "12:00:00.000",
      address: "10.0.0.1",
      small: 1,
      either: [true],
      any: { a: [1, "x"] },
      body: { user: { id: 1 } },
      free: { a: 1 },
      point: [1, 2],
      ring: [
        [0, 0],
        [1, 0],
      ],
      shape: [[[[0, 0]]]],
      mean: 1,
      most: 2,
      caller: { sub: "x" },
      ver: 1,
      sign: 1,
    };
    expectTypeOf(row.body.user.id).toBeNumber();
    expectTypeOf(row.point[0]).toBeNumber();
    expectTypeOf(row.caller.sub).toBeString();
  });

  test("a value of another type is refused", () => {
    // @ts-expect-error none of the three
    const either: Row["either"] = 1n;
    // @ts-expect-error a point has two numbers
    const point: Row["point"] = [1];
    expectTypeOf([either, point]).toBeArray();
  });

  test("an inserted row leaves out what ClickHouse computes, and may leave out what has a default", () => {
    interface Hit {
      path: string;
      at: WithDefault<Date, "now()">;
      note: WithDefault<string | null, "NULL">;
      day: string & ClickHouseMaterialized<"toString(at)">;
      twice: number & ClickHouseAlias<"1 + 1">;
    }
    const least: Insertable<Hit> = { path: "/" };
    const most: Insertable<Hit> = { path: "/", at: new Date(0), note: null };
    // @ts-expect-error ClickHouse computes it
    const wrong: Insertable<Hit> = { path: "/", day: "2024-01-01" };
    expectTypeOf([least, most, wrong]).toBeArray();
  });
});

test("each engine takes its own options, and needs those that it cannot do without", () => {
  const E = ClickHouseEngines;
  new OlapTable<Row>("a", { engine: E.ReplacingMergeTree, ver: "ver", orderByFields: ["id"] });
  new OlapTable<Row>("b", { engine: E.ReplicatedMergeTree, keeperPath: "/p", replicaName: "r" });
  new OlapTable<Row>("c", { engine: E.Log });
  new OlapTable<Row>("d", { engine: E.S3, path: "s3://b/x", format: "CSV", partitionBy: "ver" });
  const config: OlapConfig<Row> = { engine: E.CollapsingMergeTree, sign: "sign" };
  new OlapTable<Row>("e", config);
  // @ts-expect-error a sign is needed
  new OlapTable<Row>("f", { engine: E.CollapsingMergeTree });
  // @ts-expect-error there is no such field
  new OlapTable<Row>("g", { engine: E.ReplacingMergeTree, ver: "version" });
  // @ts-expect-error a Log is not sorted
  new OlapTable<Row>("h", { engine: E.Log, orderByFields: ["id"] });
  // @ts-expect-error a MergeTree has no version
  new OlapTable<Row>("i", { engine: E.MergeTree, ver: "ver" });
  // @ts-expect-error half of what a Buffer needs
  new OlapTable<Row>("j", { engine: E.Buffer, targetDatabase: "d", targetTable: "t" });
});

test("every option of a MergeTree is known to the other engines, as one that they have or as one that they have not", () => {
  type KeysOf<Options> = Options extends unknown ? keyof Options : never;
  type OfMergeTree = KeysOf<Extract<OlapConfig<Row>, { readonly engine?: undefined }>>;
  type Unknown<Engine extends ClickHouseEngines> =
    Extract<OlapConfig<Row>, { readonly engine: Engine }> extends infer Options
      ? Options extends unknown
        ? Exclude<OfMergeTree, keyof Options>
        : never
      : never;
  expectTypeOf<OfMergeTree>().toExtend<string>();
  expectTypeOf<"projections">().toExtend<OfMergeTree>();
  expectTypeOf<Unknown<ClickHouseEngines.S3>>().toBeNever();
  expectTypeOf<Unknown<ClickHouseEngines.EmbeddedRocksDB>>().toBeNever();
  expectTypeOf<Unknown<ClickHouseEngines.Kafka>>().toBeNever();
});
