// Reads columns out of the statement that ClickHouse itself prints for a table.

import type { Column, ColumnDefault } from "../infra/table.js";
import { cutAtClauses } from "./scan.js";
import { splitName } from "./table-parts.js";
import { unescaped } from "./unescape.js";

/** In the order in which the server prints them; the first four exclude each other. */
const words = [
  " DEFAULT ",
  " MATERIALIZED ",
  " ALIAS ",
  " EPHEMERAL",
  " COMMENT ",
  " CODEC(",
  " STATISTICS(",
  " TTL ",
  " SETTINGS ",
] as const;

const bareWords: ReadonlySet<string> = new Set(words.map((word) => word.replace("(", "").trim()));

/** Types that the server prints alike in a statement and in system.columns, others around them included. */
const plainTypes: ReadonlySet<string> = new Set([
  ...["String", "FixedString", "UUID", "Bool", "IPv4", "IPv6", "Enum8", "Enum16", "Float32", "Float64"],
  ...["UInt8", "UInt16", "UInt32", "UInt64", "UInt128", "UInt256"],
  ...["Int8", "Int16", "Int32", "Int64", "Int128", "Int256", "Decimal"],
  ...["Date", "Date32", "DateTime", "DateTime64"],
  ...["Nullable", "LowCardinality", "Array", "Map", "Tuple"],
]);

/**
 * Whether a column that was read from its printed form is sure to be as system.columns shows it. JSON and Dynamic are
 * printed with other spaces, and an expression may hold a name, without quotes, that reads as the word of a clause.
 */
export function isClearlyPrinted({ name, type, default: given }: Column): boolean {
  if (bareWords.has(name) || given?.expression === "") return false;
  if (plainTypes.has(type)) return true;
  const names = type.replace(/'(?:[^'\\]|\\.)*'/gs, "").match(/[A-Za-z_`][^(),]*/g) ?? [];
  return names.every((word) => plainTypes.has(word));
}

/**
 * A column as ClickHouse prints it:
 * `name` Type [DEFAULT e] [COMMENT 's'] [CODEC(..)] [STATISTICS(..)] [TTL e] [SETTINGS (..)].
 */
export function readPrintedColumn(text: string): Column {
  const { name, rest } = splitName(text);
  const { head: type, clauses } = cutAtClauses(rest, words);
  const column = {
    name,
    type,
    default: undefined as ColumnDefault | undefined,
    comment: "",
    codec: "",
    ttl: "",
  };
  for (const { word, text } of clauses) {
    switch (word) {
      case " DEFAULT ":
      case " MATERIALIZED ":
      case " ALIAS ":
      case " EPHEMERAL":
        column.default = { kind: word.trim() as ColumnDefault["kind"], expression: text };
        break;
      case " COMMENT ":
        column.comment = unescaped(text.slice(1, -1));
        break;
      case " CODEC(":
        column.codec = text.slice(0, -1);
        break;
      case " TTL ":
        column.ttl = text;
        break;
      case " STATISTICS(":
      case " SETTINGS ":
    }
  }
  return column;
}
