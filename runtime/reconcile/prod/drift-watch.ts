// Notices when database or Kafka change behind the server's back; compares only when something was read anew.

import type { Address } from "../../../src/infra/address.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import type { Table } from "../../../src/infra/table.js";
import type { Topic } from "../../../src/infra/topic.js";
import { type Drift, noDrift } from "../../../src/status/drift-entry.js";
import type { LiveViews } from "../../clickhouse/inspect-views.js";
import type { Live } from "../../clickhouse/live-tables.js";
import { tablesDrifted, topicsDrifted, viewsDrifted } from "../drift-between.js";

/** What a look has found. */
export interface Seen {
  readonly tables: Live;
  readonly views: LiveViews;
  readonly topics: ReadonlyMap<string, Topic>;
}

export class DriftWatch {
  readonly #applied: InfraMap;
  #seen: ReadonlyMap<Address, Table | undefined>;
  #drift: Drift = noDrift;

  /** @param applied - what there was when it matched the schema */
  constructor(applied: InfraMap) {
    this.#applied = applied;
    this.#seen = applied.tables;
  }

  /** From what was applied to what is there; of what has not moved the same values as before. */
  compare({ tables, views, topics }: Seen): Drift {
    const now = { tables: this.#tables(tables), views: this.#views(views), topics: this.#topics(topics) };
    const keys = ["tables", "views", "topics"] as const;
    const hasMoved = keys.some((key) => now[key] !== this.#drift[key]);
    if (hasMoved) this.#drift = now;
    return this.#drift;
  }

  #tables(live: Live): Drift["tables"] {
    const now = new Map(
      [...this.#applied.tables.keys()].map((address) => [address, live.get(address)?.table]),
    );
    const hasMoved = [...now].some(([address, table]) => table !== this.#seen.get(address));
    if (!hasMoved) return this.#drift.tables;
    this.#seen = now;
    const tables = new Map(
      [...now].flatMap(([address, table]) => (table ? [[address, table] as const] : [])),
    );
    return sameUnless(this.#drift.tables, tablesDrifted(this.#applied.tables, tables));
  }

  #views(live: LiveViews): Drift["views"] {
    const views = new Map([...live].map(([address, { view }]) => [address, view]));
    return sameUnless(this.#drift.views, viewsDrifted(this.#applied.views, views));
  }

  #topics(topics: ReadonlyMap<string, Topic>): Drift["topics"] {
    return sameUnless(this.#drift.topics, topicsDrifted(this.#applied.topics, topics));
  }
}

/** Whoever shows it sees by the value itself whether it is another. */
function sameUnless<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}
