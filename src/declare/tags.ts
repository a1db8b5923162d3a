// The tags: phantom properties that say of a column what its TypeScript type cannot.
//
// Every property is optional and never set, so plain values stay assignable. moose finds them through the type
// checker, by the property and not by the name of a type: aliases and generics keep working.

/**
 * Text that moose reads out of a type. All of these are assignable to each other, so that a value can be copied
 * between two columns whose defaults, codecs or TTLs differ.
 */
export interface Expression<_Text extends string> {
  readonly text?: string;
}

/** A ClickHouse type with its parameters: `ClickHouseType<"Decimal", [10, 2]>`. */
export interface ClickHouseType<Name extends string, Parameters extends readonly number[] = []> {
  readonly "~type"?: readonly [Name, ...Parameters];
}

/**
 * What the text of a string column looks like: `"uuid"`, `"date-time"`, `"date"`, `"ipv4"`, `"ipv6"` have a
 * ClickHouse type of their own; a string of any other format is a `String`.
 *
 * @example
 * interface Visit { id: Key<string & tags.Format<"uuid">>; from: string & tags.Format<"ipv4"> }
 */
export interface Format<F extends string> {
  readonly "~format"?: F;
}

/** The names that {@link Type} takes, and the types of ClickHouse that they stand for. */
export interface NumberTypes {
  int8: "Int8";
  int16: "Int16";
  int32: "Int32";
  int64: "Int64";
  uint8: "UInt8";
  uint16: "UInt16";
  uint32: "UInt32";
  uint64: "UInt64";
  float: "Float32";
  double: "Float64";
}

/**
 * How a number is stored.
 *
 * @example
 * interface Reading { sensor: number & tags.Type<"uint32">; value: number & tags.Type<"float"> }
 */
export type Type<Name extends keyof NumberTypes> = ClickHouseType<NumberTypes[Name]>;

/**
 * A ClickHouse type by its own text, as the server prints it; for those that there is no other way to write.
 *
 * @example
 * interface Flight { departs: Date & tags.StoredAs<"DateTime('Europe/Berlin')"> }
 */
export interface StoredAs<Text extends string> {
  readonly "~storedAs"?: Expression<Text>;
}

/**
 * The comment of a column, for one that a doc comment cannot hold: its lines, its signs, or its blanks at the ends.
 *
 * @example
 * interface Part { code: string & tags.Comment<"line one\nline two"> }
 */
export interface Comment<Text extends string> {
  readonly "~comment"?: Expression<Text>;
}
