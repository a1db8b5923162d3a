// MaterializedView: the declaration of a ClickHouse materialized view and, if need be, of the table that it writes to.

import type { LifeCycle } from "../infra/lifecycle.js";
import { nameInSql } from "./columns.js";
import type { FieldOf } from "./engine-options.js";
import type { OlapConfig } from "./olap-config.js";
import { OlapTable } from "./olap-table.js";
import { declarationBrand, register } from "./registry.js";
import { queryText, type Sql, sqlName } from "./sql.js";
import type { ReadSource } from "./view.js";

type EngineOf<T> = OlapConfig<T> extends { readonly engine?: infer E } ? E : never;

/** A table that is declared with the view; a MergeTree where no engine is named. */
type InlineTarget<T> = { readonly name: string } & OlapConfig<T>;

interface CommonOptions {
  /** One SELECT, as text or made with `sql`. A table that it names without a database is in that of the project. */
  readonly selectStatement: string | Sql;
  /** What it reads. For readers of the code: moose sees it in the query itself. */
  readonly selectTables?: readonly ReadSource[];
  /** The view's name in ClickHouse. */
  readonly materializedViewName: string;
  /** ClickHouse database of the view. Default: `clickhouse_config.db_name` of the project. */
  readonly database?: string;
  /**
   * Run the query again and again and put its result into the target, instead of following the inserts: what stands
   * behind REFRESH, `"EVERY 1 HOUR"` or `"EVERY 1 DAY APPEND"`. Default: it follows the inserts.
   */
  readonly refresh?: string;
  /** What moose may do to the view. Default: `LifeCycle.FULLY_MANAGED`. */
  readonly lifeCycle?: LifeCycle;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Options of a materialized view. */
export type MaterializedViewConfig<T> = CommonOptions &
  (
    | {
        /** The table that it writes to: one that is declared elsewhere, or the options of one that is declared here. */
        readonly targetTable: OlapTable<T> | InlineTarget<T>;
      }
    | {
        readonly targetTable?: never;
        /** @deprecated give `targetTable: { name, engine, orderByFields }` */
        readonly tableName: string;
        readonly engine?: EngineOf<T>;
        readonly orderByFields?: readonly FieldOf<T>[];
      }
  );

/**
 * Declares a ClickHouse materialized view: rows that are inserted into the tables that its query reads pass through the
 * query, and its result goes into the target table. It sees what is inserted after it was made.
 *
 * @typeParam T - the type of a row of the target table
 * @throws TypeError when a name or the query is missing, or view and target have the same name
 *
 * @example
 * interface Daily { day: string & tags.Format<"date">; views: UInt64 }
 * const daily = new MaterializedView<Daily>({
 *   materializedViewName: "daily_mv",
 *   targetTable: { name: "daily", orderByFields: ["day"] },
 *   selectStatement: sql`SELECT toDate(at) AS day, count() AS views FROM ${pages} GROUP BY day`,
 *   selectTables: [pages],
 * });
 */
export class MaterializedView<T> {
  static readonly [declarationBrand] = true;
  /** The row type of the target, for the type checker only; never set. */
  declare readonly "~moose"?: { readonly schema: T };
  readonly kind = "MaterializedView";
  readonly name: string;
  readonly database: string | undefined;
  readonly targetTable: OlapTable<T>;
  /** The query, as text. */
  readonly selectSql: string;
  readonly sourceTables: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;

  constructor(config: MaterializedViewConfig<T>) {
    const { materializedViewName: name, selectStatement, database, refresh, lifeCycle } = config;
    if (typeof name !== "string" || name === "" || !selectStatement) {
      throw new TypeError(
        "MaterializedView needs materializedViewName, selectStatement and targetTable: { name, orderByFields }",
      );
    }
    this.name = name;
    this.database = database;
    this.targetTable = targetOf(config);
    if (this.targetTable.name === name)
      throw new TypeError(
        `the materialized view "${name}" needs another name than the table that it writes to`,
      );
    this.selectSql = queryText(selectStatement);
    this.sourceTables = (config.selectTables ?? []).map((source) => source.name);
    this.metadata = config.metadata ?? {};
    const target = { name: this.targetTable.nameInClickHouse, database: this.targetTable.config.database };
    const options = { select: this.selectSql, target, database, refresh, lifeCycle, metadata: this.metadata };
    register({ kind: "MaterializedView", name, config: options }, this);
  }

  get [sqlName](): string {
    return nameInSql(this.name, this.database);
  }
}

function targetOf<T>(config: MaterializedViewConfig<T>): OlapTable<T> {
  const { targetTable } = config;
  if (targetTable instanceof OlapTable) return targetTable;
  if (targetTable !== undefined) {
    const { name, ...rest } = targetTable;
    return new OlapTable<T>(name, rest as OlapConfig<T>);
  }
  const { tableName, engine, orderByFields } = config;
  const options = { ...(engine !== undefined && { engine }), ...(orderByFields && { orderByFields }) };
  return new OlapTable<T>(tableName, options as OlapConfig<T>);
}
