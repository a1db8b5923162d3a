// Finds a statement among those that run on the server, by the id that it was sent with, and ends it.

import { quoteString } from "../../src/sql/quote.js";
import type { ClickHouse } from "./client.js";

/** The id may have been sent with a prefix, which differs from owner to owner of the lock. */
function isQuery(queryId: string): string {
  return `endsWith(query_id, ${quoteString(queryId)})`;
}

/** On this server: of a cluster behind one address it is the one that happens to answer. */
export async function isRunning(clickhouse: ClickHouse, queryId: string): Promise<boolean> {
  const rows = await clickhouse.rows(`SELECT query_id FROM system.processes WHERE ${isQuery(queryId)}`);
  return rows.length > 0;
}

/** Asks the server to end it, without waiting. Whoever lacks the right to is left with waiting. */
export async function killQuery(clickhouse: ClickHouse, queryId: string): Promise<void> {
  await clickhouse.command(`KILL QUERY WHERE ${isQuery(queryId)} ASYNC`).catch(() => undefined);
}
