// Counts what a plan would concern: rows and bytes at stake, and the values that a new column type cannot hold.

import type { Change } from "../../src/diff/change.js";
import { isStored } from "../../src/diff/diff-columns.js";
import { type PresentNames, presentNames } from "../../src/diff/renames.js";
import type { ViewChange } from "../../src/diff/view-change.js";
import { type Address, addressOf } from "../../src/infra/address.js";
import { columnKey, type Evidence, type FailingValues, type TableSize } from "../../src/plan/evidence.js";
import { becomesUnreadable, convertedValue, failingCondition, isWidening } from "../../src/sql/conversion.js";
import { qualifiedName, quoteIdentifier, quoteString } from "../../src/sql/quote.js";
import { tablesReadBy } from "../../src/sql/view-references.js";
import type { ClickHouse } from "./client.js";
import { errorCode, errorText } from "./client.js";

type ColumnChanged = Extract<Change, { kind: "ColumnChanged" }>;

type SeenSizes = ReadonlyMap<Address, { readonly size?: TableSize | undefined }>;

const examplesShown = 5;

/**
 * Looks only at the tables whose changes can cost rows; additions ask nothing of the server.
 *
 * @param seen - sizes from a look just before. They are only shown: where a size decides what is done, it is asked for.
 */
export async function gatherEvidence(
  clickhouse: ClickHouse,
  changes: readonly Change[],
  views: readonly ViewChange[] = [],
  seen: SeenSizes = new Map(),
): Promise<Evidence> {
  const names = presentNames(changes);
  const sized = changes.filter(concernsRows);
  const shown = sizesSeen(sized, changes, seen);
  const asked = await readSizes(
    clickhouse,
    sized.filter(({ address }) => !shown.has(address)),
    names,
  );
  const sizes = new Map([...asked, ...shown]);
  const failing = new Map<string, FailingValues>();
  const inconvertible = new Set<string>();
  for (const change of changes) {
    if (change.kind !== "ColumnChanged" || !convertsValues(change)) continue;
    const key = columnKey(change.address, change.to.name);
    const refusal = await findRefusal(clickhouse, change);
    if (sizes.get(change.address)?.rows === 0) {
      if (refusal !== undefined) inconvertible.add(key);
      continue;
    }
    const found =
      refusal === undefined
        ? await findFailing(clickhouse, change, names)
        : { count: sizes.get(change.address)?.rows ?? 0, examples: [], refusal };
    if (found !== undefined) failing.set(key, found);
  }
  return { sizes, failing, inconvertible, sources: await readSources(clickhouse, views) };
}

/** Rows that are there before a materialized view is. */
async function readSources(
  clickhouse: ClickHouse,
  views: readonly ViewChange[],
): Promise<ReadonlyMap<Address, number>> {
  const isNew = ({ kind, view }: ViewChange) =>
    kind === "ViewAdded" && view.kind === "MaterializedView" && view.refresh === "";
  const read = views.filter(isNew).flatMap(({ view }) => tablesReadBy(view));
  if (read.length === 0) return new Map();
  const pairs = read.map(({ database, name }) => `(${quoteString(database)}, ${quoteString(name)})`);
  const rows = await clickhouse.rows<{ database: string; name: string; rows: string }>(
    `SELECT database, name, toString(total_rows) AS rows FROM system.tables
     WHERE (database, name) IN (${pairs.join(", ")}) AND total_rows > 0`,
  );
  return new Map(rows.map((row) => [addressOf(row), Number(row.rows)]));
}

function concernsRows(change: Change): change is Exclude<Change, { kind: "TableAdded" }> {
  switch (change.kind) {
    case "TableRemoved":
    case "LayoutChanged":
    case "ColumnRemoved":
    case "TtlChanged":
    case "TableRenamed":
    case "ColumnRenamed":
    case "IndexAdded":
    case "ProjectionAdded":
      return true;
    case "ColumnChanged":
      return (
        change.aspects.includes("type") ||
        change.aspects.includes("ttl") ||
        isStored(change.from) !== isStored(change.to)
      );
    default:
      return false;
  }
}

