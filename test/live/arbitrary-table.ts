// Random tables over everything that a table can have, random edits of them, and rows for them.

import fc from "fast-check";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, ColumnDefault, Table } from "../../src/infra/table.js";
import { quoteIdentifier, quoteString } from "../../src/sql/quote.js";
import {
  engineChoices,
  engineOf,
  givesRows,
  gone,
  hasParts,
  hasPrimaryKeyOnly,
  isMerging,
  sign,
  takesAnyType,
  takesScalarsOnly,
} from "./arbitrary-engine.js";
import { at, constraintOf, indexOf, projectionOf, type RawPart, rawParts, rowId } from "./arbitrary-parts.js";
import {
  isDynamic,
  isPlain,
  isScalar,
  isWild,
  nearType,
  type RawType,
  rawType,
  textOf,
  type ValueMode,
  valueSql,
} from "./arbitrary-type.js";

export interface RawColumn {
  readonly name: string;
  readonly type: RawType;
  readonly defaultKind: "none" | "DEFAULT" | "MATERIALIZED" | "ALIAS";
  readonly defaultChoice: number;
  readonly comment: string;
  readonly codec: number;
  readonly ttl: number;
  readonly values: ValueMode;
}

/** A table as choices: whatever they are, {@link tableOf} makes a valid table of them. */
export interface RawTable {
  readonly timeType: number;
  readonly columns: readonly RawColumn[];
  readonly engine: number;
  readonly key: number;
  readonly primaryLength: number;
  readonly partition: number;
  readonly sample: boolean;
  readonly ttl: number;
  readonly settings: readonly number[];
  readonly comment: string;
  readonly indexes: readonly RawPart[];
  readonly projections: readonly RawPart[];
  readonly constraints: readonly RawPart[];
}

const oddNames = [
  "name",
  "Value",
  "select",
  "from",
  "order",
  "key",
  "TTL",
  " TTL ",
  "with space",
  "back`tick",
  "back\\slash",
  "quo'te",
  'dquo"te',
  "ünï",
  "日本",
  "😀",
  "a,b",
  "a(b",
  "b)a",
  "%s--x",
  "/*",
  "null",
  "1abc",
  "new\nline",
  "tab\t",
  "DEFAULT 1",
  "COMMENT 'x'",
  "index",
  "dot.ted",
];

const comment: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "it's",
      "back\\slash",
      "two\nlines",
      "naïve 😀 日本",
      "tab\tand\r",
      "'; DROP",
      " TTL x",
      "`q`",
      '"d"',
      "\\'",
      "{a:b}",
      "\\n",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 8 }).filter((s) => !s.includes("\0")) },
);

const rawColumn: fc.Arbitrary<RawColumn> = fc.record({
  name: fc.constantFrom(...oddNames),
  type: rawType,
  defaultKind: fc.oneof(
    { weight: 4, arbitrary: fc.constant("none" as const) },
    { weight: 3, arbitrary: fc.constant("DEFAULT" as const) },
    { weight: 1, arbitrary: fc.constant("MATERIALIZED" as const) },
    { weight: 1, arbitrary: fc.constant("ALIAS" as const) },
  ),
  defaultChoice: fc.nat(40),
  comment,
  codec: fc.nat(12),
  ttl: fc.nat(8),
  values: fc.constantFrom<ValueMode>("tame", "tame", "tameWithNulls", "wild"),
});

const columns = fc.uniqueArray(rawColumn, { minLength: 0, maxLength: 6, selector: (c) => c.name });

export const rawTable: fc.Arbitrary<RawTable> = fc.record({
  timeType: fc.nat(4),
  columns,
  engine: fc.nat(engineChoices),
  key: fc.nat(12),
  primaryLength: fc.nat(3),
  partition: fc.nat(8),
  sample: fc.boolean(),
  ttl: fc.nat(8),
  settings: fc.uniqueArray(fc.nat(11), { maxLength: 3 }),
  comment,
  indexes: rawParts,
  projections: rawParts,
  constraints: rawParts,
});

