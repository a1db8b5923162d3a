// A SQL resource of the model: statements of the user's own. No server shows it; what was run is remembered.

import type { SourcePlace } from "../diagnostic.js";
import type { Address } from "./address.js";
import { sha256 } from "./sha256.js";

/** How far the statements of one came that did not come through. */
export interface UnfinishedStatements {
  readonly doing: "setup" | "teardown";
  /** So many of its statements are done. */
  readonly done: number;
  /** The one behind them was sent, and nobody has learnt what became of it. */
  readonly isNextBegun: boolean;
}

export interface SqlResource {
  readonly name: string;
  /** Where names without a database are looked for. */
  readonly database: string;
  /** One statement a text. Of what was run earlier without its secrets. */
  readonly setup: readonly string[];
  /** Tells a setup from another; it knows the secrets. */
  readonly setupHash: string;
  readonly teardown: readonly string[];
  /** Names of what it reads and writes, as they stand in a query. */
  readonly pullsDataFrom: readonly string[];
  readonly pushesDataTo: readonly string[];
  readonly unfinished?: UnfinishedStatements | undefined;
  /** Where the code declares it; absent on what is remembered. */
  readonly place?: SourcePlace | undefined;
}

const prefix = "sql:";

/** `sql:half`: a name of its own kind, for a table may have the same. */
export function sqlResourceAddress(name: string): Address {
  return prefix + name;
}

export function isSqlResourceAddress(address: Address): boolean {
  return address.startsWith(prefix);
}

export function setupHash(setup: readonly string[]): string {
  return sha256(JSON.stringify(setup), 32);
}
