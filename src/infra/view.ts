// A view or a dictionary of the model: the same value for one that code declares and one that was read from ClickHouse.

import type { SourcePlace } from "../diagnostic.js";
import { type Address, tableAddress } from "./address.js";
import type { LifeCycle } from "./lifecycle.js";

export interface ViewColumn {
  readonly name: string;
  readonly type: string;
}

export interface ViewTarget {
  readonly database: string;
  readonly name: string;
}

export interface View {
  readonly kind: "View" | "MaterializedView" | "Dictionary";
  readonly database: string;
  readonly name: string;
  /**
   * The query behind AS; a table that it names without a database is in the database of the view. Of a dictionary all
   * that stands behind its name.
   */
  readonly select: string;
  /** Table that a materialized view writes to; undefined for a plain view, and for one that keeps its rows itself. */
  readonly target: ViewTarget | undefined;
  /** What stands behind REFRESH, `EVERY 1 HOUR`; empty for a plain view, and for one that follows the inserts. */
  readonly refresh: string;
  /**
   * The columns that ClickHouse keeps for it. They stay as they were when its tables change. Undefined where they are
   * not looked at.
   */
  readonly columns: readonly ViewColumn[] | undefined;
  readonly lifeCycle: LifeCycle;
  /** Where the code declares it; absent on what was read from a database. */
  readonly place?: SourcePlace | undefined;
}

/** True for one that keeps rows of its own: dropping it drops them. */
export function hasOwnStorage({ kind, target }: View): boolean {
  return kind === "MaterializedView" && target === undefined;
}

export function targetAddress({ target }: View): Address | undefined {
  return target && tableAddress(target.database, target.name);
}
