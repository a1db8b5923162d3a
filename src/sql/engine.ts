// What moose knows of table engines: their families, what can be altered under them, and whose rows a table holds.

import { isMarker, isSameLiteral } from "./runtime-variable.js";
import { readType } from "./type-tree.js";

/** `ReplacingMergeTree` of `ReplacingMergeTree(ver)`. */
export function engineName(engine: string): string {
  return readType(engine).name;
}

/** The server puts some names into backticks, that of `Null`. */
export function withBareName(engine: string): string {
  return engine.replace(/^`(\w+)`/, "$1");
}

/** The engines with parts, keys and mutations, replicated ones among them. */
export function isMergeTree(engine: string): boolean {
  return engineName(engine).endsWith("MergeTree");
}

/** Needs a Keeper. */
export function isReplicated(engine: string): boolean {
  return isMergeTree(engine) && engineName(engine).startsWith("Replicated");
}

/**
 * The engine without replication: the first two arguments of a replicated one say where in Keeper it is.
 *
 * @example
 * plainEngine("ReplicatedReplacingMergeTree('/t', '{replica}', ver)") // "ReplacingMergeTree(ver)"
 */
export function plainEngine(engine: string): string {
  const name = engineName(engine);
  const bare = isMergeTree(engine) ? name.replace(/^(?:Replicated|Shared)/, "") : name;
  if (bare === name) return engine;
  const args = keeperArguments(engine).rest;
  return args.length === 0 ? bare : `${bare}(${args.join(", ")})`;
}

/** Arguments of a replicated engine: path and replica, if it names them, and the rest. */
export function keeperArguments(engine: string): {
  readonly keeper: readonly string[];
  readonly rest: readonly string[];
} {
  const { args } = readType(engine);
  const isNamed = args.length >= 2 && args.slice(0, 2).every((arg) => arg.startsWith("'"));
  return { keeper: isNamed ? args.slice(0, 2) : [], rest: isNamed ? args.slice(2) : args };
}

/** Engines that only lead to rows kept elsewhere: dropped and made again, nothing is lost. A Buffer writes out what it holds. */
const leadElsewhere: ReadonlySet<string> = new Set([
  "Buffer",
  "Distributed",
  "IcebergS3",
  "Kafka",
  "Merge",
  "Null",
  "S3",
]);

export function storesRows(engine: string): boolean {
  return !leadElsewhere.has(engineName(engine));
}

/** What ALTER can do to a table of an engine; the comments of tables and columns change under all of them. */
export interface Alterable {
  readonly columns: boolean;
  /** A new type under which not every value stays as it is. */
  readonly conversions: boolean;
  readonly renames: boolean;
  readonly settings: boolean;
  /** TTL, SAMPLE BY, indexes, projections, constraints. */
  readonly parts: boolean;
}

const everything: Alterable = {
  columns: true,
  conversions: true,
  renames: true,
  settings: true,
  parts: true,
};
const nothing: Alterable = {
  columns: false,
  conversions: false,
  renames: false,
  settings: false,
  parts: false,
};

/**
 * As tried on 26.7. A column of a Memory table that is renamed loses its values, so it counts as one that cannot be. Nor
 * does such a table convert values: it reads each as it was once written, whatever types came in between.
 */
const alterable: ReadonlyMap<string, Alterable> = new Map([
  ["Memory", { ...nothing, columns: true, settings: true }],
  ["Null", { ...nothing, columns: true, conversions: true }],
  ["Buffer", { ...nothing, columns: true, conversions: true }],
  ["Merge", { ...nothing, columns: true, conversions: true }],
  ["Distributed", { ...nothing, columns: true, conversions: true }],
  ["S3Queue", { ...nothing, settings: true }],
]);

export function alterableOf(engine: string): Alterable {
  return isMergeTree(engine) ? everything : (alterable.get(engineName(engine)) ?? nothing);
}

/** The server writes this one down by itself, at the first ALTER of a table. */
export function isPresetSetting(engine: string, name: string, value: string): boolean {
  const isPreset = name === "optimize_for_bulk_insert" && (value === "true" || value === "1");
  return isPreset && engineName(engine) === "EmbeddedRocksDB";
}

/** The server prints this for a secret. */
const hidden = "'[HIDDEN]'";

const ofStores: ReadonlySet<string> = new Set(["S3", "S3Queue", "IcebergS3"]);

/**
 * The engine as the server prints it, without the key of an object store: `(path, key id, key, format ..)`. The marker
 * of a variable is no secret.
 */
export function withoutSecrets(engine: string): string {
  const { name, args } = readType(engine);
  const given = args.filter((arg) => !/^\w+ = /.test(arg));
  const hasKeys = ofStores.has(name) && given.length >= 4 && !/^'?NOSIGN'?$/.test(args[1] ?? "");
  return hasKeys && !isMarker(args[2] ?? "") ? `${name}(${args.toSpliced(2, 1, hidden).join(", ")})` : engine;
}

/** The value as the server prints it: not at all where the setting is a secret. */
export function withoutSecret(setting: string, value: string): string {
  return /password|secret/.test(setting) && !isMarker(value) ? hidden.slice(1, -1) : value;
}

/** True when the engine has an argument that the server does not tell. */
export function hidesArguments(engine: string): boolean {
  return engine.includes(hidden) && readType(engine).args.some((arg) => arg.endsWith(hidden));
}

/**
 * `found`, as the server prints it, in the words of `wanted` where they mean the same: secrets that it hides, the
 * place in Keeper that it fills in, the prefix of the engines of ClickHouse Cloud.
 */
export function inWordsOfEngine(found: string, wanted: string): string {
  if (found === wanted) return wanted;
  const [a, b] = [comparable(found, wanted), comparable(wanted, wanted)];
  const isSame = a.name === b.name && a.args.length === b.args.length && a.args.every(isAlike(b.args));
  return isSame ? wanted : found;
}

function isAlike(wanted: readonly string[]): (arg: string, index: number) => boolean {
  return (arg, index) => {
    const other = wanted[index] ?? "";
    if (unbracketed(arg) === unbracketed(other) || isSameLiteral(arg, other)) return true;
    // `NOSIGN` is a word of its own, and printed as text.
    if (arg === `'${other}'` && /^\w+$/.test(other)) return true;
    return arg.endsWith(hidden) && other.startsWith(arg.slice(0, -hidden.length));
  };
}

/** A list of one column is that column, as in `SummingMergeTree((n))`. */
function unbracketed(arg: string): string {
  return arg.replace(/^\((\w+|`[^`]+`)\)$/, "$1");
}

function comparable(engine: string, wanted: string): { name: string; args: readonly string[] } {
  const { args } = readType(engine);
  const name = engineName(engine);
  if (!isMergeTree(engine)) return { name, args };
  const { keeper, rest } = keeperArguments(engine);
  const namesKeeper = keeperArguments(wanted).keeper.length > 0;
  // A server of ClickHouse Cloud makes its own engine of each.
  if (name.startsWith("Shared")) {
    const isTwin = engineName(plainEngine(engine)) === engineName(plainEngine(wanted));
    return { name: isTwin ? engineName(wanted) : name, args: [...keeperArguments(wanted).keeper, ...rest] };
  }
  return isReplicated(engine) && !namesKeeper ? { name, args: rest } : { name, args: [...keeper, ...rest] };
}
