// The engine of a declared table: its options become ClickHouse's text of it, or it is said what is wrong with them.

import { identifierText, quoteString } from "../sql/quote.js";
import { ClickHouseEngines } from "./engines.js";

type Options = Readonly<Record<string, unknown>>;

/** What an engine is made of, and what is wrong: each problem in a clause, `needs the option sign`. */
export interface EngineText {
  readonly engine: string;
  /** Fields that it names. */
  readonly fields: readonly string[];
  readonly problems: readonly string[];
}

/** @param database - of the table itself */
export function engineText(options: Options, database: string): EngineText {
  const name = options.engine ?? ClickHouseEngines.MergeTree;
  const known = Object.values(ClickHouseEngines).find((engine) => engine === name);
  if (known === undefined) {
    const problems = [`has the engine ${String(name).slice(0, 60)}, which is none of ClickHouseEngines`];
    return { engine: ClickHouseEngines.MergeTree, fields: [], problems };
  }
  const reader = new Reader(options);
  const args = known.endsWith("MergeTree")
    ? treeArguments(known, reader)
    : argumentsOf(known, reader, database);
  const engine = args.length === 0 ? known : `${known}(${args.join(", ")})`;
  return { engine, fields: reader.fields, problems: reader.problems };
}

/** Reads options, noting the fields that they name and what is wrong with them. */
class Reader {
  readonly fields: string[] = [];
  readonly problems: string[] = [];
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  has(name: string): boolean {
    const value = this.#options[name];
    return value !== undefined && value !== null && value !== "";
  }

  plain(name: string): string {
    const value = this.#options[name];
    if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
    this.problems.push(this.has(name) ? `has ${name}, which is no text` : `needs the option ${name}`);
    return "";
  }

  /** As a literal. */
  text(name: string): string {
    return quoteString(this.plain(name));
  }

  textIfGiven(name: string): readonly string[] {
    return this.has(name) ? [this.text(name)] : [];
  }

  number(name: string): string {
    const value = Number(this.#options[name]);
    if (this.has(name) && Number.isInteger(value) && value >= 0) return String(value);
    const says = this.has(name) ? `has ${name}, which is no whole number` : `needs the option ${name}`;
    this.problems.push(says);
    return "0";
  }

  field(name: string): string {
    const field = this.plain(name);
    if (field === "") return "_";
    this.fields.push(field);
    return identifierText(field);
  }

  fieldIfGiven(name: string): readonly string[] {
    return this.has(name) ? [this.field(name)] : [];
  }

  fieldList(name: string): readonly string[] {
    const value = this.#options[name];
    if (!this.has(name)) return [];
    if (Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "")) {
      this.fields.push(...(value as readonly string[]));
      return (value as readonly string[]).map(identifierText);
    }
    this.problems.push(`has ${name}, which is no list of fields`);
    return [];
  }

