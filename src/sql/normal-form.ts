// Which texts of a table have to be put into the server's own form, and how they are asked for and put back.

import type { Column, Table } from "../infra/table.js";
import { unwrapTuple } from "./scan.js";

/** A text whose printed form is asked of the server. Types by `toTypeName`, the others by `formatQuerySingleLineOrNull`. */
export interface RawText {
  readonly kind: "type" | "expression" | "list" | "ttl";
  readonly text: string;
  /** What it is to the user: `the default of at`. */
  readonly role: string;
  /** Column that it belongs to, for the place of an error. */
  readonly column?: Column;
}

/** Every text of the table that the server may print in another form. */
export function rawTexts(table: Table): readonly RawText[] {
  const lists: readonly (readonly [string, string])[] = [
    [table.orderBy, "the sorting key"],
    [table.primaryKey, "the primary key"],
    [table.partitionBy, "the partition key"],
    [table.sampleBy, "the sampling expression"],
  ];
  return [
    ...table.columns.flatMap(columnTexts),
    ...lists.filter(([text]) => text !== "").map(([text, role]) => ({ kind: "list", text, role }) as const),
    ...(table.ttl === "" ? [] : [{ kind: "ttl", text: table.ttl, role: "the TTL" } as const]),
  ];
}

function columnTexts(column: Column): readonly RawText[] {
  const texts: RawText[] = [{ kind: "type", text: column.type, role: `the type of ${column.name}`, column }];
  if (column.default !== undefined && column.default.expression !== "") {
    const role = `the ${column.default.kind.toLowerCase()} of ${column.name}`;
    texts.push({ kind: "expression", text: column.default.expression, role, column });
  }
  if (column.ttl !== "")
    texts.push({ kind: "ttl", text: column.ttl, role: `the TTL of ${column.name}`, column });
  return texts;
}

/** The statement around `text` that the server is asked to format. */
export function carrierOf(text: RawText): string {
  return text.kind === "ttl" ? `ALTER TABLE x MODIFY TTL ${text.text}` : `SELECT ${text.text}`;
}

/** The text taken out of its formatted carrier. */
export function fromCarrier(kind: RawText["kind"], formatted: string): string {
  if (kind !== "ttl") {
    const text = formatted.slice("SELECT ".length);
    return kind === "list" ? unwrapTuple(text) : text;
  }
  // Newer servers print the command in brackets.
  return formatted.replace(/^ALTER TABLE x (\(MODIFY TTL (.*)\)|MODIFY TTL (.*))$/s, (_, __, a, b) => a ?? b);
}

/** `a DESC` reads as an alias inside of a SELECT; such a list is left to the table that is made and read back. */
export function isSettledByFormatting(text: RawText): boolean {
  return text.kind !== "list" || !/\b(?:asc|desc)\b/i.test(text.text);
}

/** Type names are printed over several lines when they hold a named tuple. */
export function typeOnOneLine(text: string): string {
  return text.replace(/\(\n\s+/g, "(").replace(/,\n\s+/g, ", ");
}

/** The table with each text replaced by what `lookUp` knows for it. */
export function withNormalTexts(
  table: Table,
  lookUp: (kind: RawText["kind"], text: string) => string,
): Table {
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      type: lookUp("type", column.type),
      default: column.default && {
        ...column.default,
        expression: lookUp("expression", column.default.expression),
      },
      ttl: lookUp("ttl", column.ttl),
    })),
    orderBy: unwrapTuple(lookUp("list", table.orderBy)),
    primaryKey: unwrapTuple(lookUp("list", table.primaryKey)),
    partitionBy: unwrapTuple(lookUp("list", table.partitionBy)),
    sampleBy: unwrapTuple(lookUp("list", table.sampleBy)),
    ttl: lookUp("ttl", table.ttl),
  };
}