type Edit = (table: RawTable) => RawTable;

function editColumn(change: fc.Arbitrary<(column: RawColumn) => RawColumn>): fc.Arbitrary<Edit> {
  return fc.tuple(fc.nat(20), change).map(([index, edit]) => (table: RawTable) => ({
    ...table,
    columns: table.columns.map((column, i) => (i === index % table.columns.length ? edit(column) : column)),
  }));
}

function set<K extends keyof RawTable>(key: K, value: fc.Arbitrary<RawTable[K]>): fc.Arbitrary<Edit> {
  return value.map((chosen) => (table: RawTable) => ({ ...table, [key]: chosen }));
}

const addColumn: fc.Arbitrary<Edit> = fc.tuple(fc.nat(8), rawColumn).map(([index, column]) => (table) => {
  if (table.columns.some((known) => known.name === column.name)) return table;
  return { ...table, columns: table.columns.toSpliced(index % (table.columns.length + 1), 0, column) };
});

const dropColumn: fc.Arbitrary<Edit> = fc.nat(8).map((index) => (table) => ({
  ...table,
  columns: table.columns.filter((_, i) => i !== index % Math.max(1, table.columns.length)),
}));

/** One edit; those that need a rebuild are rare, so that most tables with rows can follow. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: addColumn },
  { weight: 5, arbitrary: dropColumn },
  { weight: 8, arbitrary: editColumn(nearType.map((near) => (c) => ({ ...c, type: near(c.type) }))) },
  { weight: 2, arbitrary: editColumn(rawType.map((type) => (c) => ({ ...c, type }))) },
  {
    weight: 5,
    arbitrary: editColumn(
      rawColumn.map(({ defaultKind, defaultChoice }) => (c) => ({ ...c, defaultKind, defaultChoice })),
    ),
  },
  { weight: 2, arbitrary: editColumn(comment.map((text) => (c) => ({ ...c, comment: text }))) },
  { weight: 2, arbitrary: editColumn(fc.nat(12).map((codec) => (c) => ({ ...c, codec }))) },
  { weight: 2, arbitrary: editColumn(fc.nat(8).map((ttl) => (c) => ({ ...c, ttl }))) },
  { weight: 2, arbitrary: set("ttl", fc.nat(8)) },
  { weight: 2, arbitrary: set("settings", fc.uniqueArray(fc.nat(11), { maxLength: 3 })) },
  { weight: 2, arbitrary: set("comment", comment) },
  { weight: 3, arbitrary: set("indexes", rawParts) },
  { weight: 3, arbitrary: set("projections", rawParts) },
  { weight: 2, arbitrary: set("constraints", rawParts) },
  { weight: 1, arbitrary: set("sample", fc.boolean()) },
  { weight: 1, arbitrary: set("timeType", fc.nat(4)) },
  { weight: 1, arbitrary: set("key", fc.nat(12)) },
  { weight: 1, arbitrary: set("partition", fc.nat(8)) },
  { weight: 1, arbitrary: set("engine", fc.nat(engineChoices)) },
);

/** What a run of the property starts from. */
export interface Pair {
  readonly a: RawTable;
  readonly b: RawTable;
  /** Rows of each insert made under `a`; none for an empty table. */
  readonly inserts: readonly number[];
}

const inserts = fc.oneof(
  { weight: 1, arbitrary: fc.constant<number[]>([]) },
  { weight: 4, arbitrary: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }) },
);

/** Mostly a table and the same after some edits, sometimes two that have nothing to do with each other. */
export const pair: fc.Arbitrary<Pair> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(rawTable, fc.array(edit, { minLength: 1, maxLength: 5 }), inserts)
      .map(([a, edits, rows]) => ({ a, b: edits.reduce((table, one) => one(table), a), inserts: rows })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(rawTable, rawTable, inserts).map(([a, b, rows]) => ({ a, b, inserts: rows })),
  },
);

const timeTypes = ["DateTime('UTC')", "Date", "Date32", "DateTime64(3, 'UTC')", "DateTime"];

