// OlapDictionary: the declaration of a ClickHouse dictionary, a table in memory to look values up in.

import type { LifeCycle } from "../infra/lifecycle.js";
import { quoteIdentifier, quoteString } from "../sql/quote.js";
import { nameInSql } from "./columns.js";
import { declarationBrand, register } from "./registry.js";
import { queryText, Sql, type SqlPart, sql, sqlName } from "./sql.js";
import type { ReadSource } from "./view.js";

/** Options of a dictionary; one of `sourceTable`, `sourceQuery` and `externalSource` says where its rows come from. */
export interface OlapDictionaryConfig<T> {
  readonly sourceTable?: ReadSource;
  readonly sourceQuery?: string | Sql;
  readonly externalSource?: Readonly<Record<string, unknown>>;
  /** Columns of the source by which is looked up. */
  readonly primaryKey: readonly string[];
  /** `{ type: "HASHED" }` */
  readonly layout: { readonly type: string } & Readonly<Record<string, unknown>>;
  /** Seconds after which it is read again, 0 for never. */
  readonly lifetime: number | { readonly min: number; readonly max: number };
  /** What a key that is not there has. */
  readonly defaults?: Partial<T>;
  readonly database?: string;
  readonly lifeCycle?: LifeCycle;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * Declares a dictionary whose attributes are the fields of `T`.
 *
 * @example
 * const prices = new OlapDictionary<Price>("prices", {
 *   sourceTable: priceTable, primaryKey: ["product"], layout: { type: "HASHED" }, lifetime: 60,
 * });
 * sql`SELECT ${prices.get("price", sql`product`)} FROM ${sales}`
 */
export class OlapDictionary<T> {
  static readonly [declarationBrand] = true;
  /** The attributes, for the type checker only; never set. */
  declare readonly "~moose"?: { readonly schema: T };
  readonly kind = "OlapDictionary";
  readonly name: string;
  readonly config: OlapDictionaryConfig<T>;

  constructor(name: string, config: OlapDictionaryConfig<T>) {
    if (typeof name !== "string" || name === "" || !Array.isArray(config?.primaryKey))
      throw new TypeError(
        'OlapDictionary needs a name, a source and a key: new OlapDictionary<Price>("prices", { sourceTable, primaryKey: ["id"], layout: { type: "HASHED" }, lifetime: 60 })',
      );
    this.name = name;
    this.config = config;
    const { sourceTable, sourceQuery, ...rest } = config;
    register(
      {
        kind: "OlapDictionary",
        name,
        config: {
          ...rest,
          ...(sourceTable && { sourceTable: placeInDatabase(sourceTable) }),
          ...(sourceQuery && { sourceQuery: queryText(sourceQuery) }),
        },
      },
      this,
    );
  }

  get [sqlName](): string {
    return nameInSql(this.name, this.config.database);
  }

  /** The value of an attribute, to be put into a query; several keys in the order of `primaryKey`. */
  get(attribute: keyof T & string, ...keys: readonly SqlPart[]): Sql {
    return this.#call("dictGet", attribute, keys);
  }

  /** The same with a value for keys that are not there. */
  getOrDefault(attribute: keyof T & string, fallback: SqlPart, ...keys: readonly SqlPart[]): Sql {
    return this.#call("dictGetOrDefault", attribute, keys, fallback);
  }

  /** Whether there is such a key. */
  has(...keys: readonly SqlPart[]): Sql {
    return sql`${sql.raw(`dictHas(${this.#text()}, `)}${keyOf(keys)})`;
  }

  #call(name: string, attribute: string, keys: readonly SqlPart[], fallback?: SqlPart): Sql {
    const head = sql.raw(`${name}(${this.#text()}, ${quoteString(attribute)}, `);
    return fallback === undefined ? sql`${head}${keyOf(keys)})` : sql`${head}${keyOf(keys)}, ${fallback})`;
  }

  #text(): string {
    const { database } = this.config;
    return quoteString(database === undefined ? this.name : `${quoteIdentifier(database)}.${this.name}`);
  }
}

/** A table has another name in ClickHouse than in code where it has a version. */
function placeInDatabase(source: ReadSource): { readonly name: string; readonly database: unknown } {
  const {
    nameInClickHouse = source.name,
    config,
    database = config?.database,
  } = source as ReadSource & {
    readonly nameInClickHouse?: string;
    readonly config?: { readonly database?: string };
    readonly database?: string;
  };
  return { name: nameInClickHouse, database };
}

function keyOf(keys: readonly SqlPart[]): Sql {
  return keys.length === 1 ? new Sql(["", ""], keys) : sql`tuple(${sql.join(keys)})`;
}
