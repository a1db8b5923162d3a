// What the server's log says of a statement. A hint only: the log may be off, unreadable, or on another server.

import { quoteString } from "../../src/sql/quote.js";
import { type ClickHouse, errorText } from "./client.js";

/**
 * How a statement ended, with the error of one that failed. Only of an INSERT can the log say that it never began:
 * other statements are executed before their start is logged, and so seem to fail before it.
 */
export type LogEntry =
  | { readonly end: "finished" }
  | { readonly end: "never-began" | "broke-off"; readonly code: number; readonly text: string };

interface LogRow {
  readonly type: string;
  readonly query_kind: string;
  readonly exception_code: number;
  readonly exception: string;
}

/** TOO_MANY_SIMULTANEOUS_QUERIES: after it a statement is sent again under the same id, so that it is no end. */
const turnedAway = 202;

/** Undefined where the log has nothing on it, and where there is no log. */
export async function readQueryLog(clickhouse: ClickHouse, queryId: string): Promise<LogEntry | undefined> {
  // What is not flushed yet comes after some seconds; the right to flush is rare.
  await clickhouse.command("SYSTEM FLUSH LOGS").catch(() => undefined);
  const rows = await clickhouse
    .rows<LogRow>(
      `SELECT type, query_kind, exception_code, exception FROM system.query_log
       WHERE event_date >= today() - 1 AND type != 'QueryStart' AND is_initial_query AND exception_code != ${turnedAway}
         AND endsWith(query_id, ${quoteString(queryId)})`,
    )
    .catch(() => []);
  if (rows.some((row) => row.type === "QueryFinish")) return { end: "finished" };
  const row = rows.find(({ type }) => type === "ExceptionWhileProcessing") ?? rows[0];
  if (row === undefined) return undefined;
  return {
    end: row.type === "ExceptionBeforeStart" && row.query_kind === "Insert" ? "never-began" : "broke-off",
    code: row.exception_code,
    text: errorText(row.exception),
  };
}
