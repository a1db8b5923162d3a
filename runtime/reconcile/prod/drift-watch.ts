// Notices when the database changes behind the server's back; compares only when something was read anew.

import type { Change } from "../../../src/diff/change.js";
import { diff } from "../../../src/diff/diff.js";
import type { Address } from "../../../src/infra/address.js";
import { emptyInfraMap, type InfraMap } from "../../../src/infra/inframap.js";
import type { Table } from "../../../src/infra/table.js";
import type { Live } from "../../clickhouse/live-tables.js";

export class DriftWatch {
  readonly #applied: InfraMap;
  #seen: ReadonlyMap<Address, Table | undefined>;
  #drift: readonly Change[] = [];

  /** @param applied - what the database had when it matched the schema */
  constructor(applied: InfraMap) {
    this.#applied = applied;
    this.#seen = applied.tables;
  }

  /** From what was applied to what is there; the same value as before while nothing has moved. */
  compare(live: Live): readonly Change[] {
    const now = new Map(
      [...this.#applied.tables.keys()].map((address) => [address, live.get(address)?.table]),
    );
    const hasMoved = [...now].some(([address, table]) => table !== this.#seen.get(address));
    if (!hasMoved) return this.#drift;
    this.#seen = now;
    const tables = new Map(
      [...now].flatMap(([address, table]) => (table ? [[address, table] as const] : [])),
    );
    this.#drift = diff({ ...emptyInfraMap, tables: this.#applied.tables }, { ...emptyInfraMap, tables });
    return this.#drift;
  }
}
