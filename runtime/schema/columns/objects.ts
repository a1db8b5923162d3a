// Objects with named fields: the row itself, nested objects, named tuples.

import type ts from "typescript";
import type { DataField } from "../../../src/infra/datatype.js";
import {
  failed,
  languageClass,
  problem,
  type ReadContext,
  type Rule,
  type Spot,
  singleBase,
} from "./context.js";
import { columnProperties, isObject, nestedField } from "./members.js";

const insteadOfClass: Readonly<Record<string, string>> = {
  Map: "write Record<K, V>",
  ReadonlyMap: "write Record<K, V>",
  WeakMap: "write Record<K, V>",
  Set: "write an array, T[]",
  ReadonlySet: "write an array, T[]",
  WeakSet: "write an array, T[]",
  Promise: "write the type of the value itself",
  String: "write string, with a small s",
  Number: "write number, with a small n",
  Boolean: "write boolean, with a small b",
  BigInt: "write bigint, with a small b",
  Object: "write an interface with its fields",
  Function: "leave it out of the row type",
};

/** Values that are no data: functions, and the classes of the language except Date. */
export const noData: Rule = (context, spot, value) => {
  const base = singleBase(value);
  if (base === undefined) return undefined;
  if (base.getCallSignatures().length > 0 || base.getConstructSignatures().length > 0) {
    const hint = "leave it out of the row type, for example with Omit<T, ..>";
    return problem(context, spot, "schema/function", "is a function, which cannot be stored", hint);
  }
  const name = languageClass(context, base);
  if (name === undefined || name === "Date") return undefined;
  const hint = insteadOfClass[name] ?? "write string, a number type, an array or an interface";
  return problem(context, spot, "schema/class", `is a ${name}, which has no column type`, hint);
};

/** An object is a `Nested` structure, or a tuple with names where it is tagged so. */
export const objects: Rule = (context, spot, value) => {
  const base = singleBase(value);
  if (base === undefined || !isObject(context, base)) return undefined;
  const fields = readFields(context, spot, base);
  if (fields.some((field) => field === failed)) return failed;
  if (fields.length === 0) {
    const hint = "give it fields, or write Record<string, V> for a map";
    return problem(context, spot, "schema/no-fields", "is an object without fields", hint);
  }
  return {
    kind: value.tags.has("namedTuple") ? "tuple" : "nested",
    fields: fields.filter((field) => field !== failed),
  };
};

function readFields(context: ReadContext, spot: Spot, type: ts.Type): readonly (DataField | typeof failed)[] {
  return columnProperties(context, type).map((symbol) => nestedField(context, spot, symbol, "an object"));
}
