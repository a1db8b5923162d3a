// The type of a column as the TypeScript side knows it; `src/sql/type.ts` prints it for ClickHouse.

/** A ClickHouse data type as a tree. `name` kinds without parameters are printed as they are. */
export type DataType =
  | { readonly kind: "simple"; readonly name: string }
  | { readonly kind: "nullable"; readonly inner: DataType }
  | { readonly kind: "lowCardinality"; readonly inner: DataType }
  | { readonly kind: "array"; readonly element: DataType }
  | { readonly kind: "map"; readonly key: DataType; readonly value: DataType }
  | { readonly kind: "tuple"; readonly fields: readonly DataField[] }
  | { readonly kind: "nested"; readonly fields: readonly DataField[] }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "fixedString"; readonly length: number }
  | { readonly kind: "dateTime"; readonly timezone?: string }
  | { readonly kind: "dateTime64"; readonly precision: number; readonly timezone?: string }
  | { readonly kind: "enum"; readonly members: readonly EnumMember[] };

export interface DataField {
  /** Empty for an element of a tuple that has no name. */
  readonly name: string;
  readonly type: DataType;
}

/** `name` is the text ClickHouse stores for the value; `value` the number, -32768 to 32767. */
export interface EnumMember {
  readonly name: string;
  readonly value: number;
}
