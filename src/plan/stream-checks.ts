// Streams held against the tables that their messages go to: fields that do not fit, and columns that are still written.

import type { Diagnostic } from "../diagnostic.js";
import { addressOf } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import type { Column, Table } from "../infra/table.js";
import type { Topic } from "../infra/topic.js";
import { isWidening } from "../sql/conversion.js";
import { isNullable, unwrapType } from "../sql/type-tree.js";
import type { Operation } from "./operation.js";

/** Warnings of a plan: the code as it is to be, and what is to be done to the tables. */
export function streamChecks(desired: InfraMap, operations: readonly Operation[]): readonly Diagnostic[] {
  return [...desired.topics.values()].flatMap((topic) => {
    const table = topic.destination && desired.tables.get(addressOf(topic.destination));
    if (topic.destination === undefined) return [];
    if (table === undefined) return [noTable(topic, addressOf(topic.destination))];
    return [...stillWritten(topic, table, operations), ...misfit(topic, table, operations)];
  });
}

function noTable({ name, place }: Topic, address: string): Diagnostic {
  return {
    code: "plan/no-destination",
    severity: "warning",
    summary: `the destination of stream ${name} is ${address}, which the code does not declare`,
    place,
    hint: "export the table from the entry file, or from a file that it imports",
  };
}

function droppedColumns(table: Table, operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(
    operations.flatMap((operation) =>
      operation.kind === "DropTableColumn" && operation.address === addressOf(table)
        ? [operation.column.name]
        : [],
    ),
  );
}

function stillWritten(topic: Topic, table: Table, operations: readonly Operation[]): readonly Diagnostic[] {
  const dropped = droppedColumns(table, operations);
  return (topic.columns ?? [])
    .filter(({ name }) => dropped.has(name))
    .map(({ name, place }) => ({
      code: "plan/column-still-written",
      severity: "warning",
      summary: `column ${name} of ${addressOf(table)} is dropped, and stream ${topic.name} still writes it`,
      place: place ?? topic.place,
      hint: `take ${name} out of the message type too, or keep it in the table`,
    }));
}

function misfit(topic: Topic, table: Table, operations: readonly Operation[]): readonly Diagnostic[] {
  const dropped = droppedColumns(table, operations);
  const fields = topic.columns ?? [];
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const details = [
    ...fields
      .filter(({ name }) => !dropped.has(name))
      .flatMap((field) => misfitOf(field, columns.get(field.name))),
    ...table.columns.filter((column) => isMissing(column, fields)).map(missingText),
  ];
  if (details.length === 0) return [];
  return [
    {
      code: "plan/stream-does-not-fit",
      severity: "warning",
      summary: `the messages of stream ${topic.name} do not fit its destination ${addressOf(table)}`,
      detail: details.join("\n"),
      place: topic.place,
      hint: "give the stream and the table the same type, or have a transform between them",
    },
  ];
}

function misfitOf(field: Column, column: Column | undefined): readonly string[] {
  if (column === undefined) return [`field ${field.name} has no column`];
  const kind = column.default?.kind;
  if (kind === "MATERIALIZED" || kind === "ALIAS")
    return [`field ${field.name} cannot be written: its column is ${kind}`];
  const bare = (type: string) => unwrapType(unwrapType(type, "LowCardinality"), "Nullable");
  if (isNullable(field.type) && !isNullable(column.type) && column.default === undefined)
    return [`field ${field.name} can be missing, and its column is ${column.type}`];
  if (isWidening(bare(field.type), bare(column.type))) return [];
  return [`field ${field.name} is ${field.type}, and its column ${column.type}`];
}

/** Not in the messages, and nothing says what it is then. */
function isMissing(column: Column, fields: readonly Column[]): boolean {
  const isGiven = column.default !== undefined || isNullable(column.type);
  return !isGiven && !fields.some(({ name }) => name === column.name);
}

function missingText({ name, type }: Column): string {
  return `column ${name} ${type} is in no message`;
}
