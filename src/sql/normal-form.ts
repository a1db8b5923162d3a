// Which texts of a table have to be put into the server's own form, and how they are asked for and put back.

import type { Column, Table } from "../infra/table.js";
import { withBareName } from "./engine.js";
import { splitTopLevel, unwrapTuple } from "./scan.js";
import {
  commandOf,
  constraintText,
  indexText,
  projectionText,
  readConstraintText,
  readIndexText,
  readProjectionText,
} from "./table-parts.js";

/** A text whose printed form is asked of the server. Types by `toTypeName`, the others by `formatQuerySingleLineOrNull`. */
export interface RawText {
  readonly kind: "type" | "expression" | "list" | "ttl" | "index" | "projection" | "constraint" | "engine";
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
    ...table.indexes.map(
      (index) => ({ kind: "index", text: indexText(index), role: `the index ${index.name}` }) as const,
    ),
    ...table.constraints.map(
      (one) =>
        ({ kind: "constraint", text: constraintText(one), role: `the constraint ${one.name}` }) as const,
    ),
    ...(/^MergeTree$/.test(table.engine)
      ? []
      : [{ kind: "engine", text: table.engine, role: "the engine" } as const]),
    ...table.projections.map(
      ({ name, body }) => ({ kind: "projection", text: body, role: `the projection ${name}` }) as const,
    ),
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
export function carrierOf({ kind, text }: RawText): string {
  switch (kind) {
    case "ttl":
      return `ALTER TABLE x MODIFY TTL ${text}`;
    case "index":
      return `ALTER TABLE x ADD INDEX i ${text}`;
    case "projection":
      return `ALTER TABLE x ADD PROJECTION p ${projectionText(text)}`;
    case "constraint":
      return `ALTER TABLE x ADD CONSTRAINT c ${text}`;
    case "engine":
      return `CREATE TABLE x (c UInt8) ENGINE = ${text}`;
    default:
      return `SELECT ${text}`;
  }
}

/** The text taken out of its formatted carrier; null where that has become more than one command. */
export function fromCarrier(kind: RawText["kind"], formatted: string): string | null {
  switch (kind) {
    case "ttl":
      return commandOf(formatted).slice("MODIFY TTL ".length);
    case "index":
    case "projection":
    case "constraint": {
      const command = commandOf(formatted);
      if (splitTopLevel(command).length > 1) return null;
      const text = command.slice(`ADD ${kind} x `.length);
      return kind === "projection" ? readProjectionText(text) : text;
    }
    case "engine":
      return withBareName(formatted.slice(formatted.indexOf(" ENGINE = ") + " ENGINE = ".length));
    case "list":
      return unwrapTuple(formatted.slice("SELECT ".length));
    default:
      return formatted.slice("SELECT ".length);
  }
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
    engine: lookUp("engine", table.engine),
    constraints: table.constraints.map((constraint) => ({
      name: constraint.name,
      ...readConstraintText(lookUp("constraint", constraintText(constraint))),
    })),
    indexes: table.indexes.map((index) => ({
      name: index.name,
      ...readIndexText(lookUp("index", indexText(index))),
    })),
    projections: table.projections.map(({ name, body }) => ({ name, body: lookUp("projection", body) })),
  };
}
