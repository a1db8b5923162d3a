// Arrays, tuples and maps.

import type ts from "typescript";
import type { DataField, DataType } from "../../../src/infra/datatype.js";
import { isArrayType, isTupleType } from "../compiler.js";
import {
  failed,
  hasFlag,
  problem,
  type ReadContext,
  type Reading,
  type Rule,
  type Spot,
  singleBase,
} from "./context.js";

export const arrays: Rule = (context, spot, value) => {
  const base = singleBase(value);
  if (base === undefined || !isArrayType(context.checker, base)) return undefined;
  const [item] = context.checker.getTypeArguments(base as ts.TypeReference);
  if (item === undefined) return undefined;
  const element = context.readInner({ ...spot, path: `${spot.path}[]` }, item);
  return element === failed ? failed : { kind: "array", element };
};

/** `[number, number]`, or with names for the elements, `[lat: number, lon: number]`. */
export const tuples: Rule = (context, spot, value) => {
  const base = singleBase(value);
  if (base === undefined || !isTupleType(context.checker, base)) return undefined;
  const reference = base as ts.TupleTypeReference;
  const { elementFlags, labeledElementDeclarations } = reference.target;
  const items = context.checker.getTypeArguments(reference);
  const isFixed = elementFlags.every((flags) => flags === context.ts.ElementFlags.Required);
  if (!isFixed || items.length === 0) {
    const hint = "write a tuple of fixed length, [number, number], or an array, number[]";
    return problem(context, spot, "schema/tuple", "is a tuple without a fixed length", hint);
  }
  const names = items.map((_, index) => labeledElementDeclarations?.[index]?.name.getText() ?? "");
  return readElements(context, spot, items, names);
};

function readElements(
  context: ReadContext,
  spot: Spot,
  items: readonly ts.Type[],
  names: readonly string[],
): Reading<DataType> {
  const fields: DataField[] = [];
  for (const [index, item] of items.entries()) {
    const name = names[index] ?? "";
    const type = context.readInner({ ...spot, path: `${spot.path}.${name || index + 1}` }, item);
    if (type !== failed) fields.push({ name, type });
  }
  return fields.length === items.length ? { kind: "tuple", fields } : failed;
}

/** `Record<string, number>`; `Record<string, any>` is JSON. */
export const maps: Rule = (context, spot, value) => {
  const base = singleBase(value);
  if (base === undefined || !hasFlag(base, context.ts.TypeFlags.Object | context.ts.TypeFlags.Intersection)) {
    return undefined;
  }
  const [index, ...more] = context.checker.getIndexInfosOfType(base);
  if (index === undefined) return undefined;
  if (more.length > 0 || context.checker.getPropertiesOfType(base).length > 0) {
    const hint = "write Record<string, V> in a field of its own beside the named fields";
    return problem(
      context,
      spot,
      "schema/index-signature",
      "mixes an index signature with other members",
      hint,
    );
  }
  return readMap(context, spot, index);
};

function readMap(context: ReadContext, spot: Spot, index: ts.IndexInfo): Reading<DataType> {
  const { TypeFlags } = context.ts;
  if (hasFlag(index.type, TypeFlags.Any | TypeFlags.Unknown)) return { kind: "simple", name: "JSON" };
  const key = context.readInner({ ...spot, path: `${spot.path}{key}` }, index.keyType);
  const entry = context.readInner({ ...spot, path: `${spot.path}{}` }, index.type);
  return key === failed || entry === failed ? failed : { kind: "map", key, value: entry };
}
