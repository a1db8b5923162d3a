// The property: apply A, put rows in, apply B, apply A again; every row stays, and what is left undone is justified.

import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { inspect } from "../../runtime/clickhouse/inspect.js";
import type { Column, Table } from "../../src/infra/table.js";
import type { Operation } from "../../src/plan/operation.js";
import { becomesUnreadable } from "../../src/sql/conversion.js";
import { createTable } from "../../src/sql/create-table.js";
import { mentions } from "../../src/sql/mentions.js";
import { qualifiedName, quoteIdentifier, quoteString } from "../../src/sql/quote.js";
import { isNullable } from "../../src/sql/type-tree.js";
import type { OperationReport, RoundReport } from "../../src/status/report.js";
import { givesRows, hasParts } from "./arbitrary-engine.js";
import { rowId } from "./arbitrary-parts.js";
import { insertsOf, type Pair, tableOf } from "./arbitrary-table.js";
import { type LiveProject, uniqueName } from "./live-engine.js";

/** What happened over all pairs, so that a run that tests nothing is seen. */
export interface Tally {
  pairs: number;
  rows: number;
  applied: number;
  readonly blocked: Map<string, number>;
  readonly kinds: Map<string, number>;
}

export function newTally(): Tally {
  return { pairs: 0, rows: 0, applied: 0, blocked: new Map(), kinds: new Map() };
}

let pairsMade = 0;

