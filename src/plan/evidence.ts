// What was counted in the database before planning: what an operation would concern.

import type { Address } from "../infra/address.js";

export interface TableSize {
  readonly rows: number;
  readonly bytes: number;
}

/** Values that a new column type cannot hold. */
export interface FailingValues {
  readonly count: number;
  /** At most five of them, as text; `NULL` for a null. */
  readonly examples: readonly string[];
  /** The server's own words, where it has no conversion between the two types or could not try it. */
  readonly refusal?: string | undefined;
}

/** Facts gathered for the changes at hand; a table that is not named was not looked at. */
export interface Evidence {
  readonly sizes: ReadonlyMap<Address, TableSize>;
  /** Tables that hold rows and are read by a materialized view that is new. */
  readonly sources?: ReadonlyMap<Address, number> | undefined;
  /** By {@link columnKey}. */
  readonly failing: ReadonlyMap<string, FailingValues>;
  /** Columns of empty tables whose type ClickHouse cannot convert, by {@link columnKey}. */
  readonly inconvertible: ReadonlySet<string>;
}

export const noEvidence: Evidence = { sizes: new Map(), failing: new Map(), inconvertible: new Set() };

export function columnKey(address: Address, column: string): string {
  return `${address}\0${column}`;
}