  /** `1` or `0`. */
  flag(name: string): string {
    const value = String(this.#options[name]).toLowerCase();
    if (!["true", "false", "1", "0"].includes(value))
      this.problems.push(`has ${name}, which is neither true nor false`);
    return value === "true" || value === "1" ? "1" : "0";
  }

  /** One of the words. */
  word(name: string, words: readonly string[]): string {
    const word = this.plain(name).toUpperCase();
    if (word !== "" && !words.includes(word))
      this.problems.push(`has ${name}, which is none of ${words.join(", ")}`);
    return word;
  }

  /** What makes sense only beside another option. */
  needs(name: string, other: string): void {
    if (this.has(name) && !this.has(other)) this.problems.push(`has ${name}, which needs ${other} beside it`);
  }
}

function treeArguments(engine: ClickHouseEngines, reader: Reader): readonly string[] {
  const isReplicated = engine.startsWith("Replicated");
  const own = ownArguments(engine.replace(/^Replicated/, ""), reader);
  if (!isReplicated) return own;
  if (reader.has("keeperPath") !== reader.has("replicaName"))
    reader.problems.push("has only one of keeperPath and replicaName; give both or neither");
  if (reader.has("cluster") && reader.has("keeperPath"))
    reader.problems.push("has a cluster and a keeperPath; on a cluster the server chooses the path");
  return [...reader.textIfGiven("keeperPath"), ...reader.textIfGiven("replicaName"), ...own];
}

function ownArguments(engine: string, reader: Reader): readonly string[] {
  switch (engine) {
    case "ReplacingMergeTree":
      reader.needs("isDeleted", "ver");
      return [...reader.fieldIfGiven("ver"), ...reader.fieldIfGiven("isDeleted")];
    case "SummingMergeTree":
    case "CoalescingMergeTree": {
      const columns = reader.fieldList("columns");
      return columns.length === 0
        ? []
        : [columns.length === 1 ? (columns[0] ?? "") : `(${columns.join(", ")})`];
    }
    case "CollapsingMergeTree":
      return [reader.field("sign")];
    case "VersionedCollapsingMergeTree":
      return [reader.field("sign"), reader.field("ver")];
    case "GraphiteMergeTree":
      return [reader.has("configSection") ? reader.text("configSection") : "'graphite_rollup'"];
    default:
      return [];
  }
}

function argumentsOf(engine: ClickHouseEngines, reader: Reader, database: string): readonly string[] {
  switch (engine) {
    case ClickHouseEngines.S3:
      return [...storeArguments("path", reader), ...s3Extras(reader)];
    case ClickHouseEngines.IcebergS3:
      return storeArguments("path", reader);
    case ClickHouseEngines.S3Queue:
      return storeArguments("s3Path", reader);
    case ClickHouseEngines.Buffer:
      return bufferArguments(reader);
    case ClickHouseEngines.Distributed:
      return distributedArguments(reader);
    case ClickHouseEngines.Kafka:
      return ["brokerList", "topicList", "groupName", "format"].map((name) => reader.text(name));
    case ClickHouseEngines.Merge:
      return [sourceDatabase(reader, database), reader.text("tablesRegexp")];
    case ClickHouseEngines.Join:
      return joinArguments(reader);
    case ClickHouseEngines.EmbeddedRocksDB:
      return reader.has("expireSeconds") ? [reader.number("expireSeconds")] : [];
    default:
      return [];
  }
}

/** `(path, [key id, key | NOSIGN], format, [compression])` */
function storeArguments(path: string, reader: Reader): readonly string[] {
  const credentials = ["awsAccessKeyId", "awsSecretAccessKey"];
  const given = credentials.filter((name) => reader.has(name));
  if (given.length === 1)
    reader.problems.push("has only one of awsAccessKeyId and awsSecretAccessKey; give both or neither");
  return [
    reader.text(path),
    ...(given.length < 2 ? ["NOSIGN"] : credentials.map((name) => reader.text(name))),
    reader.text("format"),
    ...reader.textIfGiven("compression"),
  ];
}

function s3Extras(reader: Reader): readonly string[] {
  const inFile = reader.has("partitionColumnsInDataFile");
  return [
    ...reader.textIfGiven("partitionStrategy").map((text) => `partition_strategy = ${text}`),
    ...(inFile ? [`partition_columns_in_data_file = ${reader.flag("partitionColumnsInDataFile")}`] : []),
  ];
}

function bufferArguments(reader: Reader): readonly string[] {
  const bounds = ["numLayers", "minTime", "maxTime", "minRows", "maxRows", "minBytes", "maxBytes"];
  const flushes = ["flushTime", "flushRows", "flushBytes"];
  reader.needs("flushBytes", "flushRows");
  reader.needs("flushRows", "flushTime");
  const numbers = [...bounds, ...flushes.filter((name) => reader.has(name))];
  return [
    reader.text("targetDatabase"),
    reader.text("targetTable"),
    ...numbers.map((name) => reader.number(name)),
  ];
}

function distributedArguments(reader: Reader): readonly string[] {
  reader.needs("policyName", "shardingKey");
  return [
    ...["cluster", "targetDatabase", "targetTable"].map((name) => reader.text(name)),
    ...(reader.has("shardingKey") ? [reader.plain("shardingKey")] : []),
    ...reader.textIfGiven("policyName"),
  ];
}

function joinArguments(reader: Reader): readonly string[] {
  const keys = reader.fieldList("joinKeys");
  if (keys.length === 0) reader.problems.push("needs the option joinKeys");
  return [
    reader.word("joinStrictness", ["ALL", "ANY", "SEMI", "ANTI"]),
    reader.word("joinType", ["INNER", "LEFT", "RIGHT", "FULL"]),
    ...keys,
  ];
}

/** The server writes the database of the session for `currentDatabase()`; the table's own is meant. */
function sourceDatabase(reader: Reader, database: string): string {
  const source = reader.plain("sourceDatabase");
  if (/^currentDatabase\(\)$/i.test(source)) return quoteString(database);
  return /^REGEXP\s*\(/i.test(source) ? source : quoteString(source);
}
