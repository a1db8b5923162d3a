// Takes the tags (`Key`, `LowCardinality`, `ClickHouseDefault<..>`, ..) off a type.

import type ts from "typescript";
import { isArrayType, isTupleType } from "../compiler.js";
import {
  hasFlag,
  languageClass,
  type ReadContext,
  type Tags,
  type TagValue,
  type TypeTags,
} from "./context.js";

/** A type and the tags that were on it. */
export interface Untagged {
  readonly base: ts.Type;
  readonly tags: Tags;
  readonly typeTags: TypeTags;
}

/** Tags whose value is a type that is read later. */
const ofTypes: ReadonlySet<string> = new Set(["aggregated", "simpleAggregated", "variant"]);

interface Found {
  readonly tags: Map<string, TagValue[]>;
  readonly typeTags: Map<string, ts.Type>;
}

const tagPrefix = "~";

export function isTagName(name: string): boolean {
  return name.startsWith(tagPrefix) || name === typiaTag;
}

/**
 * Splits an intersection into what it stores and the tags. What else is mixed into a primitive type, as a brand
 * (`string & { __brand: "UserId" }`), is of no meaning for the column.
 */
export function untag(context: ReadContext, type: ts.Type): Untagged {
  const parts = type.isIntersection() ? type.types : [type];
  const found: Found = { tags: new Map(), typeTags: new Map() };
  const rest: ts.Type[] = [];
  for (const part of parts) {
    const names = readTags(context, part, found);
    if (!names.onlyTags) rest.push(part);
  }
  return { base: baseOf(context, type, rest), ...found };
}

function baseOf(context: ReadContext, type: ts.Type, rest: readonly ts.Type[]): ts.Type {
  const [first] = rest;
  if (rest.length === 1 && first !== undefined) return first;
  return rest.find((part) => isWhole(context, part)) ?? type;
}

/** A type whose own properties are no columns. */
function isWhole(context: ReadContext, type: ts.Type): boolean {
  const { ts, checker } = context;
  if (!hasFlag(type, ts.TypeFlags.Object)) return !hasFlag(type, ts.TypeFlags.Instantiable);
  return (
    isArrayType(checker, type) || isTupleType(checker, type) || languageClass(context, type) !== undefined
  );
}

function readTags(context: ReadContext, part: ts.Type, found: Found): { readonly onlyTags: boolean } {
  const { ts, checker } = context;
  if (!hasFlag(part, ts.TypeFlags.Object) || isWhole(context, part)) return { onlyTags: false };
  const properties = checker.getPropertiesOfType(part);
  const tagged = properties.filter((property) => isTagName(property.name));
  for (const property of tagged) addTag(context, property, found);
  return { onlyTags: tagged.length > 0 && tagged.length === properties.length };
}

function addTag(context: ReadContext, property: ts.Symbol, { tags, typeTags }: Found): void {
  const { checker } = context;
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
  const read = property.name === typiaTag ? readTypiaTag(context, type) : undefined;
  const name = read?.name ?? property.name.slice(tagPrefix.length);
  const value = ofTypes.has(name)
    ? checker.typeToString(type)
    : read === undefined
      ? literalValue(context, type)
      : read.value;
  if (ofTypes.has(name)) typeTags.set(name, type);
  const values = tags.get(name) ?? [];
  const isKnown = values.some((known) => JSON.stringify(known) === JSON.stringify(value));
  tags.set(name, isKnown ? values : [...values, value]);
}

function literalValue(context: ReadContext, type: ts.Type): TagValue {
  const { ts, checker } = context;
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if (hasFlag(type, ts.TypeFlags.BooleanLiteral)) return checker.typeToString(type) === "true";
  if (isTupleType(checker, type)) {
    return checker
      .getTypeArguments(type as ts.TypeReference)
      .map((element) => literalValue(context, element));
  }
  // `Expression<"now()">` holds its text as a type argument.
  const [text] = type.symbol?.name === "Expression" ? checker.getTypeArguments(type as ts.TypeReference) : [];
  return text?.isStringLiteral() ? text.value : undefined;
}

/** The tags of typia, which apps for the existing Moose use beside this library's own. */
const typiaTag = "typia.tag";
const typiaNumbers: Readonly<Record<string, string>> = {
  int8: "Int8",
  int16: "Int16",
  int32: "Int32",
  int64: "Int64",
  uint8: "UInt8",
  uint16: "UInt16",
  uint32: "UInt32",
  uint64: "UInt64",
  float: "Float32",
  double: "Float64",
};

function readTypiaTag(
  context: ReadContext,
  type: ts.Type,
): { readonly name: string; readonly value: TagValue } {
  const member = (name: string) => {
    const symbol = context.checker.getPropertyOfType(type, name);
    return symbol && literalValue(context, context.checker.getTypeOfSymbol(symbol));
  };
  const kind = member("kind");
  const value = member("value");
  if (kind === "format") return { name: "format", value };
  if (kind === "type" && typeof value === "string") return { name: "type", value: [typiaNumbers[value]] };
  return { name: `typia.${kind}`, value };
}
