// Reads a row type: its fields as columns.

import type ts from "typescript";
import type { RowField } from "../../../src/declare/row-schema.js";
import type { SourcePlace } from "../../../src/diagnostic.js";
import type { ColumnDefault } from "../../../src/infra/table.js";
import { isArrayType, isTupleType } from "../compiler.js";
import {
  failed,
  hasFlag,
  languageClass,
  type PropertyReading,
  problem,
  type ReadContext,
  type Reading,
  type Spot,
  type Tags,
  typeName,
} from "./context.js";
import { columnProperties, isGeneric, isObject } from "./members.js";
import { noData } from "./objects.js";
import { readProperty } from "./read-property.js";
import { readInner } from "./read-type.js";

/** A context whose rules read what is inside of a type with each other. */
export function readContext(parts: Omit<ReadContext, "readInner" | "readProperty">): ReadContext {
  const context: ReadContext = {
    ...parts,
    readInner: (spot, type) => readInner(context, spot, type),
    readProperty: (parent, symbol) => readProperty(context, parent, symbol),
  };
  return context;
}

/**
 * The fields of a row type; what is wrong is added to `context.problems`.
 *
 * @param place - the `new` expression
 */
export function readRow(context: ReadContext, type: ts.Type, place: SourcePlace): readonly RowField[] {
  const spot = { path: "", place, around: [type] };
  if (!isRow(context, type, place)) return [];
  return columnProperties(context, type)
    .map((symbol) => readField(context, spot, symbol))
    .filter((field) => field !== failed);
}

function isRow(context: ReadContext, type: ts.Type, place: SourcePlace): boolean {
  const spot = { path: "", place, around: [] };
  if (isGeneric(context, type)) {
    const says = `depends on a type parameter that has no known value: ${typeName(context, type)}`;
    const hint = "write the type arguments where the generic function is called: makeTable<Row>(..)";
    problem(context, spot, "schema/type-parameter", says, hint);
    return false;
  }
  const example = "write an interface: interface Row { id: string } and new OlapTable<Row>(..)";
  if (hasFlag(type, context.ts.TypeFlags.Any)) {
    problem(context, spot, "schema/any-type", "is any", example);
    return false;
  }
  if (hasFlag(type, context.ts.TypeFlags.Unknown)) {
    problem(context, spot, "schema/unknown-type", "is unknown", example);
    return false;
  }
  const hasNoFields = !isObject(context, type) || isCollection(context, type);
  if (
    hasNoFields ||
    noData(context, spot, { type, bases: [type], tags: new Map(), typeTags: new Map() }) === failed
  ) {
    if (hasNoFields)
      problem(context, spot, "schema/not-object", `is no object: ${typeName(context, type)}`, example);
    return false;
  }
  if (context.checker.getIndexInfosOfType(type).length > 0) {
    problem(
      context,
      spot,
      "schema/index-signature",
      "has an index signature, so its columns are not known",
      example,
    );
    return false;
  }
  if (columnProperties(context, type).length > 0) return true;
  problem(context, spot, "schema/no-fields", "has no fields", example);
  return false;
}

function isCollection(context: ReadContext, type: ts.Type): boolean {
  const isList = isArrayType(context.checker, type) || isTupleType(context.checker, type);
  return isList || languageClass(context, type) === "Date";
}

function readField(context: ReadContext, row: Spot, symbol: ts.Symbol): Reading<RowField> {
  const property = context.readProperty(row, symbol);
  if (property === failed) return failed;
  if (checkTags(context, property) === failed) return failed;
  const { tags } = property;
  return {
    name: symbol.name,
    type: property.type,
    key: tags.has("key"),
    ...(tags.has("jwt") ? { jwt: true as const } : {}),
    default: defaultOf(tags),
    comment: textOf(tags, "comment") || commentOf(context, symbol),
    codec: textOf(tags, "codec"),
    ttl: textOf(tags, "ttl"),
    renamedFrom: textOf(tags, "renamed") || undefined,
    place: property.spot.place,
  };
}

const defaultKinds = ["default", "materialized", "alias"] as const;

function checkTags(
  context: ReadContext,
  { tags, nullable, type, spot }: PropertyReading,
): Reading<undefined> {
  const kinds = defaultKinds.filter((kind) => tags.has(kind));
  if (kinds.length > 1) {
    const says = `has ${kinds.join(" and ")} at once`;
    return problem(context, spot, "schema/contradiction", says, "keep one of them");
  }
  if (tags.has("renamed") && textOf(tags, "renamed") === "") {
    const hint = 'write the former name of the column: Renamed<string, "name">';
    return problem(context, spot, "schema/empty-rename", "is Renamed from a column without a name", hint);
  }
  if (!tags.has("key")) return undefined;
  if (tags.has("alias")) {
    const hint = "use ClickHouseMaterialized, which is stored";
    return problem(context, spot, "schema/alias-key", "is a key and an alias, which is not stored", hint);
  }
  if (nullable && type.kind !== "array") {
    const hint = "make the key required, or leave Key<> away and name the field in orderByFields";
    return problem(context, spot, "schema/nullable-key", "is a key and may be null", hint);
  }
  return undefined;
}

function defaultOf(tags: Tags): ColumnDefault | undefined {
  const kind = defaultKinds.find((name) => tags.has(name));
  if (kind === undefined) return undefined;
  const sqlKind = { default: "DEFAULT", materialized: "MATERIALIZED", alias: "ALIAS" } as const;
  return { kind: sqlKind[kind], expression: textOf(tags, kind) };
}

function textOf(tags: Tags, name: string): string {
  const text = tags.get(name)?.[0];
  return typeof text === "string" ? text : "";
}

function commentOf(context: ReadContext, symbol: ts.Symbol): string {
  return context.ts.displayPartsToString(symbol.getDocumentationComment(context.checker)).trim();
}
