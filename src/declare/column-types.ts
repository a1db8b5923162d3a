// The types that a user writes in a row type to say more about a column than TypeScript can.

import type { ClickHouseType, Expression, Format, NumberTypes, Type } from "./tags.js";

/** An intersection would swallow `null` and `undefined`; this keeps them. */
type Tagged<T, Tag> = (T & Tag) | Extract<T, null | undefined>;

/**
 * A column of the primary key. Without `orderByFields` the table is sorted by its keys, in their order.
 *
 * @example
 * interface User { id: Key<string>; name: string }
 */
export type Key<T> = Tagged<T, { readonly "~key"?: true }>;

/**
 * A column whose value an insert may leave out; `Text` is a ClickHouse expression.
 *
 * @example
 * interface Order { id: Key<string>; status: WithDefault<string, "'new'">; at: WithDefault<Date, "now()"> }
 */
export type WithDefault<T, Text extends string> = Tagged<T, ClickHouseDefault<Text>>;

/**
 * A column that was called `OldName` before: it is renamed and keeps its values, also where its type changes too. The
 * marker can go when all databases have followed; a column that has the new name already is left as it is.
 *
 * @example
 * interface User { id: Key<string>; fullName: Renamed<string, "name"> }
 */
export type Renamed<T, OldName extends string> = Tagged<T, { readonly "~renamed"?: Expression<OldName> }>;

/** The same as a tag: `at: Date & ClickHouseDefault<"now()">`. */
export interface ClickHouseDefault<Text extends string> {
  readonly "~default"?: Expression<Text>;
}

/**
 * A column that ClickHouse computes when a row is inserted, and stores.
 *
 * @example
 * interface Hit { at: Date; day: string & tags.Format<"date"> & ClickHouseMaterialized<"toDate(at)"> }
 */
export interface ClickHouseMaterialized<Text extends string> {
  readonly "~materialized"?: Expression<Text>;
}

/**
 * A column that ClickHouse computes when it is read, and does not store.
 *
 * @example
 * interface Sale { price: number; count: number; total: number & ClickHouseAlias<"price * count"> }
 */
export interface ClickHouseAlias<Text extends string> {
  readonly "~alias"?: Expression<Text>;
}

/**
 * When a column's value falls back to its default, without the word TTL.
 *
 * @example
 * interface Login { at: Date; address: string & ClickHouseTTL<"at + INTERVAL 30 DAY"> }
 */
export interface ClickHouseTTL<Text extends string> {
  readonly "~ttl"?: Expression<Text>;
}

/**
 * How a column is compressed: what stands inside `CODEC(..)`.
 *
 * @example
 * interface Metric { at: Date & ClickHouseCodec<"Delta, ZSTD(3)">; value: number }
 */
export interface ClickHouseCodec<Text extends string> {
  readonly "~codec"?: Expression<Text>;
}

/**
 * A column with few different values, stored as a dictionary.
 *
 * @example
 * interface Visit { country: string & LowCardinality }
 */
export interface LowCardinality {
  readonly "~lowCardinality"?: true;
}

// Numbers as ClickHouse stores them. A plain `number` is a `Float64`; above 2^53 a `number` loses digits.
export type Int8 = number & ClickHouseType<"Int8">;
export type Int16 = number & ClickHouseType<"Int16">;
export type Int32 = number & ClickHouseType<"Int32">;
export type Int64 = number & ClickHouseType<"Int64">;
export type UInt8 = number & ClickHouseType<"UInt8">;
export type UInt16 = number & ClickHouseType<"UInt16">;
export type UInt32 = number & ClickHouseType<"UInt32">;
export type UInt64 = number & ClickHouseType<"UInt64">;
export type Float32 = number & ClickHouseType<"Float32">;
export type Float64 = number & ClickHouseType<"Float64">;
/** Sixteen bits of a `Float32`: its range, with two or three digits. */
export type BFloat16 = number & ClickHouseType<"BFloat16">;

