// The types of columns that hold more than one plain value: JSON, variants, shapes, states of aggregate functions.

import type { ClickHouseType } from "./tags.js";

/**
 * The claims of the caller's token: an object that moose fills on ingest, stored like any nested object.
 *
 * @example
 * interface Order { id: Key<string>; caller: JWT<{ sub: string }> }
 */
export type JWT<T extends object> = T & { readonly "~jwt"?: true };

/**
 * Stores an object as ClickHouse's JSON. The fields that the object names are typed paths, the rest is dynamic;
 * `Record<string, any>` is JSON without any of these.
 *
 * @typeParam MaxDynamicPaths - how many other paths have a column of their own; undefined for the server's default
 * @typeParam MaxDynamicTypes - how many types such a path can have; undefined for the server's default
 * @typeParam SkipPaths - paths that are not stored, `["a.b"]`
 * @typeParam SkipRegexes - patterns of paths that are not stored
 *
 * @example
 * interface Event { id: Key<string>; body: { user: { id: number } } & ClickHouseJson<256, 16, ["debug"]> }
 */
export interface ClickHouseJson<
  MaxDynamicPaths extends number | undefined = undefined,
  MaxDynamicTypes extends number | undefined = undefined,
  SkipPaths extends readonly string[] = [],
  SkipRegexes extends readonly string[] = [],
> {
  readonly "~json"?: readonly [MaxDynamicPaths, MaxDynamicTypes, SkipPaths, SkipRegexes];
}

/**
 * A value of one of several types, or none: `Variant(Int64, String)`. It is never `Nullable`, for it can be null as it is.
 *
 * @example
 * interface Reading { value: Variant<[string, Int64, boolean]> }
 */
export type Variant<Types extends readonly unknown[]> = Types[number] & { readonly "~variant"?: Types };

/** Any value, each stored with its own type; `MaxTypes` (0 to 254) of them have a column of their own. */
export type Dynamic<MaxTypes extends number = 32> = (
  | string
  | number
  | bigint
  | boolean
  | Date
  | readonly unknown[]
  | { readonly [key: string]: unknown }
) &
  ClickHouseType<"Dynamic", [MaxTypes]>;

// Shapes. A point is `[x, y]`; a ring is a closed line, of which the last point is the first.
export type ClickHousePoint = [number, number] & ClickHouseType<"Point">;
export type ClickHouseRing = ClickHousePoint[] & ClickHouseType<"Ring">;
export type ClickHouseLineString = ClickHousePoint[] & ClickHouseType<"LineString">;
export type ClickHouseMultiLineString = ClickHouseLineString[] & ClickHouseType<"MultiLineString">;
/** The outer ring, then the holes. */
export type ClickHousePolygon = ClickHouseRing[] & ClickHouseType<"Polygon">;
export type ClickHouseMultiPolygon = ClickHousePolygon[] & ClickHouseType<"MultiPolygon">;

/**
 * The state of an aggregate function, for AggregatingMergeTree: `AggregateFunction(avg, Float64)`. Written by a
 * materialized view with `avgState(..)`, read with `avgMerge(..)`.
 *
 * @typeParam Call - the function, with its parameters if it has some: `"quantiles(0.5, 0.9)"`
 * @typeParam Args - types of its arguments
 *
 * @example
 * interface Daily { day: Date; mean: number & Aggregated<"avg", [number]>; visits: number & Aggregated<"count"> }
 */
export interface Aggregated<Call extends string, Args extends readonly unknown[] = []> {
  readonly "~aggregated"?: { readonly call: Call; readonly args: Args };
}

/**
 * A value that merges of the table put together with a function: `SimpleAggregateFunction(max, Float64)`.
 *
 * @typeParam Arg - type of the value
 *
 * @example
 * interface Daily { day: Date; most: number & SimpleAggregated<"max", number> }
 */
export interface SimpleAggregated<Call extends string, Arg> {
  readonly "~simpleAggregated"?: { readonly call: Call; readonly args: readonly [Arg] };
}

/**
 * A row as it is inserted: columns that ClickHouse computes are left out, those with a default may be.
 *
 * @example
 * interface Hit { at: WithDefault<Date, "now()">; day: string & ClickHouseMaterialized<"toString(at)">; path: string }
 * const hit: Insertable<Hit> = { path: "/" };
 */
export type Insertable<T> = {
  [K in keyof T as "~materialized" extends keyof NonNullable<T[K]>
    ? never
    : "~alias" extends keyof NonNullable<T[K]>
      ? never
      : "~default" extends keyof NonNullable<T[K]>
        ? never
        : K]: T[K];
} & { [K in keyof T as "~default" extends keyof NonNullable<T[K]> ? K : never]?: T[K] };
