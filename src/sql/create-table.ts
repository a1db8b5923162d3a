// CREATE TABLE and DROP TABLE.

import type { Table } from "../infra/table.js";
import { columnDefinition } from "./column.js";
import { isMergeTree } from "./engine.js";
import { qualifiedName, quoteIdentifier, quoteString, statementName } from "./quote.js";
import { splitTopLevel } from "./scan.js";
import { constraintDefinition, indexDefinition, projectionDefinition } from "./table-parts.js";

/**
 * The statement that makes the table; on one line, without `IF NOT EXISTS`, which would hide another table of that name.
 *
 * @param uuid - identity of the new table, chosen by the caller so that it can tell its own from another's
 */
export function createTable(table: Table, uuid?: string): string {
  const identity = uuid === undefined ? "" : ` UUID ${quoteString(uuid)}`;
  const parts = [
    ...table.columns.map(columnDefinition),
    ...table.indexes.map(indexDefinition),
    ...table.constraints.map(constraintDefinition),
    ...table.projections.map(projectionDefinition),
  ];
  const cluster = table.cluster === undefined ? "" : ` ON CLUSTER ${quoteIdentifier(table.cluster)}`;
  const clauses = [
    `CREATE TABLE ${qualifiedName(table)}${identity}${cluster} (${parts.join(", ")})`,
    `ENGINE = ${table.engine}`,
  ];
  if (table.partitionBy !== "") clauses.push(`PARTITION BY ${inBrackets(table.partitionBy)}`);
  if (table.primaryKey !== table.orderBy) clauses.push(`PRIMARY KEY (${table.primaryKey})`);
  if (table.orderBy !== "") clauses.push(`ORDER BY (${table.orderBy})`);
  else if (isMergeTree(table.engine)) clauses.push("ORDER BY tuple()");
  if (table.sampleBy !== "") clauses.push(`SAMPLE BY ${table.sampleBy}`);
  if (table.ttl !== "") clauses.push(`TTL ${table.ttl}`);
  const settings = settingList(table.settings);
  if (settings !== "") clauses.push(`SETTINGS ${settings}`);
  if (table.comment !== "") clauses.push(`COMMENT ${quoteString(table.comment)}`);
  return clauses.join(" ");
}

/** The partition key is one expression to the grammar, so a list of several needs its brackets back. */
function inBrackets(list: string): string {
  return splitTopLevel(list).length > 1 ? `(${list})` : list;
}

/** `a = 1, b = 'x'`, by name. Numbers stay bare: the server refuses a quoted number for some settings. */
export function settingList(settings: Readonly<Record<string, string>>): string {
  return Object.keys(settings)
    .sort()
    .map((name) => `${name} = ${settingValue(settings[name] ?? "")}`)
    .join(", ");
}

function settingValue(value: string): string {
  return /^-?\d+(\.\d+)?$/.test(value) ? value : quoteString(value);
}

/** Without SYNC, so that `UNDROP TABLE` can bring the table back for eight minutes. */
export function dropTable(table: Parameters<typeof statementName>[0]): string {
  return `DROP TABLE ${statementName(table)}`;
}

/** Refused by the server when the table holds rows. */
export function dropEmptyTable(table: Parameters<typeof statementName>[0]): string {
  return `DROP TABLE IF EMPTY ${statementName(table)}`;
}
