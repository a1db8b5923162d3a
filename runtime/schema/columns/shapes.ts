// Shapes on a plane or a globe: points, and lists of them.

import type ts from "typescript";
import { isArrayType, isTupleType } from "../compiler.js";
import { hasFlag, problem, type ReadContext, type Rule, singleBase, typeName } from "./context.js";
import { untag } from "./tag-reader.js";

/** How deep the points of each shape lie in lists. */
const depths: ReadonlyMap<string, number> = new Map([
  ["Point", 0],
  ["Ring", 1],
  ["LineString", 1],
  ["MultiLineString", 2],
  ["Polygon", 2],
  ["MultiPolygon", 3],
]);

export const shapes: Rule = (context, spot, value) => {
  const tag = value.tags.get("type")?.[0];
  const name = Array.isArray(tag) ? String(tag[0]) : "";
  const depth = depths.get(name);
  if (depth === undefined) return undefined;
  const base = singleBase(value);
  if (base !== undefined && isOfPoints(context, base, depth)) return { kind: "simple", name };
  const says = `is ${typeName(context, value.type)}, which is no ${name}`;
  return problem(context, spot, "schema/carrier", says, `write ClickHouse${name}`);
};

function isOfPoints(context: ReadContext, type: ts.Type, depth: number): boolean {
  const { checker, ts } = context;
  const base = untag(context, type).base;
  if (depth > 0) {
    const [element] = isArrayType(checker, base) ? checker.getTypeArguments(base as ts.TypeReference) : [];
    return element !== undefined && isOfPoints(context, element, depth - 1);
  }
  const items = isTupleType(checker, base) ? checker.getTypeArguments(base as ts.TypeReference) : [];
  return items.length === 2 && items.every((item) => hasFlag(item, ts.TypeFlags.NumberLike));
}