/** Runs one pair in the project; throws an error that shows both tables and what went wrong. */
export async function checkPair(
  clickhouse: ClickHouse,
  project: LiveProject,
  pair: Pair,
  tally: Tally,
): Promise<void> {
  const name = `t${pairsMade++}`;
  const a = tableOf(pair.a, project.database, name);
  const b = tableOf(pair.b, project.database, name);
  const statements: string[] = [];
  const context = { clickhouse, project, statements, tally };
  try {
    const created = await project.round([a]);
    note(statements, "A", created);
    must(created.diagnostics.length === 0, `A is refused: ${JSON.stringify(created.diagnostics)}`);
    must(created.operations.length === 1, "A is made in one operation");
    await settled(context, a, created);
    for (const sql of insertsOf(pair.a, a, pair.inserts)) {
      statements.push(sql);
      await clickhouse.command(sql);
    }
    await step(context, "B", b);
    await step(context, "A again", a);
    tally.pairs++;
  } catch (error) {
    const shown = [createTable(a), createTable(b), ...statements].join("\n  ");
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n  ${shown}`, {
      cause: error,
    });
  } finally {
    for (const gone of [qualifiedName(a), snapshotOf(a), freshOf(a)])
      await clickhouse.command(`DROP TABLE IF EXISTS ${gone} SYNC`);
  }
}

interface Context {
  readonly clickhouse: ClickHouse;
  readonly project: LiveProject;
  readonly statements: string[];
  readonly tally: Tally;
}

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

function note(statements: string[], title: string, report: RoundReport): void {
  statements.push(`-- ${title}`);
  for (const { operation, verdict, outcome } of report.operations) {
    const why = verdict.decision === "blocked" ? `${verdict.code}: ${verdict.reason}` : "";
    statements.push(`${operation.kind} ${outcome.state} ${"reason" in outcome ? outcome.reason : ""} ${why}`);
    for (const { sql } of operation.steps) statements.push(`    ${sql}`);
  }
}

async function step(context: Context, title: string, wanted: Table): Promise<void> {
  const { clickhouse, project, statements, tally } = context;
  const before = await existing(clickhouse, wanted);
  const count = await countRows(clickhouse, before);
  await takeSnapshot(clickhouse, before);
  const report = await project.round([wanted]);
  note(statements, title, report);
  record(tally, report, count);
  must(report.diagnostics.length === 0, `${title} is refused: ${JSON.stringify(report.diagnostics)}`);
  await settled(context, wanted, report);
  if (report.operations.every(({ outcome }) => outcome.state === "applied")) {
    await sameAsFresh(clickhouse, wanted);
    if (count > 0) await allIsBuilt(clickhouse, wanted);
  }
  const after = await existing(clickhouse, wanted);
  must((await countRows(clickhouse, after)) === count, `the number of rows is no longer ${count}`);
  if (count > 0) await compareValues(clickhouse, before, after, wanted);
  for (const judged of report.operations) {
    if (judged.verdict.decision === "blocked") await justify(clickhouse, judged, wanted, count);
  }
  await clickhouse.command(`DROP TABLE IF EXISTS ${snapshotOf(wanted)} SYNC`);
}

function record(tally: Tally, report: RoundReport, rows: number): void {
  tally.rows += rows;
  for (const { operation, verdict, outcome } of report.operations) {
    bump(tally.kinds, operation.kind);
    if (outcome.state === "applied") tally.applied++;
    if (verdict.decision === "blocked") bump(tally.blocked, verdict.code);
  }
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function existing(clickhouse: ClickHouse, { database, name }: Table): Promise<Table> {
  const [live] = await inspect(clickhouse, { databases: [database], names: [name] });
  must(live !== undefined, "the table is gone");
  return live.table;
}

/** Those that can be read; a Set is never filled. */
async function countRows(clickhouse: ClickHouse, table: Table): Promise<number> {
  if (!givesRows(table.engine)) return 0;
  const [row] = await clickhouse.rows<{ n: string }>(`SELECT count() AS n FROM ${qualifiedName(table)}`);
  return Number(row?.n ?? -1);
}

/** Nothing failed, what was applied is as if it had been made so, and a second round finds only what was blocked. */
async function settled({ project }: Context, wanted: Table, report: RoundReport): Promise<void> {
  for (const { operation, outcome } of report.operations) {
    must(
      outcome.state === "applied" || outcome.state === "blocked",
      `${operation.kind} ${outcome.state}: ${"reason" in outcome ? outcome.reason : ""}`,
    );
  }
  must(report.unconverged.length === 0, "the table is unconverged");
  const open = report.operations.filter(({ outcome }) => outcome.state === "blocked");
  const again = await project.round([wanted]);
  const causes = (reports: readonly OperationReport[]) =>
    JSON.stringify(reports.map((o) => o.operation.cause));
  must(
    causes(again.operations) === causes(open),
    `a second round does ${causes(again.operations)}, open were ${causes(open)}`,
  );
}

/** An oracle beside the diff: the table made anew under another name is printed alike, but for the order of columns. */
async function sameAsFresh(clickhouse: ClickHouse, wanted: Table): Promise<void> {
  const [have, fresh] = await besideFresh(clickhouse, wanted);
  const shape = (table: Table) =>
    JSON.stringify({
      ...table,
      name: "",
      database: "",
      columns: table.columns.toSorted((x, y) => (x.name < y.name ? -1 : 1)),
      settings: Object.entries(table.settings).sort(([x], [y]) => (x < y ? -1 : 1)),
      indexes: table.indexes.toSorted((x, y) => (x.name < y.name ? -1 : 1)),
      projections: table.projections.toSorted((x, y) => (x.name < y.name ? -1 : 1)),
      constraints: table.constraints.toSorted((x, y) => (x.name < y.name ? -1 : 1)),
    });
  must(shape(have) === shape(fresh), `it differs from a fresh table:\n  ${shape(have)}\n  ${shape(fresh)}`);
}

/** The rows that were there before an index or a projection have it too. */
async function allIsBuilt(clickhouse: ClickHouse, { database, name }: Table): Promise<void> {
  const ofTable = `database = ${quoteString(database)} AND table = ${quoteString(name)}`;
  const [row] = await clickhouse.rows<{ unbuilt: readonly string[] }>(
    `SELECT arrayConcat(
       (SELECT groupArray(name) FROM system.data_skipping_indices WHERE ${ofTable} AND data_compressed_bytes = 0),
       (SELECT groupArray(name) FROM system.projections WHERE ${ofTable} AND name NOT IN (
         SELECT name FROM system.projection_parts WHERE ${ofTable} AND active AND NOT is_broken GROUP BY name
         HAVING uniqExact(parent_name) = (SELECT count() FROM system.parts WHERE ${ofTable} AND active AND rows > 0)))
     ) AS unbuilt`,
  );
  must(row?.unbuilt.length === 0, `not built for all rows: ${row?.unbuilt.join(", ")}`);
}

/** Out of the project's sight. */
const besideDatabase = "beside";

/** The table as it is, and as it would be if it were made anew. */
async function besideFresh(clickhouse: ClickHouse, wanted: Table): Promise<readonly [Table, Table]> {
  const fresh = { ...wanted, database: besideDatabase, name: `fresh_${wanted.name}` };
  await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${besideDatabase}`);
  await clickhouse.command(createTable(fresh));
  const found = await Promise.all([existing(clickhouse, wanted), existing(clickhouse, fresh)]);
  await clickhouse.command(`DROP TABLE ${qualifiedName(fresh)} SYNC`);
  return found;
}

const isComputed = (column: Column | undefined) =>
  column?.default?.kind === "ALIAS" || column?.default?.kind === "EPHEMERAL";

const freshOf = (table: Table) => `${besideDatabase}.fresh_${table.name}`;
const snapshotOf = (table: Table) => `${besideDatabase}.snapshot_${table.name}`;

