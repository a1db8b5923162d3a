// The types of columns as TypeScript: what a user would write for a column that is there already.

import { enumMembers, readType } from "../sql/type-tree.js";

/** A type without `null`, and whether `null` belongs to it; `names` are those that have to be imported. */
export interface WrittenType {
  readonly text: string;
  readonly nullable: boolean;
  readonly names: ReadonlySet<string>;
}

const numbers = /^U?Int(8|16|32|64|128|256)$|^Float32$|^BFloat16$/;
const named = /^(UUID|IPv4|IPv6|Date32|Time)$/;

export function writeType(type: string): WrittenType {
  const { name, args } = readType(type);
  const inner = args[0] ?? "";
  if (name === "Nullable") {
    const written = writeType(inner);
    return { ...written, nullable: true };
  }
  if (name === "LowCardinality") {
    const written = writeType(inner);
    const isPlain = /^(String|Nullable\(String\))$/.test(inner);
    if (!isPlain) return stored(type, "string");
    return {
      ...written,
      text: `${written.text} & LowCardinality`,
      names: new Set([...written.names, "LowCardinality"]),
    };
  }
  if (numbers.test(name) || named.test(name)) return plain(name, name);
  switch (name) {
    case "String":
      return plain("string");
    case "Float64":
      return plain("number");
    case "Bool":
      return plain("boolean");
    case "Date":
      return plain('string & tags.Format<"date"> & ClickHouseByteSize<2>', "tags", "ClickHouseByteSize");
    case "FixedString":
      return plain(`FixedString<${inner}>`, "FixedString");
    case "Decimal":
      return plain(`Decimal<${args.join(", ")}>`, "Decimal");
    case "DateTime":
      return inner === "'UTC'" ? plain("Date") : stored(type, "Date");
    case "DateTime64":
      return args.length === 1 ? plain(`DateTime64<${inner}>`, "DateTime64") : stored(type, "Date");
    case "Array":
      return listOf(type, inner);
    default:
      return stored(type, carrierOf(type, name));
  }
}

function plain(text: string, ...names: readonly string[]): WrittenType {
  return { text, nullable: false, names: new Set(names) };
}

/** By its own text, on a TypeScript type that is near to it. */
function stored(type: string, carrier: string): WrittenType {
  return plain(`${carrier} & tags.StoredAs<${JSON.stringify(type)}>`, "tags");
}

function carrierOf(type: string, name: string): string {
  const members = enumMembers(type);
  if (members !== undefined) return `(${[...members.keys()].map((one) => JSON.stringify(one)).join(" | ")})`;
  return name === "Map" ? "Record<string, unknown>" : "string";
}

function listOf(type: string, element: string): WrittenType {
  const inner = writeType(element);
  if (/StoredAs|LowCardinality/.test(inner.text)) return stored(type, "unknown[]");
  const text = inner.nullable ? `(${inner.text} | null)[]` : `(${inner.text})[]`;
  return { text: text.replace(/^\(([A-Za-z0-9<>]+)\)\[\]$/, "$1[]"), nullable: false, names: inner.names };
}