/** Far enough that no row of 2025 expires, near enough for 32 bits of seconds. */
const ttls = [
  "",
  "",
  "",
  "",
  `\`at\\\`\` + INTERVAL 40 YEAR`,
  `\`at\\\`\` + toIntervalMonth(600)`,
  `\`at\\\`\` + INTERVAL 20000 DAY DELETE`,
  `toDateTime(\`at\\\`\`) + INTERVAL 2600 WEEK`,
  `\`at\\\`\` + INTERVAL 30 YEAR`,
];

const settings: readonly (readonly [string, string])[] = [
  ["ttl_only_drop_parts", "1"],
  ["merge_with_ttl_timeout", "3600"],
  ["min_bytes_for_wide_part", "0"],
  ["index_granularity", "8192"],
  ["max_suspicious_broken_parts", "7"],
  ["ratio_of_defaults_for_sparse_serialization", "0.5"],
  ["min_rows_for_wide_part", "100"],
  ["storage_policy", "default"],
  ["fsync_after_insert", "0"],
  ["merge_with_ttl_timeout", "7200"],
  ["parts_to_throw_insert", "500"],
  ["min_bytes_for_wide_part", "1000000"],
];

const partitions = [
  "",
  "",
  "",
  "",
  "toYYYYMM(`at\\``)",
  "`row id` % 3",
  "(toYear(`at\\``), `row id` % 2)",
  "toStartOfYear(`at\\``)",
  "tuple()",
];

/** The table that the choices stand for, as user code may write it: expressions in any form. */
export function tableOf(choices: RawTable, database: string, name: string): Table {
  const raw = fitting(choices);
  const engine = engineOf(raw.engine);
  const keys = hasParts(engine) ? sortingKeys(raw) : [];
  const primary = hasPrimaryKeyOnly(engine) ? ["`row id`"] : primaryKeys(raw, keys);
  return {
    database,
    name,
    columns: [
      { ...plainColumn(rowId, "UInt32"), comment: "number of the row" },
      plainColumn(at, timeTypes[raw.timeType % timeTypes.length] ?? "Date"),
      ...(/\bsign\b/.test(engine) || isSumming(engine) ? [withDefault(sign, "Int8", "1")] : []),
      ...(/\bgone\b/.test(engine) ? [withDefault(gone, "UInt8", "0")] : []),
      ...raw.columns.map((column) => columnOf(column, raw)),
    ],
    engine,
    orderBy: keys.join(", "),
    primaryKey: primary.join(", "),
    partitionBy: hasParts(engine) ? (partitions[raw.partition % partitions.length] ?? "") : "",
    sampleBy: raw.sample && primary.some(isSample) ? sampleKey : "",
    ttl: ttls[raw.ttl % ttls.length] ?? "",
    indexes: raw.indexes.map((index) => indexOf(index, raw.columns)),
    constraints: raw.constraints.map((constraint) => constraintOf(constraint, raw.columns)),
    projections: raw.projections.map((projection) => projectionOf(projection, raw.columns)),
    settings: {
      ...Object.fromEntries(raw.settings.map((index) => settings[index % settings.length] ?? ["", ""])),
      // Engines that merge rows of one key want to be told what becomes of projections then.
      ...(raw.projections.length > 0 && isMerging(engine)
        ? { deduplicate_merge_projection_mode: "rebuild" }
        : {}),
      ...(keepsStates(raw) && !hasAllInKey(raw) ? { allow_dimensions_outside_sorting_key: "1" } : {}),
    },
    comment: raw.comment,
    lifeCycle: LifeCycle.FULLY_MANAGED,
  };
}

const isSumming = (engine: string) => engine.startsWith("SummingMergeTree");

/** Whose rows of one key become one by way of the states in them. */
const keepsStates = (raw: RawTable) => engineOf(raw.engine) === "AggregatingMergeTree";

/** Beside states an AggregatingMergeTree wants all other columns in its key, or to be told that they need not be. */
const hasAllInKey = (raw: RawTable) => keepsStates(raw) && raw.key % 2 === 1;

