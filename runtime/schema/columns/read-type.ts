// From a TypeScript type to a ClickHouse type: the list of rules, tried in order.

import type ts from "typescript";
import type { DataType } from "../../../src/infra/datatype.js";
import { aggregates } from "./aggregates.js";
import { arrays, maps, tuples } from "./collections.js";
import {
  columnOnlyTags,
  failed,
  hasFlag,
  problem,
  type ReadContext,
  type Reading,
  type Rule,
  type Spot,
  type TagValue,
  type TypeReading,
  typeName,
  type Value,
} from "./context.js";
import { json } from "./json.js";
import { enums, stringLiterals } from "./literals.js";
import { isGeneric } from "./members.js";
import { noData, objects } from "./objects.js";
import {
  bigints,
  booleans,
  dates,
  formats,
  numbers,
  storedAs,
  strings,
  tagged,
  valueless,
} from "./scalars.js";
import { shapes } from "./shapes.js";
import { type Untagged, untag } from "./tag-reader.js";
import { readVariant } from "./variants.js";

/** The first rule that knows a type reads it. */
const rules: readonly Rule[] = [
  storedAs,
  aggregates,
  valueless,
  shapes,
  tagged,
  json,
  formats,
  enums,
  stringLiterals,
  booleans,
  strings,
  numbers,
  bigints,
  dates,
  arrays,
  tuples,
  noData,
  maps,
  objects,
];

const maxDepth = 24;

/** Reads a type with its tags. */
export function readType(context: ReadContext, spot: Spot, type: ts.Type): Reading<TypeReading> {
  if (isGeneric(context, type)) return unresolved(context, spot, type);
  const split = splitNull(context, type);
  if (split.members.length === 0) {
    const hint = "write the type of the value, string | null";
    return problem(context, spot, "schema/no-value", `is of type ${typeName(context, type)}`, hint);
  }
  const untagged = split.members.map((member) => untag(context, member));
  if (untagged[0]?.typeTags.has("variant") === true) return readVariant(context, spot, untagged);
  const value = untagAll(context, spot, type, untagged);
  if (value === failed) return failed;
  const inside = enter(context, spot, value);
  if (inside === failed) return failed;
  const read = applyRules(context, inside, value);
  return read === failed ? failed : { type: read, nullable: split.nullable, tags: value.tags };
}

/** Reads a type inside of another one, as the element of an array. */
export function readInner(context: ReadContext, spot: Spot, type: ts.Type): Reading<DataType> {
  const reading = readType(context, spot, type);
  if (reading === failed) return failed;
  if ([...columnOnlyTags].some((tag) => reading.tags.has(tag))) {
    const says = "is inside of another type and has a key, default, TTL, codec or former name";
    return problem(context, spot, "schema/nested-modifier", says, "put that on the column itself");
  }
  return finish(context, spot, reading, reading.nullable);
}

const dictionaryTypes = /^(String|U?Int\d+|Float\d+|Bool|Date|Date32|UUID|IPv4|IPv6)$/;

function canBeDictionary(type: DataType): boolean {
  if (type.kind === "simple") return dictionaryTypes.test(type.name);
  return type.kind === "fixedString" || type.kind === "dateTime";
}

/** Puts `LowCardinality` and `Nullable` around a type, in the order that ClickHouse wants. */
export function finish(
  context: ReadContext,
  spot: Spot,
  reading: TypeReading,
  nullable: boolean,
): Reading<DataType> {
  const type = nullable ? asNullable(reading.type) : reading.type;
  if (!reading.tags.has("lowCardinality") || type.kind === "lowCardinality") return type;
  const plain = type.kind === "nullable" ? type.inner : type;
  if (canBeDictionary(plain)) return { kind: "lowCardinality", inner: type };
  const says = "has LowCardinality on a type that cannot have it";
  const hint = "use LowCardinality on strings, numbers and dates";
  return problem(context, spot, "schema/low-cardinality", says, hint);
}

