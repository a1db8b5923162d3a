// One declared table: its config and its row type become a Table of the model.

import type { Diagnostic } from "../diagnostic.js";
import { LifeCycle } from "../infra/lifecycle.js";
import type { Column, Table } from "../infra/table.js";
import { mentions } from "../sql/mentions.js";
import { fitsFileName } from "../sql/name-length.js";
import { identifierText } from "../sql/quote.js";
import { unwrapTuple } from "../sql/scan.js";
import { typeText } from "../sql/type.js";
import { isNullable } from "../sql/type-tree.js";
import { isMisread } from "../sql/unsafe-names.js";
import type { Registration } from "./registration.js";
import { fieldRenameProblems } from "./renames.js";
import type { RowField, RowSchema } from "./row-schema.js";
import { desiredParts } from "./table-parts.js";

export interface DesiredTable {
  readonly table: Table | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Databases that ClickHouse or moose keep for themselves. */
const reservedDatabase = /^(system|information_schema|_moose.*)$/i;

export function desiredTable(
  registration: Registration,
  schema: RowSchema,
  defaultDatabase: string,
): DesiredTable {
  const { name, config } = registration;
  const database = text(config.database) ?? defaultDatabase;
  const parts = desiredParts(name, config, schema.place);
  const problems = [
    ...nameProblems(name, database, schema),
    ...fieldProblems(name, schema),
    ...sortingProblems(name, config, schema),
    ...fieldRenameProblems(name, schema),
    ...parts.diagnostics,
  ];
  if (problems.length > 0) return { table: undefined, diagnostics: problems };
  const orderBy = sortingKey(config, schema);
  const table: Table = {
    database,
    name,
    columns: schema.fields.map(column),
    engine: "MergeTree",
    orderBy,
    primaryKey: primaryKey(config, schema) ?? orderBy,
    partitionBy: text(config.partitionBy) ?? "",
    sampleBy: text(config.sampleByExpression) ?? "",
    ttl: text(config.ttl) ?? "",
    indexes: parts.indexes,
    projections: parts.projections,
    settings: settings(config.settings),
    comment: text(config.comment) ?? "",
    lifeCycle: lifeCycle(config.lifeCycle),
    renamedFrom: text(config.renamedFrom),
    place: schema.place,
  };
  const misread = misreadNames(table);
  return { table: misread.length > 0 ? undefined : table, diagnostics: misread };
}

function misreadNames(table: Table): readonly Diagnostic[] {
  const { orderBy, primaryKey, partitionBy, sampleBy, ttl, columns, indexes, projections } = table;
  const computed = columns.flatMap((other) => [other.default?.expression ?? "", other.ttl]);
  const parts = [...indexes.map(({ expression }) => expression), ...projections.map(({ body }) => body)];
  const expressions = [orderBy, primaryKey, partitionBy, sampleBy, ttl, ...computed, ...parts];
  return columns
    .filter(({ name }) => isMisread(name) && expressions.some((expression) => mentions(expression, name)))
    .map(({ name, place }) => ({
      code: "declare/misread-name",
      severity: "error",
      summary: `field "${name}" of table ${table.name} is used in an expression, where ClickHouse takes its name for something else`,
      detail:
        "ClickHouse would store the expression without quotes, and could not load the table after a restart.",
      place,
      hint: "give the field another name",
    }));
}

function column(field: RowField): Column {
  return {
    name: field.name,
    type: typeText(field.type),
    default: field.default,
    comment: field.comment,
    codec: field.codec,
    ttl: field.ttl,
    renamedFrom: field.renamedFrom,
    place: field.place,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function settings(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, v]) => [name, v === true ? "1" : v === false ? "0" : String(v)]),
  );
}

function lifeCycle(value: unknown): LifeCycle {
  return Object.values(LifeCycle).find((known) => known === value) ?? LifeCycle.FULLY_MANAGED;
}

function keyFields(schema: RowSchema): readonly string[] {
  return schema.fields.filter((field) => field.key).map((field) => field.name);
}

function fieldList(fields: readonly string[]): string {
  return fields.map(identifierText).join(", ");
}

function sortingKey(config: Registration["config"], schema: RowSchema): string {
  const expression = text(config.orderByExpression);
  if (expression !== undefined) return unwrapTuple(expression);
  const fields = names(config.orderByFields);
  return fieldList(fields.length > 0 ? fields : keyFields(schema));
}

