// The calls of chDB's native addon that the engine process uses, with their types.

import { createRequire } from "node:module";
import path from "node:path";

declare const connectionBrand: unique symbol;
/** A native handle. One connection runs one query at a time and keeps its own settings. */
export interface Connection {
  readonly [connectionBrand]: true;
}

export interface QueryOutcome {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

export interface InsertOutcome {
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

/** Only what is used here; everything that runs a query does so off the event loop. */
export interface ChdbAddon {
  /** `engineArguments` are those of the engine as a whole: only the first connection of a process can give any. */
  CreateConnection(folder: string, engineArguments?: readonly string[]): Connection;
  /** Must not be called while a query runs on the connection. */
  CloseConnection(connection: Connection): void;
  QueryAsyncConnection(connection: Connection, script: string, format: string): Promise<QueryOutcome>;
  /**
   * Runs an INSERT and counts the rows it wrote. `data` is meant to be what follows `prefix`, but the engine
   * cuts it short where it looks like the end of a statement: give none.
   */
  InsertRawAsyncConnection(
    connection: Connection,
    prefix: string,
    data: Uint8Array,
    countLines: boolean,
  ): Promise<InsertOutcome>;
}

/**
 * Loads the addon of the `chdb` package found from `fromFolder`. Its own loader picks the platform's package;
 * the rest of chdb is left out, because it is not needed and costs start time. Throws when it is not there.
 */
export function loadChdb(fromFolder: string): ChdbAddon {
  const require = createRequire(path.join(fromFolder, "noop.js"));
  const loaderPath = path.join(path.dirname(require.resolve("chdb/package.json")), "dist/loader.js");
  const loader = require(loaderPath) as { loadNative(): ChdbAddon };
  return loader.loadNative();
}
