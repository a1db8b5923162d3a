// The ALTER TABLE statements, one function a form.

import type { Column, Table, TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import { columnDefinition } from "./column.js";
import { settingList } from "./create-table.js";
import { qualifiedName, quoteIdentifier, quoteString, statementName } from "./quote.js";
import { constraintDefinition, indexDefinition, projectionDefinition } from "./table-parts.js";

type TableName = Pick<Table, "database" | "name" | "cluster">;

/** What `MODIFY COLUMN .. REMOVE` takes away. */
export type RemovableProperty = "DEFAULT" | "MATERIALIZED" | "ALIAS" | "CODEC" | "TTL" | "COMMENT";

export function alterTable(table: TableName, command: string): string {
  return `ALTER TABLE ${statementName(table)} ${command}`;
}

/** `after` is the column that the new one stands behind; undefined puts it first. */
export function addColumn(table: TableName, column: Column, after: string | undefined): string {
  const place = after === undefined ? "FIRST" : `AFTER ${quoteIdentifier(after)}`;
  return alterTable(table, `ADD COLUMN ${columnDefinition(column)} ${place}`);
}

export function dropColumn(table: TableName, column: string): string {
  return alterTable(table, `DROP COLUMN ${quoteIdentifier(column)}`);
}

/** Sets what the definition names; what it leaves out stays as it is. */
export function modifyColumn(table: TableName, column: Column): string {
  return alterTable(table, `MODIFY COLUMN ${columnDefinition(column)}`);
}

export function removeColumnProperty(table: TableName, column: string, property: RemovableProperty): string {
  return alterTable(table, `MODIFY COLUMN ${quoteIdentifier(column)} REMOVE ${property}`);
}

export function commentColumn(table: TableName, column: string, comment: string): string {
  return alterTable(table, `COMMENT COLUMN ${quoteIdentifier(column)} ${quoteString(comment)}`);
}

export function modifyTtl(table: TableName, ttl: string): string {
  return alterTable(table, ttl === "" ? "REMOVE TTL" : `MODIFY TTL ${ttl}`);
}

export function modifySampleBy(table: TableName, sampleBy: string): string {
  return alterTable(table, sampleBy === "" ? "REMOVE SAMPLE BY" : `MODIFY SAMPLE BY ${sampleBy}`);
}

export function modifyComment(table: TableName, comment: string): string {
  return alterTable(table, `MODIFY COMMENT ${quoteString(comment)}`);
}

export function modifySettings(table: TableName, settings: Readonly<Record<string, string>>): string {
  return alterTable(table, `MODIFY SETTING ${settingList(settings)}`);
}

export function resetSettings(table: TableName, names: readonly string[]): string {
  return alterTable(table, `RESET SETTING ${[...names].sort().join(", ")}`);
}

export function renameColumn(table: TableName, from: string, to: string): string {
  return alterTable(table, `RENAME COLUMN ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`);
}

/** Holds for the rows to come; those that are there follow with {@link materializeIndex}. */
export function addIndex(table: TableName, index: TableIndex): string {
  return alterTable(table, `ADD ${indexDefinition(index)}`);
}

export function materializeIndex(table: TableName, index: string): string {
  return alterTable(table, `MATERIALIZE INDEX ${quoteIdentifier(index)}`);
}

export function dropIndex(table: TableName, index: string): string {
  return alterTable(table, `DROP INDEX ${quoteIdentifier(index)}`);
}

/** Holds for the rows to come; those that are there follow with {@link materializeProjection}. */
export function addProjection(table: TableName, projection: TableProjection): string {
  return alterTable(table, `ADD ${projectionDefinition(projection)}`);
}

export function materializeProjection(table: TableName, projection: string): string {
  return alterTable(table, `MATERIALIZE PROJECTION ${quoteIdentifier(projection)}`);
}

export function dropProjection(table: TableName, projection: string): string {
  return alterTable(table, `DROP PROJECTION ${quoteIdentifier(projection)}`);
}

/** Holds for the rows to come; those that are there are not looked at. */
export function addConstraint(table: TableName, constraint: TableConstraint): string {
  return alterTable(table, `ADD ${constraintDefinition(constraint)}`);
}

export function dropConstraint(table: TableName, constraint: string): string {
  return alterTable(table, `DROP CONSTRAINT ${quoteIdentifier(constraint)}`);
}

/** Keeps the rows and the uuid of the table. */
export function renameTable(from: TableName, to: TableName): string {
  return `RENAME TABLE ${qualifiedName(from)} TO ${statementName(to)}`;
}
