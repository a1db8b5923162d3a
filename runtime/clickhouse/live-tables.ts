// The tables that exist, kept between plans: only those whose stamp changed are read again.

import { type Address, addressOf } from "../../src/infra/address.js";
import type { ClickHouse } from "./client.js";
import { inspect, type LiveTable, readStamps, type TableStamp } from "./inspect.js";

/** What exists, by address. */
export type Live = ReadonlyMap<Address, LiveTable>;

type TableName = { readonly database: string; readonly name: string };

/** A stamp has a resolution of one second; a table that was read so soon after a change is read once more. */
const stampResolutionMs = 1_100;

export class LiveTables {
  readonly #clickhouse: ClickHouse;
  readonly #known = new Map<Address, LiveTable>();
  /** When tables were read that could still change under the same stamp. */
  readonly #unsettled = new Map<Address, number>();
  readonly #distrusted = new Set<Address>();
  #databases: readonly string[] = [];

  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /**
   * All tables of `databases`, as they are now.
   *
   * @param relookMs - age of a look at a changing table after which its stamp is not trusted; at least the stamp's resolution
   */
  async refresh(databases: readonly string[], nowMs: number, relookMs = stampResolutionMs): Promise<Live> {
    if (databases.some((database) => !this.#databases.includes(database)))
      return this.#readAll(databases, nowMs);
    const stamps = await readStamps(this.#clickhouse, databases);
    const present = new Set(stamps.map(addressOf));
    for (const address of this.#known.keys()) if (!present.has(address)) this.#forget(address);
    const changed = stamps.filter((stamp) => this.#isStale(stamp, nowMs - relookMs));
    if (changed.length * 2 > stamps.length) return this.#readAll(databases, nowMs);
    this.#keepSizes(stamps);
    return this.reread(changed, nowMs);
  }

  /** The named tables as they are now; those that are gone are forgotten. */
  async reread(tables: readonly TableName[], nowMs: number): Promise<Live> {
    if (tables.length === 0) return this.#known;
    for (const table of tables) this.#forget(addressOf(table));
    const databases = [...new Set(tables.map((table) => table.database))];
    this.#keep(
      await inspect(this.#clickhouse, { databases, names: tables.map((table) => table.name) }),
      nowMs,
    );
    return this.#known;
  }

  /** Has the tables read again at the next look, whatever their stamps say: something may have been half done to them. */
  distrust(tables: readonly TableName[]): void {
    for (const table of tables) this.#distrusted.add(addressOf(table));
  }

  /** True while some table has to be looked at once more, because its stamp cannot tell yet. */
  get isUnsettled(): boolean {
    return this.#unsettled.size > 0;
  }

  async #readAll(databases: readonly string[], nowMs: number): Promise<Live> {
    const tables = await inspect(this.#clickhouse, { databases });
    this.#known.clear();
    this.#unsettled.clear();
    this.#distrusted.clear();
    this.#databases = databases;
    this.#keep(tables, nowMs);
    return this.#known;
  }

  #keep(tables: readonly LiveTable[], nowMs: number): void {
    for (const live of tables) {
      this.#known.set(live.address, live);
      if (!live.settled) this.#unsettled.set(live.address, nowMs);
    }
  }

  #keepSizes(stamps: readonly TableStamp[]): void {
    for (const stamp of stamps) {
      const known = this.#known.get(addressOf(stamp));
      if (known !== undefined) this.#known.set(known.address, { ...known, size: stamp.size });
    }
  }

  #forget(address: Address): void {
    this.#known.delete(address);
    this.#unsettled.delete(address);
    this.#distrusted.delete(address);
  }

  #isStale(stamp: TableStamp, untrustedMs: number): boolean {
    const address = addressOf(stamp);
    if (this.#distrusted.has(address) || this.#known.get(address)?.stamp !== stamp.stamp) return true;
    const readAtMs = this.#unsettled.get(address);
    return readAtMs !== undefined && readAtMs <= untrustedMs;
  }
}
