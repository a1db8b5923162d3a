// A table as Moose's JSON has it, and back.

import { LifeCycle } from "../infra/lifecycle.js";
import { sha256 } from "../infra/sha256.js";
import type { Column, Table, TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import { withoutSecret, withoutSecrets } from "../sql/engine.js";
import { identifierText } from "../sql/quote.js";
import { bracketed, splitTopLevel, unwrapTuple } from "../sql/scan.js";
import { unescaped } from "../sql/unescape.js";
import {
  checkExpression,
  readCluster,
  readDatabase,
  readExpression,
  readIdentifier,
  readName,
} from "./checked.js";
import { readColumn, readIsKey, writeColumn } from "./column-json.js";
import { readEngine } from "./engine-json.js";
import { type PlainObject, type PlainValue, type Spot, sortedKeys } from "./value.js";

/** @param defaultDatabase - tables of it name no database, as those of the existing tool */
export function writeTable(table: Table, defaultDatabase: string): PlainObject {
  const flagged = flaggedKeys(table);
  // A file is for many eyes.
  const settings = Object.fromEntries(
    Object.entries(table.settings).map(([name, value]) => [name, withoutSecret(name, value)]),
  );
  const optional = {
    ...(table.database === defaultDatabase ? {} : { database: table.database }),
    ...(flagged === undefined ? { primary_key_expression: tupleOf(table.primaryKey) } : {}),
    ...(table.partitionBy === "" ? {} : { partition_by: tupleOfSeveral(table.partitionBy) }),
    ...(table.sampleBy === "" ? {} : { sample_by: table.sampleBy }),
    ...(table.ttl === "" ? {} : { table_ttl_setting: table.ttl }),
    ...(table.comment === "" ? {} : { comment: table.comment }),
    ...(table.cluster === undefined ? {} : { cluster_name: table.cluster }),
    ...(/^\w+$/.test(table.engine) ? { engine_params_hash: sha256(table.engine) } : {}),
    ...(Object.keys(settings).length > 0
      ? { table_settings: settings, table_settings_hash: settingsHash(settings) }
      : {}),
  };
  return sortedKeys({
    columns: table.columns.map((column) => writeColumn(column, flagged?.includes(column.name) ?? false)),
    constraints: table.constraints.map(writeConstraint),
    engine: withoutSecrets(table.engine),
    indexes: table.indexes.map(writeIndex),
    life_cycle: table.lifeCycle,
    metadata: table.place === undefined ? null : { description: null, source: { file: table.place.file } },
    name: table.name,
    order_by: orderByJson(table.orderBy),
    projections: table.projections.map(({ name, body }) => ({ name, body })),
    source_primitive: { name: table.name, primitive_type: "DataModel" },
    version: null,
    ...optional,
  }) as PlainObject;
}

/** A list of names where the key is one, otherwise its expression. */
function orderByJson(orderBy: string): PlainValue {
  const names = namesOf(orderBy);
  return names !== undefined && names.length > 0 ? names : tupleOf(orderBy);
}

/** The names that a list consists of; undefined where it has other expressions. */
function namesOf(list: string): readonly string[] | undefined {
  const names = splitTopLevel(list).map((part) => {
    if (/^[A-Za-z_]\w*$/.test(part)) return part;
    return /^`(?:\\.|[^`\\])*`$/s.test(part) ? unescaped(part.slice(1, -1)) : "";
  });
  return !names.includes("") && names.map(identifierText).join(", ") === list ? names : undefined;
}

/** Names to be marked as of the primary key; undefined where an expression has to tell the key. */
function flaggedKeys(table: Table): readonly string[] | undefined {
  const names = namesOf(table.primaryKey);
  if (
    names !== undefined &&
    listOf(table.columns.filter(({ name }) => names.includes(name))) === table.primaryKey
  ) {
    if (names.length > 0 || table.orderBy === "") return names;
  }
  return table.primaryKey === table.orderBy ? [] : undefined;
}

function listOf(columns: readonly Column[]): string {
  return columns.map(({ name }) => identifierText(name)).join(", ");
}

function tupleOf(list: string): string {
  return list === "" ? "tuple()" : tupleOfSeveral(list);
}

function tupleOfSeveral(list: string): string {
  return splitTopLevel(list).length > 1 ? `(${list})` : list;
}

export function writeIndex({ name, expression, type, granularity }: TableIndex): PlainObject {
  const open = type.indexOf("(");
  const args = open < 0 ? [] : splitTopLevel(bracketed(type, open).inside);
  const bare = open < 0 ? type : type.slice(0, open);
  const exact = typeWith(bare, args) === type;
  return { arguments: exact ? args : [], expression, granularity, name, type: exact ? bare : type };
}

function typeWith(name: string, args: readonly string[]): string {
  return args.length === 0 ? name : `${name}(${args.join(", ")})`;
}

/** As the existing tool makes it of settings, found by trying. */
function settingsHash(settings: Readonly<Record<string, string>>): string {
  const names = Object.keys(settings).sort();
  return sha256(names.map((name) => `${name}:${settings[name]};`).join(""));
}

export function readTable(spot: Spot, defaultDatabase: string): Table {
  const name = readTableName(spot);
  const title = name === "" ? "a table" : `table ${name.slice(0, 60)}`;
  return spot.problems.about(title, () => readNamedTable(spot, name, defaultDatabase));
}

function readNamedTable(spot: Spot, name: string, defaultDatabase: string): Table {
  const columns = spot.field("columns").list();
  const keys = columns.filter((column) => readIsKey(column));
  const database = readDatabase(spot.field("database"), defaultDatabase);
  const table = {
    database,
    name,
    columns: columns.map(readColumn),
    engine: readEngine(spot.field("engine"), database),
    partitionBy: readList(spot.field("partition_by")),
    sampleBy: readExpression(spot.field("sample_by")),
    ttl: readExpression(spot.field("table_ttl_setting"), true),
    indexes: spot.field("indexes").optionalList().map(readIndex),
    projections: spot.field("projections").optionalList().map(readProjection),
    constraints: spot.field("constraints").optionalList().map(readConstraint),
    settings: readSettings(spot.field("table_settings")),
    comment: spot.field("comment").optionalText(),
    lifeCycle: readLifeCycle(spot.field("life_cycle")),
  };
  const cluster = readCluster(spot.field("cluster_name"));
  refuseDoubles(spot, table);
  const flagged = keys.map((column) => readIdentifier(column.field("name"))).join(", ");
  const orderBy = readOrderBy(spot.field("order_by"), flagged);
  const expression = spot.field("primary_key_expression");
  const primaryKey = expression.isAbsent ? flagged || orderBy : readList(expression);
  return { ...table, ...(cluster === undefined ? {} : { cluster }), orderBy, primaryKey };
}

/** The existing tool keeps a version beside the name, and has it in the name of the table in ClickHouse. */
function readTableName(spot: Spot): string {
  const name = readName(spot.field("name"));
  const version = spot.field("version").optionalText();
  const suffix = `_${version.replaceAll(".", "_")}`;
  return version === "" || name.endsWith(suffix) ? name : `${name}${suffix}`;
}

/** Without a sorting key of its own the table is sorted by the columns that are marked as its key. */
function readOrderBy(spot: Spot, flagged: string): string {
  if (typeof spot.value === "string") return readList(spot);
  const names = spot.optionalList().map(readIdentifier);
  return names.length === 0 ? flagged : names.join(", ");
}

function readList(spot: Spot): string {
  return unwrapTuple(readExpression(spot, true));
}

export function readSettings(spot: Spot): Readonly<Record<string, string>> {
  if (spot.isAbsent) return {};
  const entries = spot.fields().map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name))
      value.problem("format/bad-name", `${value.name} is no name of a setting`);
    return [name, value.text()] as const;
  });
  return Object.fromEntries(entries);
}

export function readIndex(spot: Spot): TableIndex {
  const type = spot.field("type").isAbsent ? spot.field("index_type") : spot.field("type");
  const name = type.text();
  const args = spot
    .field("arguments")
    .optionalList()
    .map((one) => one.text());
  const whole = typeWith(name, args);
  checkExpression(type, whole);
  const expression = spot.field("expression");
  const text = expression.text();
  checkExpression(expression, text, true);
  const granularity = spot.field("granularity");
  return {
    name: readName(spot.field("name")),
    expression: tupleOfSeveral(text),
    type: whole,
    granularity: granularity.isAbsent ? 1 : granularity.wholeNumber(1, 1_000_000_000),
  };
}

export function readProjection(spot: Spot): TableProjection {
  const body = spot.field("body");
  checkExpression(body, body.text(), true);
  return { name: readName(spot.field("name")), body: body.text() };
}

function readLifeCycle(spot: Spot): LifeCycle {
  if (spot.isAbsent) return LifeCycle.FULLY_MANAGED;
  const known = Object.values(LifeCycle).find((lifeCycle) => lifeCycle === spot.value);
  return known ?? spot.wrong(`one of ${Object.values(LifeCycle).join(", ")}`, LifeCycle.FULLY_MANAGED);
}

export function writeConstraint({ name, kind, expression }: TableConstraint): PlainObject {
  return { expression, name, type: kind };
}

export function readConstraint(spot: Spot): TableConstraint {
  const expression = spot.field("expression");
  const text = expression.text();
  checkExpression(expression, text);
  const type = spot.field("type");
  const isAssumed = !type.isAbsent && type.value === "ASSUME";
  if (!type.isAbsent && !isAssumed && type.value !== "CHECK") type.wrong("CHECK or ASSUME", "CHECK");
  return { name: readName(spot.field("name")), kind: isAssumed ? "ASSUME" : "CHECK", expression: text };
}

function refuseDoubles(
  spot: Spot,
  table: Pick<Table, "columns" | "indexes" | "projections" | "constraints">,
): void {
  for (const part of ["columns", "indexes", "projections", "constraints"] as const) {
    const names = table[part].map(({ name }) => name);
    const double = names.find((name, index) => names.indexOf(name) !== index);
    if (double !== undefined) spot.field(part).problem("format/double-name", `${part} has ${double} twice`);
  }
  if (table.columns.length === 0) spot.field("columns").problem("format/no-columns", "columns is empty");
}
