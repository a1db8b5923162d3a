// Differences of a table that ClickHouse cannot alter in place: keys, partitioning, engine, fixed settings.

import { sameColumns } from "../infra/same.js";
import type { Column, Table } from "../infra/table.js";
import { isWidening } from "../sql/conversion.js";
import { inWordsOfEngine } from "../sql/engine.js";
import { mentions } from "../sql/mentions.js";
import { enumMembers, readType } from "../sql/type-tree.js";
import type { LayoutAspect, LayoutDifference } from "./change.js";
import { isStored } from "./diff-columns.js";

/** Settings that the server refuses to alter, with the value that it has where a table names none. */
const fixedSettingDefaults: Readonly<Record<string, string>> = {
  index_granularity: "8192",
  index_granularity_bytes: "10485760",
  enable_mixed_granularity_parts: "1",
  add_minmax_index_for_numeric_columns: "0",
  add_minmax_index_for_string_columns: "0",
  table_disk: "0",
};

/** True for a setting that can only be given when the table is made. */
export function isFixedSetting(name: string): boolean {
  return name in fixedSettingDefaults;
}

export function layoutDifferences(before: Table, after: Table): readonly LayoutDifference[] {
  const compared: readonly (readonly [LayoutAspect, string, string])[] = [
    ["engine", inWordsOfEngine(before.engine, after.engine), after.engine],
    ["ORDER BY", before.orderBy, after.orderBy],
    ["PRIMARY KEY", before.primaryKey, after.primaryKey],
    ["PARTITION BY", before.partitionBy, after.partitionBy],
    ...fixedSettingPairs(before, after),
  ];
  const differing = compared
    // A primary key that only follows the sorting key is no reason of its own.
    .filter(([aspect]) => aspect !== "PRIMARY KEY" || !followsSortingKey(before, after))
    .filter(([, from, to]) => from !== to)
    .map(([aspect, from, to]) => ({ aspect, before: from, after: to }));
  return [...differing, ...keyColumnDifferences(before, after)];
}

function followsSortingKey(before: Table, after: Table): boolean {
  return before.primaryKey === before.orderBy && after.primaryKey === after.orderBy;
}

function fixedSettingPairs(
  before: Table,
  after: Table,
): readonly (readonly [LayoutAspect, string, string])[] {
  return Object.entries(fixedSettingDefaults).map(([name, fallback]) => [
    "fixed setting",
    `${name} = ${before.settings[name] ?? fallback}`,
    `${name} = ${after.settings[name] ?? fallback}`,
  ]);
}

/** Columns of a key that change in type, or are stored no more: refused (524, 47), but for an Enum that only gets more members. */
function keyColumnDifferences(before: Table, after: Table): readonly LayoutDifference[] {
  if (sameColumns(before.columns, after.columns)) return [];
  return before.columns.flatMap((from) => {
    const to = after.columns.find((column) => column.name === from.name);
    if (to === undefined || (from.type === to.type && isStored(from) === isStored(to))) return [];
    if (!isKeyColumn(before, from)) return [];
    if (isStored(to) && isGrowingEnum(from.type, to.type)) return [];
    return [{ aspect: "key column" as const, before: describe(from), after: describe(to) }];
  });
}

/** More members under the same width: the values on disk stay as they are, and so does their order. */
function isGrowingEnum(from: string, to: string): boolean {
  const isEnum = enumMembers(from) !== undefined && enumMembers(to) !== undefined;
  return isEnum && readType(from).name === readType(to).name && isWidening(from, to);
}

function describe(column: Column): string {
  return [column.name, column.type, ...(isStored(column) ? [] : [column.default?.kind])].join(" ");
}

/** True when an expression that the parts on disk are laid out by names the column. */
export function isKeyColumn(table: Table, column: Column): boolean {
  return [table.orderBy, table.primaryKey, table.partitionBy, table.sampleBy, table.engine].some(
    (expression) => mentions(expression, column.name),
  );
}
