// A table of the model: the same value for a table that code declares and one that was read from ClickHouse.

import type { SourcePlace } from "../diagnostic.js";
import type { LifeCycle } from "./lifecycle.js";

/** How a column gets the value that an INSERT leaves out. */
export interface ColumnDefault {
  readonly kind: "DEFAULT" | "MATERIALIZED" | "ALIAS" | "EPHEMERAL";
  /** A ClickHouse expression. */
  readonly expression: string;
}

export interface Column {
  readonly name: string;
  /** ClickHouse's text of the type, `Nullable(String)`. */
  readonly type: string;
  readonly default: ColumnDefault | undefined;
  /** Empty where there is none. */
  readonly comment: string;
  /** What stands inside `CODEC(..)`, empty for the server's default. */
  readonly codec: string;
  /** Expression after which the value expires, empty for never. */
  readonly ttl: string;
  /** Name that the column had before, as the code says; absent on what was read from a database. */
  readonly renamedFrom?: string | undefined;
  /** Where the code declares the field; absent on what was read from a database. */
  readonly place?: SourcePlace | undefined;
}

/** A data skipping index. */
export interface TableIndex {
  readonly name: string;
  readonly expression: string;
  /** Type with its arguments, `minmax` or `bloom_filter(0.01)`. */
  readonly type: string;
  /** In granules of the table. */
  readonly granularity: number;
}

export interface TableProjection {
  readonly name: string;
  /** What stands inside of its brackets, `SELECT a, sum(b) GROUP BY a`. */
  readonly body: string;
}

/** A condition that inserted rows must meet, or that the optimizer may rely on. */
export interface TableConstraint {
  readonly name: string;
  readonly kind: "CHECK" | "ASSUME";
  readonly expression: string;
}

export interface Table {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** Engine with its arguments, `MergeTree` or `ReplacingMergeTree(version)`. */
  readonly engine: string;
  /** Sorting key as a comma separated list, empty for `tuple()`. */
  readonly orderBy: string;
  /** Primary key as a comma separated list; equal to `orderBy` where the table names none of its own. */
  readonly primaryKey: string;
  /** Empty where the table is not partitioned. */
  readonly partitionBy: string;
  readonly sampleBy: string;
  /** TTL of the rows, without the word TTL; empty for none. */
  readonly ttl: string;
  readonly indexes: readonly TableIndex[];
  readonly projections: readonly TableProjection[];
  readonly constraints: readonly TableConstraint[];
  /** MergeTree settings that differ from the server's default, by name; every value is text. */
  readonly settings: Readonly<Record<string, string>>;
  readonly comment: string;
  /** Cluster on which its statements run; the code says so, a database does not. */
  readonly cluster?: string | undefined;
  readonly lifeCycle: LifeCycle;
  /** Name that the table had before in its database, as the code says; absent on what was read from a database. */
  readonly renamedFrom?: string | undefined;
  /** Where the code declares the table; absent on what was read from a database. */
  readonly place?: SourcePlace | undefined;
}
