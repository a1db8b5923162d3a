// View: the declaration of a plain ClickHouse view.

import type { LifeCycle } from "../infra/lifecycle.js";
import { nameInSql } from "./columns.js";
import { declarationBrand, register } from "./registry.js";
import { queryText, type Sql, sqlName } from "./sql.js";

/** A table or view that a query reads. */
export interface ReadSource {
  readonly name: string;
}

/** Options of a view. */
export interface ViewConfig {
  /** One SELECT, as text or made with `sql`. A table that it names without a database is in that of the project. */
  readonly selectStatement: string | Sql;
  /** What it reads. For readers of the code: moose sees it in the query itself. */
  readonly baseTables?: readonly ReadSource[];
  /** ClickHouse database of the view. Default: `clickhouse_config.db_name` of the project. */
  readonly database?: string;
  /** What moose may do to the view. Default: `LifeCycle.FULLY_MANAGED`. */
  readonly lifeCycle?: LifeCycle;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * Declares a ClickHouse view: a query under a name. When it or a table that it reads changes, it is replaced in one step.
 *
 * @param name - the view's name in ClickHouse
 * @throws TypeError when the name or the query is missing
 *
 * @example
 * const busy = new View("busy_pages", {
 *   selectStatement: sql`SELECT ${pages.columns.url} FROM ${pages} WHERE views > 100`,
 *   baseTables: [pages],
 * });
 */
export class View {
  static readonly [declarationBrand] = true;
  readonly kind = "View";
  readonly name: string;
  readonly database: string | undefined;
  /** The query, as text. */
  readonly selectSql: string;
  readonly sourceTables: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;

  constructor(name: string, config: ViewConfig);
  /** @deprecated give an object: `new View(name, { selectStatement, baseTables })` */
  constructor(
    name: string,
    selectStatement: string | Sql,
    baseTables?: readonly ReadSource[],
    metadata?: Readonly<Record<string, unknown>>,
  );
  constructor(
    name: string,
    given: ViewConfig | string | Sql,
    baseTables: readonly ReadSource[] = [],
    metadata: Readonly<Record<string, unknown>> = {},
  ) {
    const config: ViewConfig =
      typeof given === "object" && given !== null && "selectStatement" in given
        ? given
        : { selectStatement: given, baseTables, metadata };
    if (typeof name !== "string" || name === "" || !config.selectStatement) {
      throw new TypeError(
        'View needs a name and a query: new View("busy", { selectStatement: "SELECT ..", baseTables: [] })',
      );
    }
    this.name = name;
    this.database = config.database;
    this.selectSql = queryText(config.selectStatement);
    this.sourceTables = (config.baseTables ?? []).map((source) => source.name);
    this.metadata = config.metadata ?? {};
    const { database, lifeCycle } = config;
    register(
      {
        kind: "View",
        name,
        config: { select: this.selectSql, database, lifeCycle, metadata: this.metadata },
      },
      this,
    );
  }

  get [sqlName](): string {
    return nameInSql(this.name, this.database);
  }
}
