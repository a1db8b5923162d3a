// Tables that exist become the TypeScript that declares them.

import type { Column, Table } from "../infra/table.js";
import { splitTopLevel } from "../sql/scan.js";
import { isNullable, readType } from "../sql/type-tree.js";
import { unescaped } from "../sql/unescape.js";
import { ClickHouseEngines } from "./engines.js";
import { writeType } from "./write-types.js";

export interface WrittenModels {
  readonly text: string;
  /** What could not be written, one sentence each. */
  readonly omitted: readonly string[];
}

export interface ModelOptions {
  /** Tables of it name no database. */
  readonly database: string;
  /** First lines of the file, as comments. */
  readonly head: readonly string[];
}

/** One interface and one OlapTable for each table, which are managed elsewhere. */
export function writeModels(tables: readonly Table[], { database, head }: ModelOptions): WrittenModels {
  const omitted: string[] = [];
  const imports = new Set(["LifeCycle", "OlapTable"]);
  const names = new Set<string>();
  const models = tables.flatMap((table) => {
    const engine = engineOptions(table.engine);
    if (typeof engine === "string") {
      omitted.push(`table ${table.name}: ${engine}`);
      return [];
    }
    const name = freeName(pascal(table.name), names);
    names.add(name);
    const columns = table.columns.map((column) => columnText(table, column, imports, omitted));
    const options = { ...engine, ...tableOptions(table, database, engine.engine) };
    if (engine.engine !== undefined) imports.add("ClickHouseEngines");
    return [
      `export interface ${name} {\n${columns.join("")}}\n`,
      `export const ${name}Table = new OlapTable<${name}>(${JSON.stringify(table.name)}, {\n${optionLines(options)}});\n`,
    ];
  });
  const list = [...imports].sort().join(",\n  ");
  const lines = head.map((line) => `// ${line}\n`).join("");
  return {
    text: `${lines}\nimport {\n  ${list},\n} from "@514labs/moose-lib";\n\n${models.join("\n")}`,
    omitted,
  };
}

function columnText(table: Table, column: Column, imports: Set<string>, omitted: string[]): string {
  const written = writeType(column.type);
  for (const name of written.names) imports.add(name);
  const tags = [
    ...modifier(column, imports, () => omitted.push(`column ${column.name} of ${table.name}: EPHEMERAL`)),
    ...tag("ClickHouseTTL", column.ttl, imports),
    ...tag("ClickHouseCodec", column.codec, imports),
  ];
  const isDoc = column.comment !== "" && !/\*\/|[@{}\n\r]|^\s|\s$|^\*/.test(column.comment);
  if (column.comment !== "" && !isDoc) {
    imports.add("tags");
    tags.push(`tags.Comment<${JSON.stringify(column.comment)}>`);
  }
  const base = [written.text, ...tags].join(" & ");
  const type = written.nullable ? `(${base}) | null` : base;
  const key = /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(column.name) ? column.name : JSON.stringify(column.name);
  return `${isDoc ? `  /** ${column.comment} */\n` : ""}  ${key}: ${type};\n`;
}

function modifier({ default: value }: Column, imports: Set<string>, omit: () => void): readonly string[] {
  if (value === undefined) return [];
  switch (value.kind) {
    case "DEFAULT":
      return tag("ClickHouseDefault", value.expression, imports);
    case "MATERIALIZED":
      return tag("ClickHouseMaterialized", value.expression, imports);
    case "ALIAS":
      return tag("ClickHouseAlias", value.expression, imports);
    case "EPHEMERAL":
      omit();
      return [];
  }
}

function tag(name: string, text: string, imports: Set<string>): readonly string[] {
  if (text === "") return [];
  imports.add(name);
  return [`${name}<${JSON.stringify(text)}>`];
}

type Options = Readonly<Record<string, unknown>>;

