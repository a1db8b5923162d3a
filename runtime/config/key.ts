// What is said about one key of moose.config.toml.

/**
 * What a value must be. `port` is 0 to 65535, where 0 lets the system pick one; `count` a whole number from 0;
 * `texts` a list of texts; `names` a list of tables that each have a `name`, read as the list of those names;
 * `free` a table whose keys the user chooses.
 */
export type KeyType = "text" | "boolean" | "port" | "count" | "texts" | "names" | "free";

export type KeyValue = string | number | boolean | readonly string[];

export interface Key {
  /** Section and name, `clickhouse_config.db_name`; the variable `MOOSE_CLICKHOUSE_CONFIG__DB_NAME` sets the same. */
  readonly path: string;
  readonly type: KeyType;
  /** Value where nobody gives one; `undefined` for none. */
  readonly default: KeyValue | undefined;
  /** False for keys of the wider Moose configuration, which are accepted and have no effect here. */
  readonly used: boolean;
  /** One line. */
  readonly meaning: string;
  /** The only values allowed; letter case does not matter. */
  readonly choices?: readonly string[];
  /** What the text must look like; `says` completes "must be ..". */
  readonly form?: { readonly pattern: RegExp; readonly says: string };
  /** Never shown in a message. */
  readonly secret?: boolean;
}

/**
 * The environment variable that sets a key.
 *
 * @example
 * variableOf("clickhouse_config.db_name") // "MOOSE_CLICKHOUSE_CONFIG__DB_NAME"
 */
export function variableOf(path: string): string {
  return `MOOSE_${path.toUpperCase().replaceAll(".", "__")}`;
}