/** Types that have an empty value, or a null, of their own, and take no other. */
const holdsNothing = /^(Point|Ring|LineString|MultiLineString|Polygon|MultiPolygon|Dynamic\b.*)$/;

/** Collections cannot be null in ClickHouse: an absent one is stored empty. */
function asNullable(type: DataType): DataType {
  switch (type.kind) {
    case "array":
    case "map":
    case "tuple":
    case "nested":
    case "variant":
    case "aggregate":
      return type;
    case "simpleAggregate":
      return { ...type, args: type.args.map(asNullable) };
    case "simple":
      return holdsNothing.test(type.name) ? type : { kind: "nullable", inner: type };
    case "lowCardinality":
      return { kind: "lowCardinality", inner: asNullable(type.inner) };
    case "nullable":
      return type;
    default:
      return { kind: "nullable", inner: type };
  }
}

function unresolved(context: ReadContext, spot: Spot, type: ts.Type): typeof failed {
  const says = `depends on a type parameter that has no known value: ${typeName(context, type)}`;
  const hint = "write the type arguments where the generic function is called: makeTable<Row>(..)";
  return problem(context, spot, "schema/type-parameter", says, hint);
}

function splitNull(
  context: ReadContext,
  type: ts.Type,
): { readonly members: readonly ts.Type[]; readonly nullable: boolean } {
  const { TypeFlags } = context.ts;
  const all = type.isUnion() ? type.types : [type];
  const empty = TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void | TypeFlags.Never;
  const members = all.filter((member) => !hasFlag(member, empty));
  return { members, nullable: members.length < all.length };
}

/** Takes the tags off all members; they must agree, for there is one column for all. */
function untagAll(
  context: ReadContext,
  spot: Spot,
  type: ts.Type,
  untagged: readonly Untagged[],
): Reading<Value> {
  const tags = untagged[0]?.tags ?? new Map<string, readonly TagValue[]>();
  if (untagged.some((other) => tagText(other.tags) !== tagText(tags))) {
    return mixedUnion(context, spot, type);
  }
  for (const [name, values] of tags) {
    if (values.length > 1) return contradiction(context, spot, name, values);
    if (values[0] === undefined && columnOnlyTags.has(name)) {
      const hint = 'write the text itself as type argument: WithDefault<string, "now()">';
      return problem(context, spot, "schema/not-literal", `has a ${name} that is not one literal text`, hint);
    }
  }
  const typeTags = untagged[0]?.typeTags ?? new Map<string, ts.Type>();
  return { type, bases: [...new Set(untagged.map(({ base }) => base))], tags, typeTags };
}

function tagText(tags: Value["tags"]): string {
  return JSON.stringify([...tags].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function contradiction(
  context: ReadContext,
  spot: Spot,
  name: string,
  values: readonly TagValue[],
): typeof failed {
  const says = `says ${name} twice: ${values.map((value) => JSON.stringify(value)).join(" and ")}`;
  return problem(context, spot, "schema/contradiction", says, "keep one of them");
}

function enter(context: ReadContext, spot: Spot, value: Value): Reading<Spot> {
  if (spot.around.includes(value.type) || spot.around.length >= maxDepth) {
    const says = `contains itself: ${typeName(context, value.type)}`;
    const hint = "store what refers to another row as its key, or as JSON with Record<string, any>";
    return problem(context, spot, "schema/recursive", says, hint);
  }
  const isStructure = hasFlag(value.type, context.ts.TypeFlags.StructuredType);
  return isStructure ? { ...spot, around: [...spot.around, value.type] } : spot;
}

function applyRules(context: ReadContext, spot: Spot, value: Value): Reading<DataType> {
  for (const rule of rules) {
    const read = rule(context, spot, value);
    if (read !== undefined) return read;
  }
  return mixedUnion(context, spot, value.type);
}

function mixedUnion(context: ReadContext, spot: Spot, type: ts.Type): typeof failed {
  const says = `mixes types that share no column type: ${typeName(context, type)}`;
  const hint = "write one type, or a field for each, all but one of them null";
  return problem(context, spot, "schema/mixed-union", says, hint);
}
