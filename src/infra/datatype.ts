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
  | { readonly kind: "time64"; readonly precision: number }
  | {
      readonly kind: "enum";
      /** Name of the enum in the code, where there is one. */
      readonly name?: string;
      readonly members: readonly EnumMember[];
    }
  | { readonly kind: "variant"; readonly members: readonly DataType[] }
  | {
      /** `AggregateFunction(..)`, or `SimpleAggregateFunction(..)` where its state is a plain value. */
      readonly kind: "aggregate" | "simpleAggregate";
      /** With its parameters: `quantiles(0.5, 0.9)`. */
      readonly functionName: string;
      readonly args: readonly DataType[];
    }
  | ({ readonly kind: "json" } & JsonOptions);

/** What the JSON type is told; left out where the server's default holds. */
export interface JsonOptions {
  readonly maxDynamicPaths?: number | undefined;
  readonly maxDynamicTypes?: number | undefined;
  /** Paths whose type is known, by their dotted names. */
  readonly paths: readonly DataField[];
  /** Paths that are not stored, and patterns of such. */
  readonly skip: readonly string[];
  readonly skipPatterns: readonly string[];
}

export interface DataField {
  /** Empty for an element of a tuple that has no name. */
  readonly name: string;
  readonly type: DataType;
}

/** `name` is the text ClickHouse stores for the value; `value` the number, -32768 to 32767. */
export interface EnumMember {
  readonly name: string;
  readonly value: number;
  /** What the member is called in the code, where that is another text than the one that is stored. */
  readonly key?: string;
}