// Whole numbers that a `number` cannot hold. A plain `bigint` is an `Int64`.
export type Int128 = bigint & ClickHouseType<"Int128">;
export type Int256 = bigint & ClickHouseType<"Int256">;
export type UInt128 = bigint & ClickHouseType<"UInt128">;
export type UInt256 = bigint & ClickHouseType<"UInt256">;

/** The tags of the sized numbers, by the names that typia has for them: `number & ClickHouseInt<"uint8">`. */
export type ClickHouseInt<Name extends Exclude<keyof NumberTypes, "float" | "double">> = Type<Name>;
export type ClickHouseFloat<Name extends "float32" | "float64"> = ClickHouseType<
  Name extends "float32" ? "Float32" : "Float64"
>;

/** The tag of {@link Decimal}, for use on `string` or `number`. */
export type ClickHouseDecimal<Precision extends number, Scale extends number> = ClickHouseType<
  "Decimal",
  [Precision, Scale]
>;

/**
 * A number with `Precision` digits (1 to 76), `Scale` of them behind the point; text, so that no digit is lost.
 *
 * @example
 * interface Invoice { amount: Decimal<18, 2> }
 */
export type Decimal<Precision extends number, Scale extends number> = string &
  ClickHouseDecimal<Precision, Scale>;

/** The tag of {@link FixedString}. */
export type ClickHouseFixedString<Length extends number> = ClickHouseType<"FixedString", [Length]>;
export type ClickHouseFixedStringSize<Length extends number> = ClickHouseFixedString<Length>;

/** Text of exactly `Length` bytes; shorter text is filled up with zero bytes. */
export type FixedString<Length extends number> = string & ClickHouseFixedString<Length>;

/** A time in whole seconds: `DateTime('UTC')`. A plain `Date` is the same. */
export type DateTime = Date;

/** Digits of a second that a time keeps, 0 to 9. */
export interface ClickHousePrecision<Digits extends number> {
  readonly "~precision"?: Digits;
}

/** A time with `Digits` digits of a second, 0 to 9: `DateTime64<3>` keeps milliseconds. */
export type DateTime64<Digits extends number> = Date & ClickHousePrecision<Digits>;

/** A time as ISO 8601 text, kept with nanoseconds: `DateTime64(9)`. */
export type DateTimeString = string & Format<"date-time">;

/** A time as ISO 8601 text with `Digits` digits of a second, 0 to 9. */
export type DateTime64String<Digits extends number> = string &
  Format<"date-time"> &
  ClickHousePrecision<Digits>;

/** A day as text, `"2024-01-31"`, from 1900 to 2299. */
export type Date32 = string & ClickHouseType<"Date32">;
/** A time of day or a span, as text in whole seconds: `"12:30:00"`. Needs ClickHouse 25.6. */
export type Time = string & ClickHouseType<"Time">;
/** The same with `Digits` digits of a second, 0 to 9. */
export type Time64<Digits extends number> = string & ClickHouseType<"Time64", [Digits]>;

/** Addresses as text; `tags.Format<"ipv4">` and `tags.Format<"ipv6">` are the same. */
export type IPv4 = string & ClickHouseType<"IPv4">;
export type IPv6 = string & ClickHouseType<"IPv6">;
/** As text; `tags.Format<"uuid">` is the same. */
export type UUID = string & ClickHouseType<"UUID">;

/** Bytes that a value takes: `string & tags.Format<"date"> & ClickHouseByteSize<2>` is the short `Date`. */
export interface ClickHouseByteSize<Bytes extends number> {
  readonly "~byteSize"?: Bytes;
}

/**
 * Stores a nested object as one named tuple instead of as `Nested` columns.
 *
 * @example
 * interface Place { name: string; at: { lat: number; lon: number } & ClickHouseNamedTuple }
 */
export interface ClickHouseNamedTuple {
  readonly "~namedTuple"?: true;
}
