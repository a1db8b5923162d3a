// OlapTable: the declaration of a ClickHouse table.

import type { LifeCycle } from "../infra/lifecycle.js";
import { checkRow } from "./check-row.js";
import { type ColumnsOf, columnsOf, nameInSql, versionedName } from "./columns.js";
import type { FieldOf, KeylessEngine, MergeTreeEngine, RocksEngine, S3Engine } from "./engine-options.js";
import { declarationBrand, register } from "./registry.js";
import { sqlName } from "./sql.js";
import {
  columnsOfTable,
  type InsertOptions,
  type InsertResult,
  insertRecords,
  type ValidationResult,
} from "./table-records.js";

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

/**
 * Options of a table. `engine` says which others there are; without it, the table is a MergeTree.
 *
 * @example
 * { engine: ClickHouseEngines.ReplacingMergeTree, ver: "updatedAt", orderByFields: ["id"] }
 */
export type OlapConfig<T> =
  | ((TreeByFields<T> | TreeByExpression) & MergeTreeEngine<T>)
  | S3ByFields<T>
  | S3ByExpression
  | RocksTable
  | (KeylessTable & KeylessEngine<T>);

/**
 * Declares a ClickHouse table whose columns are the fields of `T`.
 *
 * A table of the MergeTree family needs a sorting key: `orderByFields`, `orderByExpression`, or fields of type `Key<>`.
 *
 * @typeParam T - the type of a row, an interface or an object type
 * @param name - the table's name in ClickHouse
 * @param config - see {@link OlapConfig}
 * @throws TypeError when `name` is empty or no text
 *
 * @example
 * interface Page { url: string; views: number; at: Date }
 * const pages = new OlapTable<Page>("pages", { orderByFields: ["url", "at"], ttl: "at + INTERVAL 90 DAY" });
 */
export class OlapTable<T> {
  static readonly [declarationBrand] = true;
  /** The row type, for the type checker only; never set. */
  declare readonly "~moose"?: { readonly schema: T };
  readonly kind = "OlapTable";
  readonly name: string;
  readonly config: OlapConfig<T>;
  /** The columns as a query names them: ``sql`SELECT ${pages.columns.url} FROM ${pages}` ``. */
  readonly columns: ColumnsOf<T> = columnsOf<T>();

  constructor(name: string, config: OlapConfig<T> = {}) {
    if (typeof name !== "string" || name === "") {
      throw new TypeError('OlapTable needs a name: new OlapTable<Row>("events", { orderByFields: ["id"] })');
    }
    this.name = name;
    this.config = config;
    register({ kind: "OlapTable", name, config: { ...config } }, this);
  }

  /** The table's name in ClickHouse: `name_1_0` for the version `"1.0"`. */
  get nameInClickHouse(): string {
    const { version } = this.config as { readonly version?: string };
    return versionedName(this.name, version);
  }

  get [sqlName](): string {
    return nameInSql(this.nameInClickHouse, this.config.database);
  }

  /**
   * Inserts records.
   *
   * @throws InsertError when records do not fit and the options do not allow it; the server's own errors
   */
  insert(records: readonly T[], options: InsertOptions = {}): Promise<InsertResult<T>> {
    const rows = records as readonly (T & object)[];
    return insertRecords(this[sqlName], rows, this.#knownColumns(), options);
  }

  /**
   * Holds a record against the columns of the table, as `moose build` wrote them down.
   *
   * @throws Error where there is no build that knows the table
   */
  validateRecord(record: unknown): ValidationResult<T> {
    const columns = this.#knownColumns();
    if (columns === undefined)
      throw new Error(
        `nothing is known of the columns of ${this.name} here: run moose build in this folder first`,
      );
    const errors = checkRow(columns, record);
    return errors.length === 0 ? { success: true, data: record as T } : { success: false, errors };
  }

  /** Whether the record fits; see {@link validateRecord}. */
  isValidRecord(record: unknown): record is T {
    return this.validateRecord(record).success;
  }

  /** The record itself; throws where it does not fit. */
  assertValidRecord(record: unknown): T {
    const result = this.validateRecord(record);
    if (result.success) return result.data;
    const texts = result.errors.map(({ path, expected }) => `${path || "record"}: ${expected} expected`);
    throw new TypeError(`the record does not fit ${this.name}: ${texts.join("; ")}`);
  }

  #knownColumns() {
    return columnsOfTable(this.nameInClickHouse, this.config.database);
  }
}
