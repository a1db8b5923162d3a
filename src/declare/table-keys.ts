// The keys of a declared table: its config and its Key<> fields become sorting and primary key, or what is wrong is said.

import type { Diagnostic } from "../diagnostic.js";
import { engineName, isMergeTree } from "../sql/engine.js";
import { identifierText } from "../sql/quote.js";
import { unwrapTuple } from "../sql/scan.js";
import { typeText } from "../sql/type.js";
import { isNullable, readType } from "../sql/type-tree.js";
import { names, text } from "./config-value.js";
import type { Registration } from "./registration.js";
import type { RowSchema } from "./row-schema.js";

type Config = Registration["config"];

export interface TableKeys {
  /** As {@link Table} has them. */
  readonly orderBy: string;
  readonly primaryKey: string;
}

/** Of a table whose config has no {@link keyProblems}. */
export function tableKeys(config: Config, schema: RowSchema, engine: string): TableKeys {
  if (isMergeTree(engine)) {
    const orderBy = sortingKey(config, schema);
    const primary = primaryKey(config, schema) ?? orderBy;
    return { orderBy: withVersion(orderBy, engine), primaryKey: primary };
  }
  switch (engineName(engine)) {
    case "EmbeddedRocksDB":
      return { orderBy: "", primaryKey: primaryKey(config, schema) ?? "" };
    case "S3": {
      const orderBy = text(config.orderByExpression) ?? fieldList(names(config.orderByFields));
      return { orderBy: unwrapTuple(orderBy), primaryKey: unwrapTuple(orderBy) };
    }
    default:
      return { orderBy: "", primaryKey: "" };
  }
}

/** The server sorts by the version of a VersionedCollapsingMergeTree too, where there is a key. */
function withVersion(orderBy: string, engine: string): string {
  const version = engineName(engine).endsWith("VersionedCollapsingMergeTree")
    ? readType(engine).args.at(-1)
    : undefined;
  const sorted = version === undefined || orderBy === "" || orderBy.split(", ").includes(version);
  return sorted ? orderBy : `${orderBy}, ${version}`;
}

/** Options that only make sense beside keys and parts. */
const ofTrees = [
  "orderByFields",
  "orderByExpression",
  "partitionBy",
  "sampleByExpression",
  "primaryKeyExpression",
  "ttl",
  "indexes",
  "projections",
] as const;
const besides: ReadonlyMap<string, readonly string[]> = new Map([
  ["S3", ["orderByFields", "orderByExpression", "partitionBy"]],
  ["EmbeddedRocksDB", ["primaryKeyExpression"]],
]);

export function keyProblems(
  name: string,
  config: Config,
  schema: RowSchema,
  engine: string,
): readonly Diagnostic[] {
  if (isMergeTree(engine)) return sortingProblems(name, config, schema);
  const called = engineName(engine);
  const allowed = besides.get(called) ?? [];
  const given = ofTrees.filter((option) => isGiven(config[option]) && !allowed.includes(option));
  const problems = given.map((option): Diagnostic => {
    const summary = `table ${name} has ${option}, which the engine ${called} does not have`;
    const hint = `leave it out, or take an engine of the MergeTree family`;
    return { code: "declare/option-of-engine", severity: "error", summary, hint, place: schema.place };
  });
  if (called !== "EmbeddedRocksDB" || tableKeys(config, schema, engine).primaryKey !== "") return problems;
  const summary = `table ${name} has no key`;
  const hint = "mark one field with Key<>";
  return [
    ...problems,
    { code: "declare/no-sorting-key", severity: "error", summary, hint, place: schema.place },
  ];
}

function isGiven(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}

function keyFields(schema: RowSchema): readonly string[] {
  return schema.fields.filter((field) => field.key).map((field) => field.name);
}

function fieldList(fields: readonly string[]): string {
  return fields.map(identifierText).join(", ");
}

function sortingKey(config: Config, schema: RowSchema): string {
  const expression = text(config.orderByExpression);
  if (expression !== undefined) return unwrapTuple(expression);
  const fields = names(config.orderByFields);
  return fieldList(fields.length > 0 ? fields : keyFields(schema));
}

function primaryKey(config: Config, schema: RowSchema): string | undefined {
  const expression = text(config.primaryKeyExpression);
  if (expression !== undefined) return unwrapTuple(expression);
  const keys = keyFields(schema);
  return keys.length > 0 ? fieldList(keys) : undefined;
}

function sortingProblems(name: string, config: Config, schema: RowSchema): readonly Diagnostic[] {
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
  config: Config,
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
