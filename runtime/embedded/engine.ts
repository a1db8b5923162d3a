// The engine of this process: opens the data folder, makes and closes connections, runs and kills queries.

import type { ChdbAddon, Connection, InsertOutcome, QueryOutcome } from "./chdb-addon.js";
import { isQuery, literal } from "./script.js";
import { fromEngine } from "./server-error.js";

const nothing = new Uint8Array(0);

export class Engine {
  readonly version: string;
  readonly timezone: string;
  readonly #addon: ChdbAddon;
  readonly #dataFolder: string;
  /** Stays open as long as the process lives: it keeps the engine up and carries the kills. */
  readonly #control: Connection;
  #controlTail: Promise<unknown> = Promise.resolve();

  private constructor(addon: ChdbAddon, dataFolder: string, control: Connection, facts: readonly string[]) {
    this.#addon = addon;
    this.#dataFolder = dataFolder;
    this.#control = control;
    this.version = facts[0] ?? "unknown";
    this.timezone = facts[1] ?? "UTC";
  }

  /** Opens `dataFolder`, which may take seconds when it holds many tables, and makes `default` an Atomic database. */
  static async open(
    addon: ChdbAddon,
    dataFolder: string,
    engineArguments: readonly string[],
  ): Promise<Engine> {
    const control = addon.CreateConnection(dataFolder, engineArguments);
    const ask = async (sql: string) => {
      const outcome = await addon.QueryAsyncConnection(control, sql, "TabSeparated");
      return Buffer.from(outcome.bytes).toString("utf8").trim();
    };
    const facts = await ask(
      "SELECT version(), serverTimezone(), (SELECT uuid FROM system.databases WHERE name='default' AND engine='Overlay')",
    );
    const [version = "", timezone = "", uuid = ""] = facts.split("\t");
    if (/^[0-9a-f-]{36}$/.test(uuid)) await makeDefaultAtomic(ask, uuid);
    return new Engine(addon, dataFolder, control, [version, timezone]);
  }

  connect(): Connection {
    return this.#addon.CreateConnection(this.#dataFolder);
  }

  disconnect(connection: Connection): void {
    this.#addon.CloseConnection(connection);
  }

  query(connection: Connection, script: string, format: string): Promise<QueryOutcome> {
    return this.#addon.QueryAsyncConnection(connection, script, format);
  }

  /** Runs an INSERT that needs no data behind it, and counts the rows it wrote. */
  insert(connection: Connection, script: string): Promise<InsertOutcome> {
    return this.#addon.InsertRawAsyncConnection(connection, script, nothing, false);
  }

  /** Runs a statement of our own and returns its text; one at a time. */
  control(sql: string): Promise<string> {
    const run = this.#controlTail.then(async () => {
      const outcome = await this.query(this.#control, sql, "TabSeparated");
      return Buffer.from(outcome.bytes).toString("utf8");
    });
    this.#controlTail = run.catch(() => undefined);
    return run;
  }

  /** Asks the engine to stop a query; it stops at its next check. Never SYNC, which hangs the engine. */
  async kill(queryId: string): Promise<void> {
    await this.control(`KILL QUERY WHERE ${isQuery(queryId)} ASYNC FORMAT Null`);
  }

  async killAll(): Promise<void> {
    await this.control("KILL QUERY WHERE query_id != queryID() ASYNC FORMAT Null");
  }

  /** Gives memory back to the system that the engine's allocator would keep for its next use. Not every build of it can. */
  async purge(): Promise<void> {
    await this.control("SYSTEM JEMALLOC PURGE");
  }

  /** Closes the last connection, which shuts the engine down in order. No query of others may run any more. */
  async close(): Promise<void> {
    await this.#controlTail;
    this.#addon.CloseConnection(this.#control);
  }
}

/**
 * chDB lays an `Overlay` database over `default`, in which tables have no UUID and cannot be undropped.
 * The data under it is an ordinary Atomic database: attached as such, `default` is what a server has.
 */
async function makeDefaultAtomic(ask: (sql: string) => Promise<string>, uuid: string): Promise<void> {
  try {
    await ask("DETACH DATABASE default");
  } catch {
    return; // Something holds on to it; the overlay works too.
  }
  try {
    await ask(`ATTACH DATABASE default UUID ${literal(uuid)} ENGINE=Atomic`);
  } catch (thrown) {
    throw new Error(`The database default cannot be opened. ${fromEngine(thrown).message}`);
  }
}