/** The options that stand for an engine, or why there are none. */
function engineOptions(text: string): (Options & { readonly engine: string | undefined }) | string {
  const { name, args } = readType(text);
  const engine = Object.values(ClickHouseEngines).find((one) => one === name.replaceAll("`", ""));
  if (engine === undefined) return `the engine ${name} has no options in the library`;
  const fields = args.map(fieldOf);
  switch (name.replaceAll("`", "")) {
    case "MergeTree":
      return { engine: undefined };
    case "AggregatingMergeTree":
    case "Null":
    case "Memory":
    case "Log":
    case "TinyLog":
    case "StripeLog":
    case "Set":
      return args.length === 0 ? { engine } : `its engine is ${text}`;
    case "ReplacingMergeTree":
      return { engine, ver: fields[0], isDeleted: fields[1] };
    case "SummingMergeTree":
    case "CoalescingMergeTree":
      return { engine, columns: args.length === 0 ? undefined : listOfFields(args) };
    case "CollapsingMergeTree":
      return { engine, sign: fields[0] };
    case "VersionedCollapsingMergeTree":
      return { engine, sign: fields[0], ver: fields[1] };
    case "Join":
      return { engine, joinStrictness: fields[0], joinType: fields[1], joinKeys: fields.slice(2) };
    case "EmbeddedRocksDB":
      return args.length > 1
        ? `its engine is ${text}`
        : { engine, expireSeconds: args[0] === undefined ? undefined : Number(args[0]) };
    default:
      return `its engine is ${name}, whose options cannot be read back`;
  }
}

function listOfFields(args: readonly string[]): readonly string[] {
  return args.flatMap((arg) => splitTopLevel(arg.replace(/^\((.*)\)$/s, "$1")).map(fieldOf));
}

function fieldOf(text: string): string {
  return text.startsWith("`") ? unescaped(text.slice(1, -1)) : text;
}

function tableOptions(table: Table, database: string, engine: string | undefined): Options {
  const isTree = engine === undefined || engine.endsWith("MergeTree");
  return {
    ...(isTree ? sorting(table) : {}),
    ...(engine === "EmbeddedRocksDB" || (isTree && table.primaryKey !== table.orderBy)
      ? { primaryKeyExpression: bracketed(table.primaryKey) }
      : {}),
    partitionBy: bracketed(table.partitionBy) || undefined,
    sampleByExpression: table.sampleBy || undefined,
    ttl: table.ttl || undefined,
    indexes: table.indexes.length === 0 ? undefined : table.indexes,
    projections: table.projections.length === 0 ? undefined : table.projections,
    constraints:
      table.constraints.length === 0
        ? undefined
        : table.constraints.map(({ name, kind, expression }) => ({ name, expression, type: kind })),
    settings: Object.keys(table.settings).length === 0 ? undefined : table.settings,
    comment: table.comment || undefined,
    database: table.database === database ? undefined : table.database,
  };
}

function sorting({ orderBy, columns }: Table): Options {
  const parts = splitTopLevel(orderBy);
  const fields = parts.map(fieldOf);
  const isList = fields.every((field) =>
    columns.some(({ name, type }) => name === field && !isNullable(type)),
  );
  if (parts.length > 0 && isList) return { orderByFields: fields };
  return { orderByExpression: parts.length === 0 ? "tuple()" : `(${orderBy})` };
}

function bracketed(list: string): string {
  return splitTopLevel(list).length > 1 ? `(${list})` : list;
}

function optionLines(options: Options): string {
  const lines = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = name === "engine" ? `ClickHouseEngines.${String(value)}` : JSON.stringify(value);
    return [`  ${name}: ${text},\n`];
  });
  return [...lines, "  lifeCycle: LifeCycle.EXTERNALLY_MANAGED,\n"].join("");
}

/** A name in the form of a type. */
export function pascal(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const text = words.map((word) => (word[0] ?? "").toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z]/.test(text) ? text : `T${text}`;
}

/** Names of the library, and of JavaScript, that an interface must not hide. */
const taken = new Set([
  "OlapTable",
  "Stream",
  "LifeCycle",
  "ClickHouseEngines",
  "Date",
  "Record",
  "Decimal",
  "Time",
  "UUID",
  "IPv4",
  "IPv6",
]);

/** @param ending - of the constants that are declared beside the types, which must not meet one of these */
export function freeName(name: string, used: ReadonlySet<string>, ending = "Table"): string {
  const isFree = (text: string) =>
    !taken.has(text) &&
    ![...used].some((one) => one === text || `${one}${ending}` === text || one === `${text}${ending}`);
  let free = name;
  for (let n = 2; !isFree(free); n++) free = `${name}${n}`;
  return free;
}
