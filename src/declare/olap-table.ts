// OlapTable: the declaration of a ClickHouse table.

import { checkRow } from "./check-row.js";
import { type ColumnsOf, columnsOf, nameInSql, versionedName } from "./columns.js";
import type { OlapConfig } from "./olap-config.js";
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
