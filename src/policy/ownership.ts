// What moose knows of the resources that it made or was told to adopt.

import type { Address } from "../infra/address.js";
import type { LifeCycle } from "../infra/lifecycle.js";

/** A table, or a view, of which the lists are empty. */
export interface OwnedTable {
  /** The lifecycle under which it was last applied. */
  readonly lifeCycle: LifeCycle;
  /** Columns that moose made or adopted; others may have added more. */
  readonly columns: ReadonlySet<string>;
  /** The same of its indexes and projections. */
  readonly indexes: ReadonlySet<string>;
  readonly projections: ReadonlySet<string>;
  readonly constraints: ReadonlySet<string>;
}

export type Ownership = ReadonlyMap<Address, OwnedTable>;

/** The same for a view, which has no parts. */
export function ownedView(lifeCycle: LifeCycle): OwnedTable {
  const none: ReadonlySet<string> = new Set();
  return { lifeCycle, columns: none, indexes: none, projections: none, constraints: none };
}
