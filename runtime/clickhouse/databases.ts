// The databases that declared tables live in.

import { quoteIdentifier } from "../../src/sql/quote.js";
import type { ClickHouse } from "./client.js";

/** Makes the databases that are missing. */
export async function ensureDatabases(clickhouse: ClickHouse, databases: readonly string[]): Promise<void> {
  for (const database of databases) {
    await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)}`);
  }
}
