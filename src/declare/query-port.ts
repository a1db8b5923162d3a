// The port through which the library reaches a database: `src` says what it needs, whoever runs it fills it.

import { type Sql, toQuery } from "./sql.js";

/** What a query gives, as `@clickhouse/client` has it. */
export interface QueryResult<T> {
  json(): Promise<T[]>;
  text(): Promise<string>;
}

/** A way to ClickHouse. */
export interface DatabasePort {
  /** The rows of a query with parameters. */
  query<T>(query: string, params: Readonly<Record<string, unknown>>): Promise<QueryResult<T>>;
  command(query: string, params: Readonly<Record<string, unknown>>): Promise<void>;
  /** @param table - quoted, with its database where it has one */
  insert(table: string, rows: readonly object[]): Promise<void>;
}

const portKey = Symbol.for("moose.database");
type Holder = { [portKey]?: () => Promise<DatabasePort> };

/** @param open - called when the library needs the database; it may be called again and should remember */
export function setDatabase(open: () => Promise<DatabasePort>): void {
  (globalThis as Holder)[portKey] = open;
}

export function openDatabase(): Promise<DatabasePort> {
  const open = (globalThis as Holder)[portKey];
  if (open !== undefined) return open();
  throw new Error(
    'no database is set: import { useDatabase } from "@514labs/moose-lib/client" and call it once, or run the code with moose',
  );
}

/** Runs queries that were made with `sql`. */
export class QueryClient {
  execute<T = Record<string, unknown>>(query: Sql): Promise<QueryResult<T>> {
    const [text, params] = toQuery(query);
    return openDatabase().then((database) => database.query<T>(text, params));
  }

  command(query: Sql): Promise<void> {
    const [text, params] = toQuery(query);
    return openDatabase().then((database) => database.command(text, params));
  }
}
