import {
  ClickHouseEngines,
  MaterializedView,
  OlapDictionary,
  OlapTable,
  sql,
  type UInt64,
  View,
} from "@514labs/moose-lib";

interface Sale {
  product: string;
  amount: number;
  at: Date;
}

/** Every sale as it comes. */
export const sales = new OlapTable<Sale>("sales", { orderByFields: ["product", "at"] });

interface Product {
  product: string;
  category: string;
}

export const products = new OlapTable<Product>("products", { orderByFields: ["product"] });

/** The products in memory, read again every minute. */
export const categoryOf = new OlapDictionary<Product>("category_of", {
  sourceTable: products,
  primaryKey: ["product"],
  layout: { type: "COMPLEX_KEY_HASHED" },
  lifetime: 60,
  defaults: { category: "other" },
});

interface Total {
  product: string;
  sold: UInt64;
  amount: number;
}

/** Sums of each product; rows go through it into `totals` as they are inserted into `sales`. */
export const totals = new MaterializedView<Total>({
  materializedViewName: "totals_mv",
  selectStatement: sql`SELECT product, count() AS sold, sum(amount) AS amount FROM ${sales} GROUP BY product`,
  selectTables: [sales],
  targetTable: { name: "totals", engine: ClickHouseEngines.SummingMergeTree, orderByFields: ["product"] },
});

/** What a person looks at: the totals, by category. */
export const byCategory = new View("by_category", {
  selectStatement: sql`
    SELECT ${categoryOf.get("category", sql`tuple(product)`)} AS category, sum(amount) AS amount
    FROM ${totals.targetTable} GROUP BY category`,
  baseTables: [totals.targetTable],
});
