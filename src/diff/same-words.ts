// Code that says the same in other words: where the server prints both alike, the words that were there before are kept.

import type { Column, Table } from "../infra/table.js";

/** The same table twice: in its own words, and as the server prints it. */
export interface PrintedTable {
  readonly own: Table;
  readonly printed: Table;
}

/** `wanted` with every text that means what `known` says in the words of `known`. */
export function inWordsOf(known: PrintedTable, wanted: PrintedTable): Table {
  const text = (key: "engine" | "orderBy" | "primaryKey" | "partitionBy" | "sampleBy" | "ttl"): string =>
    known.printed[key] === wanted.printed[key] ? known.own[key] : wanted.own[key];
  return {
    ...wanted.own,
    columns: wanted.own.columns.map((column) => columnInWordsOf(column, known, wanted)),
    engine: text("engine"),
    orderBy: text("orderBy"),
    primaryKey: text("primaryKey"),
    partitionBy: text("partitionBy"),
    sampleBy: text("sampleBy"),
    ttl: text("ttl"),
    indexes: wanted.own.indexes.map((index) => partInWordsOf(index, "indexes", known, wanted)),
    constraints: wanted.own.constraints.map((part) => partInWordsOf(part, "constraints", known, wanted)),
    projections: wanted.own.projections.map((part) => partInWordsOf(part, "projections", known, wanted)),
  };
}

function columnInWordsOf(own: Column, known: PrintedTable, wanted: PrintedTable): Column {
  const oldName = [own.name, own.renamedFrom].find((name) => columnOf(known.own, name) !== undefined);
  const before = columnOf(known.own, oldName);
  const [was, is] = [columnOf(known.printed, oldName), columnOf(wanted.printed, own.name)];
  if (before === undefined || was === undefined || is === undefined) return own;
  const hasSameDefault =
    was.default?.kind === is.default?.kind && was.default?.expression === is.default?.expression;
  return {
    ...own,
    type: was.type === is.type ? before.type : own.type,
    default: hasSameDefault ? before.default : own.default,
    ttl: was.ttl === is.ttl ? before.ttl : own.ttl,
  };
}

function columnOf({ columns }: Table, name: string | undefined): Column | undefined {
  return columns.find((column) => column.name === name);
}

function partInWordsOf<K extends "indexes" | "projections" | "constraints">(
  own: Table[K][number],
  kind: K,
  known: PrintedTable,
  wanted: PrintedTable,
): Table[K][number] {
  const named = (table: Table) => table[kind].find(({ name }) => name === own.name);
  const [before, was, is] = [named(known.own), named(known.printed), named(wanted.printed)];
  if (before === undefined || was === undefined || is === undefined) return own;
  return JSON.stringify(was) === JSON.stringify(is) ? before : own;
}
