// The InfraMap: everything that exists, or should exist. Code and reality are both read into one of these.

import { type Address, addressOf } from "./address.js";
import type { Table } from "./table.js";

/** All resources of a project by address. Desired (from code) and actual (from the servers) are the same kind of value. */
export interface InfraMap {
  readonly tables: ReadonlyMap<Address, Table>;
}

export const emptyInfraMap: InfraMap = { tables: new Map() };

export function infraMapOf(tables: Iterable<Table>): InfraMap {
  const byAddress = [...tables].map((table) => [addressOf(table), table] as const);
  return { tables: new Map(byAddress.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) };
}
