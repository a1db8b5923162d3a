// Finishes column drops that a killed server left half done.

import type { Table } from "../../src/infra/table.js";
import { qualifiedName, quoteIdentifier, quoteString } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode } from "../clickhouse/client.js";

interface LeftColumn {
  readonly database: string;
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

/** Columns that the server itself keeps in parts. */
const ownColumns = ["_block_number", "_block_offset", "_row_exists"];

/**
 * `ALTER .. DROP COLUMN` first writes the table's definition and then takes the column out of its parts. A server that
 * is killed in between forgets the second half, and from then on refuses every rewrite of a part that still has the
 * column ("Unknown expression identifier"). Adding and dropping the column once more brings it to its end.
 *
 * @returns the tables that were changed
 */
export async function finishDrops(
  clickhouse: ClickHouse,
  tables: readonly Table[],
): Promise<readonly Table[]> {
  const left = await readLeft(clickhouse, tables);
  for (const { database, table, column, type } of left) {
    const name = qualifiedName({ database, name: table });
    await clickhouse.command(`ALTER TABLE ${name} ADD COLUMN ${quoteIdentifier(column)} ${type}`);
    await clickhouse.command(`ALTER TABLE ${name} DROP COLUMN ${quoteIdentifier(column)}`);
  }
  return tables.filter(({ database, name }) =>
    left.some((one) => one.database === database && one.table === name),
  );
}

/** A table with a rewrite under way is left alone: it may be just that drop. */
async function readLeft(clickhouse: ClickHouse, tables: readonly Table[]): Promise<readonly LeftColumn[]> {
  if (tables.length === 0) return [];
  const ours = `(database, table) IN (${tables
    .map(({ database, name }) => `(${quoteString(database)}, ${quoteString(name)})`)
    .join(", ")})`;
  // By the part before the first dot: of nested columns, only that is the same in both lists.
  const first = (name: string): string => `splitByChar('.', ${name})[1]`;
  try {
    return await clickhouse.rows<LeftColumn>(
      `SELECT database, table, column, any(type) AS type FROM system.parts_columns
       WHERE active AND ${ours}
         AND (database, table, ${first("column")}) NOT IN
           (SELECT database, table, ${first("name")} FROM system.columns WHERE ${ours})
         AND (database, table) NOT IN (SELECT database, table FROM system.mutations WHERE NOT is_done)
         AND column NOT IN (${ownColumns.map(quoteString).join(", ")})
       GROUP BY database, table, column`,
    );
  } catch (error) {
    // Without the right to read these tables there is nothing to be done.
    if (errorCode(error) === undefined) throw error;
    return [];
  }
}
