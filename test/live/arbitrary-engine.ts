// The engines of random tables: what each needs of the table, and what it cannot have.

/** Sign of the collapsing engines, 1 in every row; the summing one sees by it that no row is all zeroes. */
export const sign = "sign";
/** Whether a row counts as deleted, 0 in every row. */
export const gone = "gone";

const mergeTrees = [
  "MergeTree",
  "MergeTree",
  "MergeTree()",
  "ReplacingMergeTree",
  "ReplacingMergeTree(`row id`)",
  "ReplacingMergeTree(`row id`, gone)",
  "SummingMergeTree",
  "SummingMergeTree(sign)",
  "SummingMergeTree((sign, gone))",
  "AggregatingMergeTree",
  "CollapsingMergeTree(sign)",
  "VersionedCollapsingMergeTree(sign, `row id`)",
  "CoalescingMergeTree",
] as const;

const others = [
  "Memory",
  "Log",
  "TinyLog",
  "StripeLog",
  "Null",
  "Set",
  "Join(ANY, LEFT, `row id`)",
  "Join(ALL, INNER, `row id`)",
  "EmbeddedRocksDB",
] as const;

/** Two tables in three are of the MergeTree family, under which most can be changed. */
const all: readonly string[] = [...mergeTrees, ...mergeTrees, ...others];
export const engineChoices = all.length - 1;

export function engineOf(choice: number): string {
  return all[choice % all.length] ?? "MergeTree";
}

const nameOf = (engine: string): string => engine.replace(/\(.*$/s, "");

/** Has keys, parts and everything that comes with them. */
export function hasParts(engine: string): boolean {
  return nameOf(engine).endsWith("MergeTree");
}

/** Rows of one key become one. */
export function isMerging(engine: string): boolean {
  return hasParts(engine) && nameOf(engine) !== "MergeTree";
}

/** Whether rows that go in can be read; a Set is only asked for what is in it. */
export function givesRows(engine: string): boolean {
  return nameOf(engine) !== "Set";
}

/** Takes JSON, Dynamic and the other types that are made of several columns. */
export function takesAnyType(engine: string): boolean {
  return hasParts(engine) || nameOf(engine) === "Memory" || nameOf(engine) === "Null";
}

/** Only takes values that can be a key, or lie beside one. */
export function takesScalarsOnly(engine: string): boolean {
  return ["Set", "Join", "EmbeddedRocksDB"].includes(nameOf(engine));
}

export function hasPrimaryKeyOnly(engine: string): boolean {
  return nameOf(engine) === "EmbeddedRocksDB";
}