const fitsKey = ({ type, defaultKind }: RawColumn) =>
  isPlain(type) && type.family !== "float" && defaultKind !== "ALIAS";

/** Without what the engine does not take. */
function fitting(raw: RawTable): RawTable {
  const engine = engineOf(raw.engine);
  const takes = (column: RawColumn) => {
    const { type } = column;
    if (hasAllInKey(raw) && type.family !== "state" && !fitsKey(column)) return false;
    return takesScalarsOnly(engine) ? isScalar(type) : takesAnyType(engine) || !isDynamic(type);
  };
  const columns = raw.columns.filter(takes).map((column) => fittingColumn(column, engine));
  if (hasParts(engine)) return { ...raw, columns };
  return {
    ...raw,
    columns,
    sample: false,
    ttl: 0,
    settings: [],
    indexes: [],
    projections: [],
    constraints: [],
  };
}

/** Only engines with parts have codecs and TTLs of columns. */
function fittingColumn(column: RawColumn, engine: string): RawColumn {
  return hasParts(engine) ? column : { ...column, codec: 0, ttl: 0 };
}

function withDefault(name: string, type: string, expression: string): Column {
  return { ...plainColumn(name, type), default: { kind: "DEFAULT", expression } };
}

function plainColumn(name: string, type: string): Column {
  return { name, type, default: undefined, comment: "", codec: "", ttl: "" };
}

const sampleKey = "cityHash64(`row id`)";
const isSample = (key: string) => key === sampleKey;

/** Engines that merge rows of one key get the number of the row into it, so that every row stays. */
function sortingKeys(raw: RawTable): readonly string[] {
  const usable = raw.columns.filter(fitsKey);
  if (hasAllInKey(raw))
    return ["`row id`", quoteIdentifier(at), ...usable.map(({ name }) => quoteIdentifier(name))];
  const column = usable[raw.key % Math.max(1, usable.length)];
  const own = column === undefined ? [] : [quoteIdentifier(column.name)];
  const merging = isMerging(engineOf(raw.engine));
  const choices: readonly (readonly string[])[] = [
    ["`row id`"],
    ["`row id`", ...own],
    [...own, "`row id`"],
    ["toDate(`at\\``)", "`row id`"],
    [sampleKey],
    ["`row id`", sampleKey],
    merging ? ["`row id`"] : own,
    merging ? ["`row id`"] : [],
    ["`row id` % 8", "`row id`"],
  ];
  const chosen = choices[raw.key % choices.length] ?? [];
  return merging && !chosen.includes("`row id`") ? [...chosen, "`row id`"] : chosen;
}

function primaryKeys(raw: RawTable, keys: readonly string[]): readonly string[] {
  return raw.primaryLength === 0 || raw.primaryLength >= keys.length
    ? keys
    : keys.slice(0, raw.primaryLength);
}

function columnOf(raw: RawColumn, table: RawTable): Column {
  const stored = raw.defaultKind !== "ALIAS";
  const inKey = sortingKeys(table).includes(quoteIdentifier(raw.name));
  const ttlAllowed = stored && !inKey;
  return {
    name: raw.name,
    type: textOf(raw.type),
    default: defaultOf(raw, table, inKey),
    comment: raw.comment,
    codec: stored ? codecOf(raw) : "",
    ttl: ttlAllowed ? (ttls[raw.ttl % ttls.length] ?? "").replace(" DELETE", "") : "",
  };
}

const generalCodecs = ["", "", "", "", "ZSTD", "ZSTD(3)", "LZ4", "LZ4HC(9)", "NONE"];
const numberCodecs = [...generalCodecs, "Delta, ZSTD", "DoubleDelta, LZ4", "Delta(4), LZ4", "T64, ZSTD(2)"];

function codecOf(raw: RawColumn): string {
  const small = /^(U?Int(8|16|32|64)|INT|BIGINT)$/.test(textOf(raw.type));
  const codecs = small ? numberCodecs : generalCodecs;
  return codecs[raw.codec % codecs.length] ?? "";
}