/** Those of the tables of `sized` of which no change depends on whether they hold rows. */
function sizesSeen(
  sized: readonly Change[],
  changes: readonly Change[],
  seen: SeenSizes,
): ReadonlyMap<Address, TableSize> {
  const deciding = new Set(changes.filter((change) => !showsSizeOnly(change)).map(({ address }) => address));
  const sizes = new Map<Address, TableSize>();
  for (const { address } of sized) {
    const size = seen.get(address)?.size;
    if (size !== undefined && !deciding.has(address)) sizes.set(address, size);
  }
  return sizes;
}

/** A table with none but such changes is altered in place, whether or not it holds rows. */
function showsSizeOnly({ kind }: Change): boolean {
  return kind === "ColumnAdded" || kind === "ColumnRemoved";
}

function convertsValues({ from, to, aspects }: ColumnChanged): boolean {
  return aspects.includes("type") && isStored(from) && isStored(to) && !isWidening(from.type, to.type);
}

/** Why there is no conversion between the two types, whatever the value; mostly in the server's words. */
async function findRefusal(clickhouse: ClickHouse, { from, to }: ColumnChanged): Promise<string | undefined> {
  if (becomesUnreadable(from.type, to.type)) return "it could not read the column afterwards";
  const value = `materialize(defaultValueOfTypeName(${quoteString(from.type)}))`;
  try {
    await clickhouse.rows(`SELECT ${convertedValue(value, from.type, to.type)} AS v FROM system.one WHERE 0`);
    return undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return withoutQuery(errorText(error));
  }
}

/** The server's words without the query that we asked; the user did not write it. */
function withoutQuery(text: string): string {
  return text.replace(/: (?:while executing|In scope) .*$/is, "");
}

/** By the address that the table will have. */
async function readSizes(
  clickhouse: ClickHouse,
  changes: readonly Exclude<Change, { kind: "TableAdded" }>[],
  names: PresentNames,
): Promise<ReadonlyMap<Address, TableSize>> {
  if (changes.length === 0) return new Map();
  const future = new Map<Address, Address>();
  const wanted = new Set<string>();
  for (const change of changes) {
    const found = change.kind === "TableRemoved" ? change.table : change.before;
    const table = names.tableOf(change.address, found);
    future.set(addressOf(table), change.address);
    wanted.add(`(${quoteString(table.database)}, ${quoteString(table.name)})`);
  }
  const rows = await clickhouse.rows<{
    database: string;
    name: string;
    rows: string | null;
    bytes: string | null;
  }>(
    `SELECT database, name, total_rows AS rows, total_bytes AS bytes FROM system.tables WHERE (database, name) IN (${[...wanted].join(", ")})`,
  );
  // Engines that cannot tell count as holding rows, so that nothing is dropped on a guess.
  return new Map(
    rows.map((row) => [
      future.get(addressOf(row)) ?? addressOf(row),
      { rows: Number(row.rows ?? Number.NaN), bytes: Number(row.bytes ?? 0) },
    ]),
  );
}

async function findFailing(
  clickhouse: ClickHouse,
  { address, before, from, to }: ColumnChanged,
  names: PresentNames,
): Promise<FailingValues | undefined> {
  const value = quoteIdentifier(names.columnOf(address, from.name));
  const condition = failingCondition(value, from.type, to.type);
  if (condition === "0") return undefined;
  try {
    const [row] = await clickhouse.rows<{ failing: string; examples: readonly string[] }>(
      `SELECT countIf(${condition}) AS failing,
         groupUniqArrayIf(${examplesShown})(ifNull(toString(${value}), 'NULL'), ${condition}) AS examples
       FROM ${qualifiedName(names.tableOf(address, before))}`,
    );
    const count = Number(row?.failing ?? 0);
    return count === 0 ? undefined : { count, examples: [...(row?.examples ?? [])].sort() };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    // The check itself fails on a value that cannot be converted at all.
    return { count: 1, examples: [], refusal: withoutQuery(errorText(error)) };
  }
}
