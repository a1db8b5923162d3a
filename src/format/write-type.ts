// ClickHouse's text of a type becomes the data_type of Moose's JSON, as near as that can say it.

import { enumMembers, readType, unwrapType } from "../sql/type-tree.js";
import { unescaped } from "../sql/unescape.js";
import { maxTypeDepth, simpleTypes } from "./read-type.js";
import type { PlainValue } from "./value.js";

/** What Moose's JSON of a column says about its type. */
export interface TypeJson {
  readonly dataType: PlainValue;
  readonly required: boolean;
  readonly annotations: readonly PlainValue[];
}

/**
 * The nearest that Moose's JSON has. Whoever writes it reads it back, and adds the text itself where the two differ.
 *
 * @param name - of the column; Moose's enums and nested types have names, ClickHouse's have none
 */
export function typeJson(type: string, name: string): TypeJson {
  const aggregate = aggregateJson(type, name);
  if (aggregate !== undefined) return aggregate;
  const inner = unwrapType(type, "LowCardinality");
  const bare = unwrapType(inner, "Nullable");
  return {
    dataType: dataTypeOf(bare, name, 0),
    required: bare === inner,
    annotations: inner === type ? [] : [["LowCardinality", true]],
  };
}

function aggregateJson(type: string, name: string): TypeJson | undefined {
  const { name: kind, args } = readType(type);
  const [functionName, ...types] = args;
  if (functionName === undefined || (kind !== "AggregateFunction" && kind !== "SimpleAggregateFunction"))
    return undefined;
  const argumentTypes = types.map((one) => valueTypeOf(one, name, 0));
  const first = argumentTypes[0] ?? "String";
  const annotation: PlainValue =
    kind === "AggregateFunction"
      ? ["aggregationFunction", { argumentTypes, functionName }]
      : ["simpleAggregationFunction", { argumentType: first, functionName }];
  return { dataType: first, required: true, annotations: [annotation] };
}

const mooseNames = new Map([...simpleTypes].map(([moose, clickhouse]) => [clickhouse, moose]));

function dataTypeOf(type: string, name: string, depth: number): PlainValue {
  const simple = mooseNames.get(type);
  if (simple !== undefined || depth > maxTypeDepth) return simple ?? type;
  const { name: kind, args } = readType(type);
  const inner = (text: string | undefined): PlainValue => valueTypeOf(text ?? "", name, depth + 1);
  switch (kind) {
    case "DateTime":
      return "DateTime";
    case "DateTime64":
      return `DateTime(${args[0] ?? "3"})`;
    case "Enum8":
    case "Enum16":
      return enumOf(type, name);
    case "Array": {
      const element = unwrapType(args[0] ?? "", "LowCardinality");
      const bare = unwrapType(element, "Nullable");
      return { elementNullable: bare !== element, elementType: dataTypeOf(bare, name, depth + 1) };
    }
    case "Map":
      return { keyType: inner(args[0]), valueType: inner(args[1]) };
    case "Tuple":
      return { fields: args.map((arg) => [fieldOf(arg).name, inner(fieldOf(arg).type)]) };
    case "Nested":
      return { columns: args.map((arg) => nestedColumn(arg, depth)), jwt: false, name };
    default:
      return type;
  }
}

/** A type inside of another: whether it is nullable stands around it. */
function valueTypeOf(type: string, name: string, depth: number): PlainValue {
  const inner = unwrapType(type, "LowCardinality");
  const bare = unwrapType(inner, "Nullable");
  const json = dataTypeOf(bare, name, depth);
  return bare === inner ? json : { nullable: json };
}

/** Members that are numbered from 1 in their order are texts to Moose; any others have their numbers told. */
function enumOf(type: string, name: string): PlainValue {
  const members = [...(enumMembers(type) ?? [])];
  const inOrder = members.every(([, value], index) => value === index + 1);
  const values = members.map(([member, value]) => ({
    name: member,
    value: inOrder ? { String: member } : { Int: value },
  }));
  return { name, values };
}

function nestedColumn(text: string, depth: number): PlainValue {
  const field = fieldOf(text);
  const inner = unwrapType(field.type, "LowCardinality");
  const bare = unwrapType(inner, "Nullable");
  return {
    annotations: [],
    data_type: dataTypeOf(bare, field.name, depth + 1),
    default: null,
    name: field.name,
    primary_key: false,
    required: bare === inner,
    unique: false,
  };
}

/** `a UInt8` or `` `odd name` UInt8 ``; an element of a tuple may be a type alone. */
function fieldOf(text: string): { readonly name: string; readonly type: string } {
  const [, quoted, plain, type] = /^(?:`((?:\\.|[^`\\])*)`|([A-Za-z_]\w*)) (.+)$/s.exec(text) ?? [];
  if (type === undefined) return { name: "", type: text };
  return { name: quoted === undefined ? (plain ?? "") : unescaped(quoted), type };
}

/** How deep brackets stand inside of brackets, those in quotes counted too: a bound for what walks over the type. */
export function bracketDepth(text: string): number {
  let depth = 0;
  let most = 0;
  for (const c of text) {
    if (c === "(") most = Math.max(most, ++depth);
    if (c === ")") depth--;
  }
  return most;
}
