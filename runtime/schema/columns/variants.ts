// Variants: a value of one of several types.

import type ts from "typescript";
import type { DataType } from "../../../src/infra/datatype.js";
import { isTupleType } from "../compiler.js";
import {
  columnOnlyTags,
  failed,
  problem,
  type ReadContext,
  type Reading,
  type Spot,
  type TagValue,
  type TypeReading,
} from "./context.js";
import type { Untagged } from "./tag-reader.js";

/** Each member of the union carries the list of all, so one of them tells. */
export function readVariant(
  context: ReadContext,
  spot: Spot,
  untagged: readonly Untagged[],
): Reading<TypeReading> {
  const list = untagged[0]?.typeTags.get("variant");
  const types = list === undefined ? [] : elementsOf(context, list);
  if (types.length === 0) {
    const hint = "write the types in brackets: Variant<[string, number]>";
    return problem(context, spot, "schema/type-parameters", "is a Variant without a list of types", hint);
  }
  const members: DataType[] = [];
  for (const type of types) {
    const member = context.readInner(spot, type);
    if (member === failed) return failed;
    members.push(member.kind === "nullable" ? member.inner : member);
  }
  return { type: { kind: "variant", members }, nullable: false, tags: ofColumn(untagged) };
}

function elementsOf(context: ReadContext, list: ts.Type): readonly ts.Type[] {
  const { checker } = context;
  return isTupleType(checker, list) ? checker.getTypeArguments(list as ts.TypeReference) : [];
}

/** What is said of the column is on every member. */
function ofColumn(untagged: readonly Untagged[]): ReadonlyMap<string, readonly TagValue[]> {
  return new Map([...(untagged[0]?.tags ?? [])].filter(([name]) => columnOnlyTags.has(name)));
}
