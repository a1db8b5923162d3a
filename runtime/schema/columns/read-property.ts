// Reads one property of an object: its type, whether it may be absent, and the tags on it.

import type ts from "typescript";
import {
  columnOnlyTags,
  failed,
  hasFlag,
  type PropertyReading,
  problem,
  type ReadContext,
  type Reading,
  type Spot,
} from "./context.js";
import { declaredAt } from "./members.js";
import { finish, readType } from "./read-type.js";

export function readProperty(
  context: ReadContext,
  parent: Spot,
  symbol: ts.Symbol,
): Reading<PropertyReading> {
  const { ts, checker } = context;
  const path = parent.path === "" ? symbol.name : `${parent.path}.${symbol.name}`;
  const spot = { path, place: declaredAt(context, symbol, parent), around: parent.around };
  if (symbol.escapedName.toString().startsWith("__@")) {
    const named = { ...spot, path: symbol.name.replace(/^__@/, "").replace(/@\d+$/, "") };
    return problem(context, named, "schema/symbol", "has a symbol as its name", "give it a name of text");
  }
  const type = checker.getTypeOfSymbol(symbol);
  if (losesNull(context, symbol, type)) {
    const hint = "put the tag on the inner type: (string & Tag) | null";
    const says = "loses its null: an intersection of null with a tag is empty";
    return problem(context, spot, "schema/lost-null", says, hint);
  }
  const reading = readType(context, spot, type);
  if (reading === failed) return failed;
  const nullable = reading.nullable || (symbol.flags & ts.SymbolFlags.Optional) !== 0;
  const finished = finish(context, spot, reading, nullable);
  if (finished === failed) return failed;
  const isColumnOnly = [...columnOnlyTags].some((tag) => reading.tags.has(tag));
  return { type: finished, nullable, tags: reading.tags, spot, isColumnOnly };
}

/** `(string | null) & Tag` is only `string & Tag` to the compiler, which nobody means who writes it. */
function losesNull(context: ReadContext, symbol: ts.Symbol, type: ts.Type): boolean {
  const { ts, checker } = context;
  const node = symbol.valueDeclaration;
  if (node === undefined || !ts.isPropertySignature(node) || node.type === undefined) return false;
  if (!ts.isIntersectionTypeNode(node.type) || admitsNull(context, type)) return false;
  return node.type.types.some((part) => admitsNull(context, checker.getTypeFromTypeNode(part)));
}

function admitsNull(context: ReadContext, type: ts.Type): boolean {
  const { TypeFlags } = context.ts;
  return type.isUnion() && type.types.some((part) => hasFlag(part, TypeFlags.Null | TypeFlags.Undefined));
}