/** The stored columns as they are, kept beside the table. */
async function takeSnapshot(clickhouse: ClickHouse, table: Table): Promise<void> {
  if (!givesRows(table.engine)) return;
  const names = table.columns.filter((column) => !isComputed(column)).map((c) => quoteIdentifier(c.name));
  await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${besideDatabase}`);
  await clickhouse.command(
    `CREATE TABLE ${snapshotOf(table)} ENGINE = Memory AS SELECT ${names.join(", ")} FROM ${qualifiedName(table)}`,
  );
}

/** Every column that is stored before and after must hold the same values in the same rows. */
async function compareValues(
  clickhouse: ClickHouse,
  before: Table,
  after: Table,
  wanted: Table,
): Promise<void> {
  const pairs = before.columns.flatMap((from) => {
    const to = after.columns.find((column) => column.name === from.name);
    const stays = wanted.columns.some((column) => column.name === from.name && !isComputed(column));
    must(!stays || to !== undefined || isComputed(from), `column ${from.name} is gone`);
    return to === undefined || isComputed(from) || isComputed(to) ? [] : [{ from, to }];
  });
  const then = await hashes(
    clickhouse,
    snapshotOf(wanted),
    pairs.map(({ from, to }) => valueBefore(from, to)),
  );
  const now = await hashes(
    clickhouse,
    qualifiedName(after),
    pairs.map(({ from, to }) => valueAfter(from, to)),
  );
  for (const [index, { from, to }] of pairs.entries()) {
    const change = from.type === to.type ? from.type : `${from.type} -> ${to.type}`;
    must(then[index] === now[index], `the values of ${from.name} (${change}) are not what they were`);
  }
}

const cast = (sql: string, type: string) => `CAST(${sql}, ${quoteString(type)})`;

/** Text may be read as something else, '007' as 7, so what counts is what the new type makes of it. */
function valueBefore(from: Column, to: Column): string {
  const value = quoteIdentifier(from.name);
  if (from.type === to.type) return readable(value, from.type);
  // The server reads the zero bytes at the end of a FixedString too, even of a NULL; as a String it has none.
  const text = to.type.includes("String")
    ? value
    : cast(value, from.type.replace(/FixedString\(\d+\)/g, "String"));
  return from.type.includes("String")
    ? backTo(castByName(text, from.type, to.type), from.type, to.type)
    : cast(value, inUtc(from.type));
}

function valueAfter(from: Column, to: Column): string {
  const value = quoteIdentifier(from.name);
  return from.type === to.type ? readable(value, to.type) : backTo(value, from.type, to.type);
}

/** Of a state counts what it comes to: its bytes may be others after a merge. */
function readable(value: string, type: string): string {
  return type.startsWith("AggregateFunction(") ? `finalizeAggregation(${value})` : value;
}

/** A time without a zone is printed in whatever zone it comes from. */
function inUtc(type: string): string {
  return type
    .replace(/DateTime(?![\d(])/g, "DateTime('UTC')")
    .replace(/DateTime64\((\d)\)/g, "DateTime64($1, 'UTC')");
}

/** Members of an Enum inside of another type are matched by number, so they go by way of their names. */
function backTo(value: string, type: string, from: string): string {
  const byName = from.replace(/Enum(8|16)\([^()]*\)/g, "String");
  const text = inUtc(type).replace(/FixedString\(\d+\)/g, "String");
  return cast(byName === from || !/String|Enum/.test(type) ? value : cast(value, byName), text);
}

function castByName(value: string, from: string, to: string): string {
  const names = from.replace(/Enum(8|16)\([^()]*\)/g, "String");
  return cast(names === from || !to.includes("Enum") ? value : cast(value, names), to);
}

/** One number for the values of each expression, in which every value is bound to its row. */
async function hashes(
  clickhouse: ClickHouse,
  from: string,
  expressions: readonly string[],
): Promise<readonly string[]> {
  // A FixedString is filled up with zero bytes, to the length of its type.
  const unfilled = (sql: string) => `replaceRegexpAll(toString(${sql}), '\\\\\\\\0|\\\\x00', '')`;
  const sums = expressions.map(
    (sql) => `sum(cityHash64(tuple(${quoteIdentifier(rowId)}, ${unfilled(sql)})))`,
  );
  const [row] = await clickhouse.rows<{ sums: readonly string[] }>(
    `SELECT [${sums.join(", ")}] AS sums FROM ${from}`,
  );
  return row?.sums ?? [];
}

/** A refusal must be right, by other means than those by which it was come to. */
async function justify(
  clickhouse: ClickHouse,
  { operation, verdict }: OperationReport,
  wanted: Table,
  rows: number,
): Promise<void> {
  // Of these tables the server does not count the rows, and drops them `IF EMPTY` whatever they hold.
  const isUncounted = operation.kind === "RecreateTable" && operation.before.engine === "EmbeddedRocksDB";
  const isNeeded = verdict.decision === "blocked" && (rows > 0 || isUncounted);
  must(isNeeded, `${operation.kind} is blocked on an empty table`);
  if (verdict.code === "needs-rebuild") return justifyRebuild(clickhouse, wanted);
  if (verdict.code === "waits-for-column") {
    return must(isPart(operation), `${operation.kind} waits for a column`);
  }
  if (verdict.code === "still-in-use" && "inTheWay" in operation && operation.inTheWay.leaving.length > 0)
    return;
  if (verdict.code === "still-in-use" && "usedBy" in operation) {
    return must(operation.usedBy.length > 0, "nothing uses the column");
  }
  must(
    verdict.code === "values-do-not-fit" && operation.kind === "ModifyTableColumn",
    `${operation.kind} is blocked: ${verdict.code}`,
  );
  const value = quoteIdentifier(operation.from.name);
  const { from, to } = operation;
  const back = castByName(castByName(value, from.type, to.type), to.type, from.type);
  if (becomesUnreadable(from.type, to.type)) return confirmUnreadable(clickhouse, from, to);
  // A negative number becomes a large one, and comes back; of an address comes what it is not, and that comes back too.
  const isSeenThere =
    (areIntegers(from.type) && areIntegers(to.type)) ||
    /^(?:Nullable\(|LowCardinality\()*(?:IPv[46]|UUID)\)*$/.test(from.type);
  const there = isSeenThere ? cast(value, to.type) : back;
  const query = `SELECT toString(${value}) AS a, toString(${there}) AS b FROM ${snapshotOf(wanted)}`;
  const values = await clickhouse
    .rows<{ a: unknown; b: unknown }>(query)
    .catch(() => [{ a: "", b: "refused" }]);
  // A Variant could hold a NULL, but the server wants something in its place (36).
  const losesNulls = isNullable(from.type) && !isNullable(to.type);
  must(
    values.some(({ a, b }) => a !== b || (losesNulls && a === null)),
    `${operation.from.type} -> ${operation.to.type} of ${operation.from.name} is blocked although all values fit: ${verdict.reason}`,
  );
}

function areIntegers(type: string): boolean {
  return /^(?:Nullable|LowCardinality|Array|Map|Tuple|U?Int\d+|[(), ])*$/.test(type);
}

function isPart({ kind }: Operation): boolean {
  return /^(?:Add|Drop)Table(?:Index|Projection|Constraint)$/.test(kind);
}

async function justifyRebuild(clickhouse: ClickHouse, wanted: Table): Promise<void> {
  const layouts = (await besideFresh(clickhouse, wanted)).map((table) => {
    const { engine, orderBy, primaryKey, partitionBy, sampleBy, columns } = table;
    // Without parts there is no ALTER that does all that can be asked for.
    const inKeys = columns.filter(
      (c) => !hasParts(engine) || [orderBy, partitionBy, engine].some((key) => mentions(key, c.name)),
    );
    const kinds = inKeys.map((c) => [
      c.type,
      isComputed(c),
      ...(hasParts(engine) ? [] : [c.name, c.default]),
    ]);
    return JSON.stringify([engine, orderBy, primaryKey, partitionBy, sampleBy, kinds]);
  });
  must(layouts[0] !== layouts[1], `blocked for a layout that does not differ: ${layouts[0]}`);
}

/** Makes the change on a table of its own, to see that it is refused with reason; `k` is what it takes to fail. */
async function confirmUnreadable(clickhouse: ClickHouse, from: Column, to: Column): Promise<void> {
  const name = `${besideDatabase}.${uniqueName("unreadable")}`;
  await clickhouse.command(
    `CREATE TABLE ${name} (k UInt8 DEFAULT 1, v ${from.type}) ENGINE = MergeTree ORDER BY () SETTINGS min_bytes_for_wide_part = 0`,
  );
  await clickhouse.command(
    `INSERT INTO ${name} (v) SELECT defaultValueOfTypeName(${quoteString(from.type)})`,
  );
  await clickhouse.command(`ALTER TABLE ${name} MODIFY COLUMN v ${to.type} SETTINGS mutations_sync = 2`);
  const isReadable = await clickhouse.rows(`SELECT v FROM ${name}`).then(
    () => true,
    () => false,
  );
  await clickhouse.command(`DROP TABLE ${name} SYNC`);
  must(!isReadable, `${from.type} -> ${to.type} is blocked although it can be read afterwards`);
}
