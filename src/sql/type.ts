// Prints a data type the way ClickHouse prints it in system.columns.

import type { DataField, DataType, EnumMember, JsonOptions } from "../infra/datatype.js";

/**
 * ClickHouse's own text of a type, character for character what `system.columns.type` shows for such a column.
 *
 * @example
 * typeText({ kind: "nullable", inner: { kind: "simple", name: "String" } }) // "Nullable(String)"
 * typeText({ kind: "enum", members: [{ name: "a", value: 1 }] })            // "Enum8('a' = 1)"
 */
export function typeText(type: DataType): string {
  switch (type.kind) {
    case "simple":
      return type.name;
    case "nullable":
      return `Nullable(${typeText(type.inner)})`;
    case "lowCardinality":
      return `LowCardinality(${typeText(type.inner)})`;
    case "array":
      return `Array(${typeText(type.element)})`;
    case "map":
      return `Map(${typeText(type.key)}, ${typeText(type.value)})`;
    case "tuple":
      return `Tuple(${type.fields.map(fieldText).join(", ")})`;
    case "nested":
      return `Nested(${type.fields.map(fieldText).join(", ")})`;
    case "decimal":
      return `Decimal(${type.precision}, ${type.scale})`;
    case "fixedString":
      return `FixedString(${type.length})`;
    case "dateTime":
      return type.timezone === undefined ? "DateTime" : `DateTime(${textLiteral(type.timezone)})`;
    case "dateTime64":
      return `DateTime64(${[`${type.precision}`, ...timezoneArgument(type.timezone)].join(", ")})`;
    case "time64":
      return `Time64(${type.precision})`;
    case "enum":
      return enumText(type.members);
    case "variant":
      return `Variant(${[...new Set(type.members.map(typeText))].sort().join(", ")})`;
    case "aggregate":
      return `AggregateFunction(${[type.functionName, ...type.args.map(typeText)].join(", ")})`;
    case "simpleAggregate":
      return `SimpleAggregateFunction(${[type.functionName, ...type.args.map(typeText)].join(", ")})`;
    case "json":
      return jsonText(type);
  }
}

/** ClickHouse prints the limits first, then the paths by name, then what is skipped. */
function jsonText({ maxDynamicPaths, maxDynamicTypes, paths, skip, skipPatterns }: JsonOptions): string {
  const typed = paths.map(({ name, type }) => `${fieldName(name)} ${typeText(type)}`);
  const options = [
    ...(maxDynamicTypes === undefined ? [] : [`max_dynamic_types=${maxDynamicTypes}`]),
    ...(maxDynamicPaths === undefined ? [] : [`max_dynamic_paths=${maxDynamicPaths}`]),
    ...typed.sort(),
    ...skip.map((path) => `SKIP ${fieldName(path)}`).sort(),
    ...skipPatterns.map((pattern) => `SKIP REGEXP ${textLiteral(pattern)}`),
  ];
  return options.length === 0 ? "JSON" : `JSON(${options.join(", ")})`;
}

function timezoneArgument(timezone: string | undefined): readonly string[] {
  return timezone === undefined ? [] : [textLiteral(timezone)];
}

/** An element of a tuple without a name is printed as its type alone. */
function fieldText(field: DataField): string {
  const type = typeText(field.type);
  return field.name === "" ? type : `${fieldName(field.name)} ${type}`;
}

/** ClickHouse lists the members by their number, and takes the wider enum only where a number needs it. */
function enumText(members: readonly EnumMember[]): string {
  const byValue = [...members].sort((a, b) => a.value - b.value);
  const fitsInByte = byValue.every((member) => member.value >= -128 && member.value <= 127);
  const list = byValue.map((member) => `${textLiteral(member.name)} = ${member.value}`);
  return `${fitsInByte ? "Enum8" : "Enum16"}(${list.join(", ")})`;
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\0": "\\0",
};

function textLiteral(text: string): string {
  return `'${text.replace(/[\\'\b\f\n\r\t\0]/g, (char) => escapes[char] ?? char)}'`;
}

/** The only words that ClickHouse puts in backticks inside a type, seen by printing all its keywords (26.7). */
const quotedWords = new Set(["all", "distinct", "from", "null", "select", "table", "values"]);

function fieldName(name: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !quotedWords.has(name.toLowerCase());
  return isPlain ? name : `\`${name.replace(/[\\`]/g, "\\$&")}\``;
}
