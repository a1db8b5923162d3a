// Reads a table of the project's state that may not be there yet.

import { quoteIdentifier } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode } from "./client.js";
import { findStateDatabase } from "./state.js";

/**
 * Rows of a query on one table of the state; none where there is no state, no such table, or no right to read them,
 * which one who may only read need not have.
 *
 * @param sql - given the table's name, quoted
 */
export async function stateRows<T>(
  clickhouse: ClickHouse,
  source: { readonly project: string; readonly table: string },
  sql: (table: string) => string,
): Promise<readonly T[]> {
  const database = await findStateDatabase(clickhouse, source.project);
  try {
    return await clickhouse.rows<T>(sql(`${quoteIdentifier(database)}.${quoteIdentifier(source.table)}`));
  } catch (error) {
    if (nothingThere.includes(errorCode(error) ?? -1)) return [];
    throw error;
  }
}

/** No such database, no such table, access denied. */
const nothingThere: readonly number[] = [81, 60, 497];