/** Expressions in forms that the server prints otherwise, and some that name other columns. */
function defaultOf(raw: RawColumn, table: RawTable, inKey: boolean): ColumnDefault | undefined {
  if (raw.defaultKind === "none" || (inKey && raw.defaultKind === "ALIAS")) return undefined;
  const choices = expressionsFor(raw, table);
  return { kind: raw.defaultKind, expression: choices[raw.defaultChoice % choices.length] ?? "" };
}

function expressionsFor(raw: RawColumn, table: RawTable): readonly string[] {
  const type = quoteString(textOf(raw.type));
  const general = [`defaultValueOfTypeName(${type})`];
  if (!isPlain(raw.type) && raw.type.wrap !== "nullable" && !raw.type.wrap.startsWith("lowCardinality")) {
    return general;
  }
  switch (raw.type.family) {
    case "int":
      return [
        ...general,
        "1+1",
        "(1)",
        "if(`row id`>5,1,0)",
        "`row id` BETWEEN 1 AND 3",
        "1::UInt8",
        "length('it''s')",
      ];
    case "float":
      return [...general, "1e3", "`row id`/2", "-0.5"];
    case "decimal":
      return [...general, "3", "`row id` % 7"];
    case "string":
      return [
        ...general,
        "'a'||'b'",
        "LOWER('AB')",
        "CAST(`row id` % 10 AS String)",
        "'\\\\ \\''",
        ...siblings(raw, table),
      ];
    case "time":
      return [...general, "NOW()", "toDate('2024-01-01') + INTERVAL 1 DAY", "`at\\``", "today()"];
    case "enum":
      return [...general, "'2'", "CASE WHEN `row id` = 1 THEN '2' ELSE '3' END"];
    default:
      return general;
  }
}

/** Text that depends on another column, always on one of a lesser name, so that no circle can be. */
function siblings(raw: RawColumn, table: RawTable): readonly string[] {
  if (raw.type.member % families !== 0) return [];
  return table.columns
    .filter((other) => other.name < raw.name && other.type.family !== "state")
    .map((other) => `ifNull(toString(${quoteIdentifier(other.name)}), '')`);
}

/** Only `String` itself takes a text of any length. */
const families = 4;

/** The statements that put the rows of the pair in. */
export function insertsOf(choices: RawTable, table: Table, rows: readonly number[]): readonly string[] {
  if (!givesRows(table.engine)) return [];
  const raw = fitting(choices);
  const given = raw.columns.filter(
    ({ defaultKind }) => defaultKind !== "ALIAS" && defaultKind !== "MATERIALIZED",
  );
  const names = [rowId, at, ...given.map((column) => column.name)].map(quoteIdentifier).join(", ");
  // The generator cannot leave columns out that nobody asks for, so only those that are used are named.
  const structure = given.flatMap((column, i) =>
    isWild(column.type, column.values) ? [`g${i} ${generatedAs(textOf(column.type))}`] : [],
  );
  const timeType = timeTypes[raw.timeType % timeTypes.length] ?? "Date";
  return rows.map((count, part) => {
    const values = [
      `toUInt32(rowNumberInAllBlocks() + ${part * 100})`,
      `CAST(toDateTime('2024-01-05 00:00:00', 'UTC') + rowNumberInAllBlocks() * 3600, ${quoteString(timeType)})`,
      ...given.map((column, i) => valueSql(column.type, column.values, `g${i}`)),
    ];
    const source = `generateRandom(${quoteString((structure.length === 0 ? ["g UInt8"] : structure).join(", "))}, ${part + 1}, 6, 3)`;
    return `INSERT INTO ${quoteIdentifier(table.database)}.${quoteIdentifier(table.name)} (${names}) SELECT ${values.join(", ")} FROM ${source} LIMIT ${count}`;
  });
}

/** The generator would cut Nested into columns of their own. */
function generatedAs(type: string): string {
  return type.startsWith("Nested(") ? `Array(${type.replace("Nested", "Tuple")})` : type;
}
