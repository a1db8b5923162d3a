// The options of a table: those of every table, those of the engine, and the sorting key in one of two ways. Each that
// can be is an interface of its own: the compiler checks 1,000 tables in half the time that `(A | B) & C` takes it.

import type { LifeCycle } from "../infra/lifecycle.js";
import type {
  BufferEngine,
  Collapsing,
  DistributedEngine,
  FieldOf,
  Graphite,
  IcebergEngine,
  JoinEngine,
  KafkaEngine,
  MergeEngine,
  NoEngine,
  PlainEngine,
  PlainMergeTree,
  Replacing,
  Replicated,
  ReplicatedCollapsing,
  ReplicatedReplacing,
  ReplicatedSumming,
  ReplicatedVersioned,
  RocksEngine,
  S3Engine,
  S3QueueEngine,
  Summing,
  VersionedCollapsing,
} from "./engine-options.js";

/**
 * A data skipping index.
 *
 * @example
 * { name: "by_mail", expression: "lower(mail)", type: "bloom_filter", arguments: ["0.01"], granularity: 4 }
 */
export interface TableIndexOption {
  /** Unique in the table. */
  readonly name: string;
  /** One ClickHouse expression, `"lower(mail)"` or `"(a, b)"`. */
  readonly expression: string;
  /** `"minmax"`, `"set"`, `"bloom_filter"`, `"tokenbf_v1"`, `"ngrambf_v1"`, `"text"`, `"vector_similarity"`. */
  readonly type: string;
  /** What stands in brackets behind the type, as ClickHouse reads it. Default: none. */
  readonly arguments?: readonly string[];
  /** How many granules of the table one entry of the index stands for. Default: 1. */
  readonly granularity?: number;
}

/**
 * Rows kept a second time, sorted or summed up in another way, which ClickHouse uses by itself where it helps.
 *
 * @example
 * { name: "by_country", body: "SELECT country, count() GROUP BY country" }
 */
export interface TableProjectionOption {
  /** Unique in the table. */
  readonly name: string;
  /** A SELECT without FROM: `"SELECT * ORDER BY mail"`. */
  readonly body: string;
}

/**
 * A condition on rows. A `CHECK` refuses inserts of rows that do not meet it, those that are there stay; an `ASSUME` is
 * only believed, by the optimizer.
 *
 * @example
 * { name: "positive", expression: "price > 0" }
 */
export interface TableConstraintOption {
  /** Unique in the table. */
  readonly name: string;
  readonly expression: string;
  /** Default: `"CHECK"`. */
  readonly type?: "CHECK" | "ASSUME";
}

/** Options of tables of all engines. */
interface TableOptions {
  /** What moose may do to the table. Default: `LifeCycle.FULLY_MANAGED`. */
  readonly lifeCycle?: LifeCycle;
  /** The table is called `name_1_0` for `"1.0"`, beside those of other versions. Default: just `name`. */
  readonly version?: string;
  /** Conditions on rows. Default: none. */
  readonly constraints?: readonly TableConstraintOption[];
  /**
   * Name that the table had before in its database: it is renamed and keeps its rows. It can go when all databases
   * have followed. Default: none.
   */
  readonly renamedFrom?: string;
  /** Settings of the engine, `{ ttl_only_drop_parts: "1" }`. Default: the server's. */
  readonly settings?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Comment on the table. Default: none. */
  readonly comment?: string;
  /** ClickHouse database of the table. Default: `clickhouse_config.db_name` of the project. */
  readonly database?: string;
  /** Cluster on all of whose servers the table is made and changed. Default: the one server that is connected to. */
  readonly cluster?: string;
  /** Notes for people and tools; not stored in ClickHouse. */
  readonly metadata?: { readonly description?: string } & Readonly<Record<string, unknown>>;
  /** Which rows are copied into a development database; no part of the table's definition. */
  readonly seedFilter?: { readonly limit?: number; readonly where?: string };
}

/** What only tables of the MergeTree family have. */
interface TreeOptions {
  /** A ClickHouse expression; rows are kept in one part set a value: `"toYYYYMM(at)"`. Default: none. */
  readonly partitionBy?: string;
  /** A ClickHouse expression that is part of the primary key. Default: none. */
  readonly sampleByExpression?: string;
  /** Primary key as a ClickHouse expression list, a prefix of the sorting key. Default: the `Key<>` fields. */
  readonly primaryKeyExpression?: string;
  /** When rows expire, `"at + INTERVAL 30 DAY"`, without the word TTL. Default: never. */
  readonly ttl?: string;
  /** Data skipping indexes; a new one is built for the rows that are there too. Default: none. */
  readonly indexes?: readonly TableIndexOption[];
  /** Projections; a new one is filled with the rows that are there too. Default: none. */
  readonly projections?: readonly TableProjectionOption[];
}

/** The sorting key: a list of fields, or an expression; not both. */
interface ByFields<T> {
  readonly orderByFields?: readonly FieldOf<T>[];
  readonly orderByExpression?: never;
}
interface ByExpression {
  readonly orderByFields?: never;
  /** `"(tenant, toDate(at))"`; `"tuple()"` for a table that is not sorted. */
  readonly orderByExpression?: string;
}
interface Unsorted {
  readonly orderByFields?: never;
  readonly orderByExpression?: never;
}

