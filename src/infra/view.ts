// A view of the model: the same value for one that code declares and one that was read from ClickHouse.

import type { SourcePlace } from "../diagnostic.js";
import type { LifeCycle } from "./lifecycle.js";

export interface View {
  readonly kind: "View" | "MaterializedView";
  readonly database: string;
  readonly name: string;
  /** The query behind AS. */
  readonly select: string;
  /** Table that a materialized view writes to; undefined for a plain view. */
  readonly target: { readonly database: string; readonly name: string } | undefined;
  readonly lifeCycle: LifeCycle;
  /** Where the code declares it; absent on what was read from a database. */
  readonly place?: SourcePlace | undefined;
}