function primaryKey(config: Registration["config"], schema: RowSchema): string | undefined {
  const expression = text(config.primaryKeyExpression);
  if (expression !== undefined) return unwrapTuple(expression);
  const keys = keyFields(schema);
  return keys.length > 0 ? fieldList(keys) : undefined;
}

function nameProblems(name: string, database: string, schema: RowSchema): readonly Diagnostic[] {
  const place = schema.place;
  const problems: Diagnostic[] = [];
  if (name.includes("\0") || database.includes("\0")) {
    problems.push({
      code: "declare/bad-name",
      severity: "error",
      summary: "a table's name must not hold a NUL character",
      place,
    });
  }
  if (!fitsFileName(database, name)) {
    problems.push({
      code: "declare/name-too-long",
      severity: "error",
      summary: `the name of table ${name.slice(0, 40)}.. is too long for ClickHouse`,
      detail: `${database} and it may have 213 characters together; each byte of a character other than a letter, digit or _ counts three times.`,
      place,
      hint: "give it a shorter name",
    });
  }
  if (reservedDatabase.test(database)) {
    problems.push({
      code: "declare/reserved-database",
      severity: "error",
      summary: `table ${name} names the database ${database}, which is not for tables of users`,
      place,
      hint: 'give another one: { database: "analytics" }',
    });
  }
  return problems;
}

function fieldProblems(name: string, schema: RowSchema): readonly Diagnostic[] {
  if (schema.fields.some((field) => field.default?.kind !== "ALIAS" && field.default?.kind !== "EPHEMERAL"))
    return [];
  return [
    {
      code: "declare/no-columns",
      severity: "error",
      summary: `table ${name} has no column that is stored: its row type has no fields`,
      place: schema.place,
      hint: "give the row type at least one field",
    },
  ];
}

function sortingProblems(
  name: string,
  config: Registration["config"],
  schema: RowSchema,
): readonly Diagnostic[] {
  const fields = names(config.orderByFields);
  const expression = text(config.orderByExpression);
  const keys = keyFields(schema);
  const problem = (code: string, summary: string, hint: string): readonly Diagnostic[] => [
    { code, severity: "error", summary, hint, place: schema.place },
  ];
  if (expression !== undefined && fields.length > 0) {
    return problem(
      "declare/two-sorting-keys",
      `table ${name} has both orderByFields and orderByExpression`,
      "keep one of the two",
    );
  }
  if (expression === undefined && fields.length === 0 && keys.length === 0) {
    return problem(
      "declare/no-sorting-key",
      `table ${name} has no sorting key`,
      `add orderByFields: ["${schema.fields[0]?.name ?? "id"}"], mark a field with Key<>, or write orderByExpression: "tuple()" for an unsorted table`,
    );
  }
  const unknown = fields.filter((field) => !schema.fields.some((known) => known.name === field));
  if (unknown.length > 0) {
    return problem(
      "declare/unknown-field",
      `table ${name} is ordered by ${unknown.join(", ")}, which its row type does not have`,
      `its fields are ${schema.fields.map((field) => field.name).join(", ")}`,
    );
  }
  return [
    ...nullableKeys(name, fields.length > 0 ? fields : keys, schema),
    ...keyPrefix(name, fields, keys, config, schema),
  ];
}

function nullableKeys(name: string, fields: readonly string[], schema: RowSchema): readonly Diagnostic[] {
  return schema.fields
    .filter((field) => fields.includes(field.name) && isNullable(typeText(field.type)))
    .map((field) => ({
      code: "declare/nullable-key",
      severity: "error",
      summary: `field "${field.name}" is optional, so table ${name} cannot be ordered by it`,
      place: field.place,
      hint: `write it without ? and null, or leave "${field.name}" out of the sorting key`,
    }));
}

/** ClickHouse wants the primary key to be the beginning of the sorting key. */
function keyPrefix(
  name: string,
  fields: readonly string[],
  keys: readonly string[],
  config: Registration["config"],
  schema: RowSchema,
): readonly Diagnostic[] {
  if (fields.length === 0 || keys.length === 0 || text(config.primaryKeyExpression) !== undefined) return [];
  if (keys.every((key, index) => fields[index] === key)) return [];
  return [
    {
      code: "declare/key-not-first",
      severity: "error",
      summary: `the Key<> fields of table ${name} (${keys.join(", ")}) must come first in orderByFields (${fields.join(", ")})`,
      place: schema.place,
      hint: `write orderByFields: [${[...keys, ...fields.filter((field) => !keys.includes(field))].map((field) => `"${field}"`).join(", ")}]`,
    },
  ];
}
