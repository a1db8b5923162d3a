// The columns of a table or view as a query names them: `table.columns.url`.

import { quoteIdentifier } from "../sql/quote.js";
import { type NamedInSql, sqlName } from "./sql.js";

/** A column, to be put into a query. */
export interface ColumnName extends NamedInSql {
  readonly name: string;
}

/** A column for every field of the row type. */
export type ColumnsOf<T> = { readonly [K in keyof T & string]-?: ColumnName };

/**
 * The row type is gone when code runs, and the columns are read from it elsewhere; so any name that is asked for is a
 * column, and the compiler sees to it that only those of the row type are.
 */
export function columnsOf<T>(): ColumnsOf<T> {
  const known = new Map<string, ColumnName>();
  return new Proxy({} as ColumnsOf<T>, {
    get(_, name) {
      if (typeof name !== "string") return undefined;
      const column = known.get(name) ?? { name, [sqlName]: quoteIdentifier(name) };
      known.set(name, column);
      return column;
    },
  });
}

/** A table or view by the name that it has in ClickHouse. */
export function nameInSql(name: string, database: string | undefined): string {
  return database === undefined
    ? quoteIdentifier(name)
    : `${quoteIdentifier(database)}.${quoteIdentifier(name)}`;
}

/** `name_1_0` for the version `"1.0"`. */
export function versionedName(name: string, version: string | undefined): string {
  return version === undefined || version === "" ? name : `${name}_${version.replaceAll(".", "_")}`;
}
