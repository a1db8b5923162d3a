// Objects that are stored as JSON, with what their tag says of it.

import type { DataField, DataType } from "../../../src/infra/datatype.js";
import {
  failed,
  problem,
  type ReadContext,
  type Reading,
  type Rule,
  type Spot,
  singleBase,
  type TagValue,
} from "./context.js";
import { columnProperties, isObject, nestedField } from "./members.js";

export const json: Rule = (context, spot, value) => {
  const tag = value.tags.get("json")?.[0];
  if (tag === undefined) return undefined;
  const [maxDynamicPaths, maxDynamicTypes, skip, skipPatterns] = Array.isArray(tag) ? tag : [];
  const base = singleBase(value);
  if (base === undefined || !isObject(context, base)) {
    const hint = "put ClickHouseJson on an object or on Record<string, any>";
    return problem(context, spot, "schema/carrier", "has ClickHouseJson and is no object", hint);
  }
  const isRight =
    isLimit(maxDynamicPaths) && isLimit(maxDynamicTypes) && isTexts(skip) && isTexts(skipPatterns);
  if (!isRight) {
    const says = "has a ClickHouseJson whose limits are no whole numbers, or whose paths are no texts";
    const hint = 'write literals: ClickHouseJson<256, 16, ["debug"], ["^tmp"]>';
    return problem(context, spot, "schema/type-parameters", says, hint);
  }
  const paths = readPaths(context, spot, base);
  return paths === failed
    ? failed
    : { kind: "json", maxDynamicPaths, maxDynamicTypes, paths, skip, skipPatterns };
};

const maxDynamicLimit = 100_000;

function isLimit(value: TagValue): value is number | undefined {
  if (value === undefined) return true;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxDynamicLimit;
}

function isTexts(value: TagValue): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** The named fields are typed paths; those of an object inside have its name before their own. */
function readPaths(
  context: ReadContext,
  spot: Spot,
  type: Parameters<typeof columnProperties>[1],
): Reading<readonly DataField[]> {
  const paths: DataField[] = [];
  for (const symbol of columnProperties(context, type)) {
    const field = nestedField(context, spot, symbol, "JSON");
    if (field === failed) return failed;
    paths.push(...pathsOf(field.name, field.type));
  }
  return paths;
}

function pathsOf(name: string, type: DataType): readonly DataField[] {
  if (type.kind === "nested" || type.kind === "json") {
    const fields = type.kind === "nested" ? type.fields : type.paths;
    return fields.flatMap((field) => pathsOf(`${name}.${field.name}`, field.type));
  }
  return [{ name, type: withoutNested(type) }];
}

/** A list of objects in JSON is a list of tuples; `Nested` would be a list in each of its entries. */
function withoutNested(type: DataType): DataType {
  switch (type.kind) {
    case "array":
      return { kind: "array", element: withoutNested(type.element) };
    case "map":
      return { ...type, value: withoutNested(type.value) };
    case "nested":
    case "tuple":
      return {
        kind: "tuple",
        fields: type.fields.map((field) => ({ ...field, type: withoutNested(field.type) })),
      };
    default:
      return type;
  }
}