/** Options of the MergeTree family under other engines; some have one or two of them all the same. */
interface NoParts {
  readonly sampleByExpression?: never;
  readonly ttl?: never;
  readonly indexes?: never;
  readonly projections?: never;
}

interface TreeByFields<T> extends TableOptions, TreeOptions, ByFields<T> {}
interface TreeByExpression extends TableOptions, TreeOptions, ByExpression {}

interface DefaultByFields<T> extends TreeByFields<T>, NoEngine {}
interface DefaultByExpression extends TreeByExpression, NoEngine {}
interface MergeTreeByFields<T> extends TreeByFields<T>, PlainMergeTree {}
interface MergeTreeByExpression extends TreeByExpression, PlainMergeTree {}
interface ReplacingByFields<T> extends TreeByFields<T>, Replacing<T> {}
interface ReplacingByExpression<T> extends TreeByExpression, Replacing<T> {}
interface SummingByFields<T> extends TreeByFields<T>, Summing<T> {}
interface SummingByExpression<T> extends TreeByExpression, Summing<T> {}
interface CollapsingByFields<T> extends TreeByFields<T>, Collapsing<T> {}
interface CollapsingByExpression<T> extends TreeByExpression, Collapsing<T> {}
interface VersionedByFields<T> extends TreeByFields<T>, VersionedCollapsing<T> {}
interface VersionedByExpression<T> extends TreeByExpression, VersionedCollapsing<T> {}
interface GraphiteByFields<T> extends TreeByFields<T>, Graphite {}
interface GraphiteByExpression extends TreeByExpression, Graphite {}
interface ReplicatedByFields<T> extends TreeByFields<T>, Replicated {}
interface ReplicatedByExpression extends TreeByExpression, Replicated {}
interface ReplicatedReplacingByFields<T> extends TreeByFields<T>, ReplicatedReplacing<T> {}
interface ReplicatedReplacingByExpression<T> extends TreeByExpression, ReplicatedReplacing<T> {}
interface ReplicatedSummingByFields<T> extends TreeByFields<T>, ReplicatedSumming<T> {}
interface ReplicatedSummingByExpression<T> extends TreeByExpression, ReplicatedSumming<T> {}
interface ReplicatedCollapsingByFields<T> extends TreeByFields<T>, ReplicatedCollapsing<T> {}
interface ReplicatedCollapsingByExpression<T> extends TreeByExpression, ReplicatedCollapsing<T> {}
interface ReplicatedVersionedByFields<T> extends TreeByFields<T>, ReplicatedVersioned<T> {}
interface ReplicatedVersionedByExpression<T> extends TreeByExpression, ReplicatedVersioned<T> {}

interface S3Options extends TableOptions, S3Engine, NoParts {
  readonly partitionBy?: string;
  readonly primaryKeyExpression?: never;
}
interface S3ByFields<T> extends S3Options, ByFields<T> {}
interface S3ByExpression extends S3Options, ByExpression {}

interface RocksTable extends TableOptions, RocksEngine, NoParts, Unsorted {
  readonly partitionBy?: never;
  readonly primaryKeyExpression?: string;
}

interface KeylessTable extends TableOptions, NoParts, Unsorted {
  readonly partitionBy?: never;
  readonly primaryKeyExpression?: never;
}
interface S3QueueTable extends KeylessTable, S3QueueEngine {}
interface IcebergTable extends KeylessTable, IcebergEngine {}
interface BufferTable extends KeylessTable, BufferEngine {}
interface DistributedTable extends KeylessTable, DistributedEngine {
  readonly cluster: string;
}
interface KafkaTable extends KeylessTable, KafkaEngine {}
interface MergeTable extends KeylessTable, MergeEngine {}
interface PlainTable extends KeylessTable, PlainEngine {}
interface JoinTable<T> extends KeylessTable, JoinEngine<T> {}

/**
 * Options of a table. `engine` says which others there are; without it, the table is a MergeTree.
 *
 * @example
 * { engine: ClickHouseEngines.ReplacingMergeTree, ver: "updatedAt", orderByFields: ["id"] }
 */
export type OlapConfig<T> =
  | DefaultByFields<T>
  | DefaultByExpression
  | MergeTreeByFields<T>
  | MergeTreeByExpression
  | ReplacingByFields<T>
  | ReplacingByExpression<T>
  | SummingByFields<T>
  | SummingByExpression<T>
  | CollapsingByFields<T>
  | CollapsingByExpression<T>
  | VersionedByFields<T>
  | VersionedByExpression<T>
  | GraphiteByFields<T>
  | GraphiteByExpression
  | ReplicatedByFields<T>
  | ReplicatedByExpression
  | ReplicatedReplacingByFields<T>
  | ReplicatedReplacingByExpression<T>
  | ReplicatedSummingByFields<T>
  | ReplicatedSummingByExpression<T>
  | ReplicatedCollapsingByFields<T>
  | ReplicatedCollapsingByExpression<T>
  | ReplicatedVersionedByFields<T>
  | ReplicatedVersionedByExpression<T>
  | S3ByFields<T>
  | S3ByExpression
  | RocksTable
  | S3QueueTable
  | IcebergTable
  | BufferTable
  | DistributedTable
  | KafkaTable
  | MergeTable
  | PlainTable
  | JoinTable<T>;
