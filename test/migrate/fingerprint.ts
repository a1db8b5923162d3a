// What a database looks like, without its name: definitions, rows, and whether indexes and projections are built.

import type { ClickHouse } from "../../runtime/clickhouse/client.js";

interface TableRow {
  readonly name: string;
  readonly engine: string;
  readonly definition: string;
}

export async function fingerprint(clickhouse: ClickHouse, database: string): Promise<unknown> {
  const tables = await clickhouse.rows<TableRow>(
    `SELECT name, engine, replaceAll(replaceRegexpOne(create_table_query, ' UUID \\'[^\\']*\\'', ''), '${database}', 'db') AS definition
     FROM system.tables WHERE database = '${database}' ORDER BY name`,
  );
  const rows = new Map<string, unknown>();
  for (const { name, engine } of tables)
    if (engine.endsWith("MergeTree"))
      rows.set(
        name,
        await clickhouse.rows(
          `SELECT count() AS rows, sum(cityHash64(tuple(*))) AS checksum FROM ${database}.${name}`,
        ),
      );
  const unbuilt = await clickhouse.rows(
    `SELECT table, name FROM system.parts WHERE database = '${database}' AND active AND rows > 0
       AND table IN (SELECT table FROM system.data_skipping_indices WHERE database = '${database}')
       AND secondary_indices_compressed_bytes = 0
     UNION ALL
     SELECT projections.table AS table, parts.name AS name FROM system.projections AS projections
       INNER JOIN system.parts AS parts ON parts.table = projections.table AND parts.database = projections.database
       WHERE projections.database = '${database}' AND parts.active AND parts.rows > 0
         AND (projections.table, projections.name, parts.name) NOT IN
           (SELECT table, name, parent_name FROM system.projection_parts WHERE database = '${database}' AND active)`,
  );
  const unfinished = await clickhouse.rows(
    `SELECT table, command FROM system.mutations WHERE database = '${database}' AND NOT is_done`,
  );
  return { tables, rows: [...rows], unbuilt, unfinished };
}
