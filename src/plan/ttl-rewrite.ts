// Whether a change of TTL can be brought to the rows that are there already.

import type { Table } from "../infra/table.js";
import { dependsOn } from "./column-order.js";

/**
 * False where the rewrite after a change of TTL would fail for ever: in wide parts the server reads only the columns that
 * expire, and misses those that their defaults are computed from (10, seen on 26.7).
 */
function canRewriteForTtl(table: Table): boolean {
  return !table.columns.some(
    (column) =>
      column.ttl !== "" && table.columns.some((other) => dependsOn({ ...column, ttl: "" }, other.name)),
  );
}

/**
 * The statement, and whether it rewrites; without a rewrite rows expire as they are merged.
 *
 * @param tables - as it is and as it is to be: on the way between them it has columns of both
 */
export function ttlStep(
  tables: readonly Table[],
  sql: string,
): { readonly sql: string; readonly mutation: boolean } {
  if (tables.every(canRewriteForTtl)) return { sql, mutation: true };
  return { sql: `${sql} SETTINGS materialize_ttl_after_modify = 0`, mutation: false };
}
