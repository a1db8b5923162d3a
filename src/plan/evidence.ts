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
}

/** Facts gathered for the changes at hand; a table that is not named was not looked at. */
export interface Evidence {
  readonly sizes: ReadonlyMap<Address, TableSize>;
  /** By {@link columnKey}. */
  readonly failing: ReadonlyMap<string, FailingValues>;
}

export const noEvidence: Evidence = { sizes: new Map(), failing: new Map() };

export function columnKey(address: Address, column: string): string {
  return `${address}\0${column}`;
}
