// A database for the length of one question: tables are made in it, empty, to be read back as the server prints them.

import { randomUUID } from "node:crypto";
import { quoteIdentifier } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode } from "../clickhouse/client.js";

const accessDenied = 497;
const readOnly = 164;

/** Runs `work` with a database of its own, and drops it; gives undefined where the user may make none. */
export async function inScratchDatabase<T>(
  clickhouse: ClickHouse,
  project: string,
  work: (database: string) => Promise<T>,
): Promise<T | undefined> {
  const database = `_moose_${project}_plan_${randomUUID().slice(0, 8)}`;
  try {
    await clickhouse.command(`CREATE DATABASE ${quoteIdentifier(database)} ENGINE = Atomic`);
  } catch (error) {
    const code = errorCode(error);
    if (code === accessDenied || code === readOnly) return undefined;
    throw error;
  }
  try {
    return await work(database);
  } finally {
    await clickhouse.command(`DROP DATABASE IF EXISTS ${quoteIdentifier(database)} SYNC`);
  }
}
