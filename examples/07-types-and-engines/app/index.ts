import {
  type ClickHouseCodec,
  ClickHouseEngines,
  type ClickHouseMaterialized,
  type ClickHouseTTL,
  type DateTime64,
  type Decimal,
  type Int128,
  type IPv4,
  type Key,
  type LowCardinality,
  OlapTable,
  type SimpleAggregated,
  type tags,
  type UInt32,
  type UInt64,
  type WithDefault,
} from "@514labs/moose-lib";

enum State {
  Open = "open",
  Paid = "paid",
}

interface Item {
  sku: string;
  count: UInt32;
}

/** Most of what a column can be. */
interface Order {
  /** Number of the order. */
  id: Key<UInt64>;
  customer: string & tags.Format<"uuid">;
  state: State;
  currency: "EUR" | "USD";
  country: string & LowCardinality;
  total: Decimal<18, 2>;
  weight?: number;
  big: Int128;
  from: IPv4;
  at: DateTime64<3>;
  day: Date & ClickHouseMaterialized<"toStartOfDay(at)">;
  note: WithDefault<string, "'none'">;
  raw: string & ClickHouseCodec<"ZSTD(3)"> & ClickHouseTTL<"toDateTime(at) + INTERVAL 30 YEAR">;
  items: Item[];
  labels: Record<string, string>;
  extra: Record<string, unknown>;
}

/** The newest row of an order wins; indexes, partitions and settings stand beside it. */
export const orders = new OlapTable<Order>("orders", {
  engine: ClickHouseEngines.ReplacingMergeTree,
  ver: "at",
  orderByFields: ["id"],
  partitionBy: "toYYYYMM(at)",
  settings: { index_granularity: "4096" },
  indexes: [{ name: "by_customer", expression: "customer", type: "bloom_filter", arguments: ["0.01"] }],
});

interface Peak {
  country: string;
  largest: number & SimpleAggregated<"max", number>;
}

/** One row a country, with the largest of all that were inserted. */
export const peaks = new OlapTable<Peak>("peaks", {
  engine: ClickHouseEngines.AggregatingMergeTree,
  orderByFields: ["country"],
});

interface Rate {
  currency: string;
  rate: number;
}

/** In memory, gone when the server is restarted. */
export const rates = new OlapTable<Rate>("rates", { engine: ClickHouseEngines.Memory });
