// getMooseUtils: queries from code that moose does not run.

import { openDatabase, QueryClient } from "./query-port.js";
import { sql } from "./sql.js";

export interface MooseUtils {
  readonly client: { readonly query: QueryClient };
  readonly sql: typeof sql;
  readonly jwt?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A way to the project's ClickHouse, by the same settings as those of moose: the environment, `.env` files and
 * moose.config.toml in the folder where the process runs.
 *
 * @example
 * const { client, sql } = await getMooseUtils();
 * const rows = await (await client.query.execute<{ url: string }>(sql`SELECT url FROM ${pages}`)).json();
 */
export function getMooseUtils(_request?: unknown): Promise<MooseUtils> {
  return openDatabase().then(() => ({ client: { query: new QueryClient() }, sql, jwt: undefined }));
}

/** @deprecated called {@link getMooseUtils} now */
export function getMooseClients(): Promise<Pick<MooseUtils, "client">> {
  return getMooseUtils();
}
