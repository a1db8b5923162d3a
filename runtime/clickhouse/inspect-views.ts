// Reads the views and dictionaries that exist, in one query whatever their number.

import { type Address, addressOf, tableAddress } from "../../src/infra/address.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { View, ViewColumn } from "../../src/infra/view.js";
import { readDefinition } from "../../src/sql/dictionary.js";
import { stringArray } from "../../src/sql/quote.js";
import { withoutDatabase } from "../../src/sql/table-references.js";
import { readPrintedView } from "../../src/sql/view.js";
import type { ClickHouse } from "./client.js";

/** A view as it is. */
export interface LiveView {
  readonly address: Address;
  readonly view: View;
  readonly uuid: string;
  /** When it was made or changed, in seconds. */
  readonly changedAt: number;
}

export type LiveViews = ReadonlyMap<Address, LiveView>;

export const noViews: LiveViews = new Map();

interface Row {
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  readonly engine: View["kind"];
  readonly as_select: string;
  readonly create_table_query: string;
  readonly changed: number;
  readonly columns: readonly (readonly [string, string])[];
}

/** The views of the databases; of those only the named ones, where names are given. */
export async function inspectViews(
  clickhouse: ClickHouse,
  databases: readonly string[],
  names?: readonly string[],
): Promise<LiveViews> {
  if (databases.length === 0) return noViews;
  const named = names === undefined ? "" : ` AND name IN ${stringArray(names)}`;
  const selected = `database IN ${stringArray(databases)}${named} AND engine IN ('View', 'MaterializedView', 'Dictionary')`;
  const rows = await clickhouse.rows<Row>(
    `SELECT v.database AS database, v.name AS name, toString(v.uuid) AS uuid, v.engine AS engine,
       v.as_select AS as_select, v.create_table_query AS create_table_query,
       toUnixTimestamp(v.metadata_modification_time) AS changed, c.columns AS columns
     FROM (SELECT * FROM system.tables WHERE ${selected}) AS v
     LEFT JOIN (
       SELECT database, table, arrayMap(one -> (one.2, one.3), arraySort(groupArray((position, name, type)))) AS columns
       FROM system.columns
       WHERE (database, table) IN (SELECT database, name FROM system.tables WHERE ${selected})
       GROUP BY database, table
     ) AS c ON c.database = v.database AND c.table = v.name`,
  );
  return new Map(rows.map((row) => [addressOf(row), liveView(row)]));
}

function liveView(row: Row): LiveView {
  const { database, name, engine: kind } = row;
  const printed =
    kind === "MaterializedView"
      ? readPrintedView(row.create_table_query)
      : { target: undefined, refresh: "" };
  const view: View = {
    kind,
    database,
    name,
    select:
      kind === "Dictionary"
        ? readDefinition(row.create_table_query)
        : withoutDatabase(row.as_select, database),
    ...printed,
    // Those of a dictionary are in its definition.
    columns:
      kind === "Dictionary"
        ? undefined
        : row.columns.map(([column, type]): ViewColumn => ({ name: column, type })),
    lifeCycle: LifeCycle.FULLY_MANAGED,
  };
  return { address: tableAddress(database, name), view, uuid: row.uuid, changedAt: Number(row.changed) };
}
