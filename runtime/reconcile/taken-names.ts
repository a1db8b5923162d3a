// Names at which a table is to be made and something else stands, which is no table: a view or a dictionary.

import type { Diagnostic } from "../../src/diagnostic.js";
import { type Address, addressOf } from "../../src/infra/address.js";
import type { Table } from "../../src/infra/table.js";
import type { ClickHouse } from "../clickhouse/client.js";

/**
 * One diagnostic for each table of `wanted`, none of which exists, that could never be made.
 *
 * @param dropped - what goes before the tables are made
 */
export async function takenNames(
  clickhouse: ClickHouse,
  wanted: readonly Table[],
  dropped: ReadonlySet<Address> = new Set(),
): Promise<readonly Diagnostic[]> {
  if (wanted.length === 0) return [];
  const found = await clickhouse.rows<{ database: string; name: string; engine: string }>(
    `SELECT database, name, engine FROM system.tables
     WHERE database IN ({databases:Array(String)}) AND engine IN ('View', 'MaterializedView', 'LiveView', 'WindowView', 'Dictionary')`,
    { databases: [...new Set(wanted.map(({ database }) => database))] },
  );
  const engines = new Map(found.map((one) => [addressOf(one), one.engine]));
  return wanted.flatMap((table) => {
    const engine = engines.get(addressOf(table));
    if (engine === undefined || dropped.has(addressOf(table))) return [];
    const what = engine === "Dictionary" ? "dictionary" : "view";
    return [
      {
        code: "reconcile/taken-name",
        severity: "error",
        summary: `${addressOf(table)} is to be a table, and a ${what} has this name`,
        place: table.place,
        hint: `drop or rename the ${what}, or give the table another name`,
      } as const,
    ];
  });
}
