// The members of an object type: which there are, in what order, where they are declared.

import type ts from "typescript";
import type { DataField } from "../../../src/infra/datatype.js";
import { mappedTypeParts } from "../compiler.js";
import { placeAt } from "../type-errors.js";
import { failed, hasFlag, problem, type ReadContext, type Reading, type Spot } from "./context.js";
import { isTagName } from "./tag-reader.js";

export function isObject(context: ReadContext, type: ts.Type): boolean {
  return hasFlag(type, context.ts.TypeFlags.Object | context.ts.TypeFlags.Intersection);
}

/** The properties that become columns, in an order that depends on the source alone. */
export function columnProperties(context: ReadContext, type: ts.Type): readonly ts.Symbol[] {
  return orderedProperties(context, type).filter((symbol) => !isTagName(symbol.name) && !isPrivate(symbol));
}

/**
 * A field inside of a column. What only a column can have is a problem there.
 *
 * @param inside - `JSON`, `an object`
 */
export function nestedField(
  context: ReadContext,
  spot: Spot,
  symbol: ts.Symbol,
  inside: string,
): Reading<DataField> {
  const property = context.readProperty(spot, symbol);
  if (property === failed) return failed;
  if (!property.isColumnOnly) return { name: symbol.name, type: property.type };
  const says = `is inside of ${inside} and has a key, default, TTL, codec or former name`;
  const hint = "put that on a column of the row";
  return problem(context, property.spot, "schema/nested-modifier", says, hint);
}

function isPrivate(symbol: ts.Symbol): boolean {
  return symbol.escapedName.toString().startsWith("__#");
}

/**
 * The compiler lists the keys of `Pick<T, "b" | "a">` in the order in which it first met the texts "a" and "b",
 * which another file can change. Such types take the order of the type that they pick from, else the alphabet's.
 */
function orderedProperties(context: ReadContext, type: ts.Type): readonly ts.Symbol[] {
  const properties = context.checker.getPropertiesOfType(type);
  if (type.isIntersection())
    return byRank(
      properties,
      type.types.flatMap((part) => names(context, part)),
    );
  if (!isMapped(context, type)) return properties;
  const { source } = mappedTypeParts(type);
  return byRank(properties, source === undefined ? [] : names(context, source));
}

function names(context: ReadContext, type: ts.Type): readonly string[] {
  return orderedProperties(context, type).map((symbol) => symbol.name);
}

function byRank(properties: readonly ts.Symbol[], order: readonly string[]): readonly ts.Symbol[] {
  const rank = new Map([...new Set(order)].map((name, index) => [name, index]));
  const rankOf = (symbol: ts.Symbol) => rank.get(symbol.name) ?? rank.size;
  return [...properties].sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));
}

function isMapped(context: ReadContext, type: ts.Type): boolean {
  const { ObjectFlags, TypeFlags } = context.ts;
  return hasFlag(type, TypeFlags.Object) && ((type as ts.ObjectType).objectFlags & ObjectFlags.Mapped) !== 0;
}

/** Whether a type still waits for a type argument: then its members are not known, even if it shows none. */
export function isGeneric(context: ReadContext, type: ts.Type): boolean {
  const { TypeFlags } = context.ts;
  const text = TypeFlags.TemplateLiteral | TypeFlags.StringMapping;
  if (hasFlag(type, TypeFlags.Instantiable)) return !hasFlag(type, text);
  if (type.isUnionOrIntersection()) return type.types.some((part) => isGeneric(context, part));
  if (!isMapped(context, type)) return false;
  context.checker.getPropertiesOfType(type);
  const { keys } = mappedTypeParts(type);
  return keys !== undefined && isGeneric(context, keys);
}

/** Where a field is declared; a field that is only computed has the place of what it is part of. */
export function declaredAt(context: ReadContext, symbol: ts.Symbol, otherwise: Spot): Spot["place"] {
  const node = symbol.valueDeclaration ?? symbol.declarations?.[0];
  const source = node?.getSourceFile();
  if (node === undefined || source === undefined || context.program.isSourceFileDefaultLibrary(source)) {
    return otherwise.place;
  }
  return placeAt(context.root, source, node.getStart(source));
}
