// Differences that a project leaves alone: what the code wants there is taken to be what is there.

import type { Address } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import type { Column, Table } from "../infra/table.js";
import { renamedTable } from "./renames.js";

/** By the names of `migration_config.ignore_operations`, which are those of the existing tool. */
export const ignorableDifferences = [
  "ModifyTableTtl",
  "ModifyColumnTtl",
  "ModifyPartitionBy",
  "IgnoreStringLowCardinalityDifferences",
] as const;

export type IgnoredDifference = (typeof ignorableDifferences)[number];

export function isIgnorable(name: string): name is IgnoredDifference {
  return ignorableDifferences.some((one) => one === name);
}

/** `wanted`, with what it says of tables that exist in `found` replaced by what they have, as far as it is ignored. */
export function leavingAlone(
  wanted: InfraMap,
  found: Pick<InfraMap, "tables">,
  ignored: readonly IgnoredDifference[],
): InfraMap {
  if (ignored.length === 0) return wanted;
  const before = { ...wanted, tables: found.tables };
  const tables = [...wanted.tables].map(([address, table]): [Address, Table] => {
    const old = found.tables.get(address) ?? renamedTable(table, before, wanted);
    return [address, old === undefined ? table : leftAlone(table, old, new Set(ignored))];
  });
  return { ...wanted, tables: new Map(tables) };
}

function leftAlone(wanted: Table, found: Table, ignored: ReadonlySet<IgnoredDifference>): Table {
  return {
    ...wanted,
    ttl: ignored.has("ModifyTableTtl") ? found.ttl : wanted.ttl,
    partitionBy: ignored.has("ModifyPartitionBy") ? found.partitionBy : wanted.partitionBy,
    columns: wanted.columns.map((column) => {
      const old = columnOf(found, column.name) ?? columnOf(found, column.renamedFrom);
      return old === undefined ? column : columnLeftAlone(column, old, ignored);
    }),
  };
}

function columnOf({ columns }: Table, name: string | undefined): Column | undefined {
  return columns.find((column) => column.name === name);
}

function columnLeftAlone(wanted: Column, found: Column, ignored: ReadonlySet<IgnoredDifference>): Column {
  const isSameText =
    ignored.has("IgnoreStringLowCardinalityDifferences") &&
    plainStrings(found.type) === plainStrings(wanted.type);
  return {
    ...wanted,
    ttl: ignored.has("ModifyColumnTtl") ? found.ttl : wanted.ttl,
    type: isSameText ? found.type : wanted.type,
  };
}

function plainStrings(type: string): string {
  return type.replace(/\bLowCardinality\((String|Nullable\(String\))\)/g, "$1");
}
