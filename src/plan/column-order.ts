// The order in which columns that depend on each other are added and dropped.

import type { Column } from "../infra/table.js";
import { mentions } from "../sql/mentions.js";

/** True when the value or the expiry of `column` is computed from the column named `other`. */
export function dependsOn(column: Column, other: string): boolean {
  if (column.name === other) return false;
  return [column.default?.expression ?? "", column.ttl].some((expression) => mentions(expression, other));
}

/** The columns with each behind those that it depends on; their order otherwise stays. */
export function dependenciesFirst(columns: readonly Column[]): readonly Column[] {
  const ordered: Column[] = [];
  const entered = new Set<string>();
  const visit = (column: Column): void => {
    if (entered.has(column.name)) return;
    entered.add(column.name);
    for (const other of columns) if (dependsOn(column, other.name)) visit(other);
    ordered.push(column);
  };
  for (const column of columns) visit(column);
  return ordered;
}

/** The column that a new one stands behind: the nearest before it in `wanted` that is there; undefined for none. */
export function neighbour(
  column: string,
  wanted: readonly Column[],
  present: ReadonlySet<string>,
): string | undefined {
  const index = wanted.findIndex(({ name }) => name === column);
  return wanted.slice(0, Math.max(0, index)).findLast(({ name }) => present.has(name))?.name;
}
