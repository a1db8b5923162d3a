// The statements that rename, and those of indexes and projections.

import type { Table, TableIndex, TableProjection } from "../infra/table.js";
import { alterTable } from "./alter-table.js";
import { qualifiedName, quoteIdentifier } from "./quote.js";

type TableName = Pick<Table, "database" | "name">;

export function renameTable(table: TableName, to: string): string {
  return `RENAME TABLE ${qualifiedName(table)} TO ${qualifiedName({ ...table, name: to })}`;
}

export function renameColumn(table: TableName, from: string, to: string): string {
  return alterTable(table, `RENAME COLUMN ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`);
}

/** Holds for the rows to come; {@link materializeIndex} makes it for those that are there. */
export function addIndex(table: TableName, { name, expression, type, granularity }: TableIndex): string {
  const definition = `${quoteIdentifier(name)} ${inBrackets(expression)} TYPE ${type} GRANULARITY ${granularity}`;
  return alterTable(table, `ADD INDEX ${definition}`);
}

/** Without brackets the server would take what follows the first comma for another command. */
function inBrackets(expression: string): string {
  return /^\w+$/.test(expression) || /^\(.*\)$/s.test(expression) ? expression : `(${expression})`;
}

export function materializeIndex(table: TableName, index: string): string {
  return alterTable(table, `MATERIALIZE INDEX ${quoteIdentifier(index)}`);
}

export function dropIndex(table: TableName, index: string): string {
  return alterTable(table, `DROP INDEX ${quoteIdentifier(index)}`);
}

/** Holds for the rows to come; {@link materializeProjection} makes it for those that are there. */
export function addProjection(table: TableName, { name, body }: TableProjection): string {
  return alterTable(table, `ADD PROJECTION ${quoteIdentifier(name)} (${body})`);
}

export function materializeProjection(table: TableName, projection: string): string {
  return alterTable(table, `MATERIALIZE PROJECTION ${quoteIdentifier(projection)}`);
}

export function dropProjection(table: TableName, projection: string): string {
  return alterTable(table, `DROP PROJECTION ${quoteIdentifier(projection)}`);
}
