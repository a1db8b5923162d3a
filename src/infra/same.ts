// Whether two tables or columns are the same, but for the places where code declares them.

import type { Column, Table } from "./table.js";

export function sameColumn(a: Column, b: Column): boolean {
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.default?.kind === b.default?.kind &&
    a.default?.expression === b.default?.expression &&
    a.comment === b.comment &&
    a.codec === b.codec &&
    a.ttl === b.ttl
  );
}

const texts = [
  "database",
  "name",
  "engine",
  "orderBy",
  "primaryKey",
  "partitionBy",
  "sampleBy",
  "ttl",
  "comment",
] as const;

/** The lifecycle is no property of the table in ClickHouse, and is left out. */
export function sameTable(a: Table, b: Table): boolean {
  return (
    texts.every((text) => a[text] === b[text]) &&
    sameTexts(a.settings, b.settings) &&
    sameColumns(a.columns, b.columns) &&
    sameList(a.indexes, b.indexes, (one, other) => sameTexts({ ...one }, { ...other })) &&
    sameList(a.constraints, b.constraints, (one, other) => sameTexts({ ...one }, { ...other })) &&
    sameList(a.projections, b.projections, (one, other) => one.name === other.name && one.body === other.body)
  );
}

/** The same columns in the same order. */
export function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
  return sameList(a, b, sameColumn);
}

/** The same values under the same keys. */
export function sameTexts(
  a: Readonly<Record<string, string | number>>,
  b: Readonly<Record<string, string | number>>,
): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((one, index) => b[index] !== undefined && same(one, b[index]));
}
