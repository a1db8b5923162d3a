// The sql template tag: queries with values as parameters, and tables, views and columns by their names.

import { quoteIdentifier, quoteString } from "../sql/quote.js";

/** What an object is called inside of a query. A symbol of the global registry, for several copies of this library. */
export const sqlName: unique symbol = Symbol.for("moose.sqlName") as never;

/** A table, a view, a dictionary or a column. */
export interface NamedInSql {
  /** As it stands in a query, in backticks. */
  readonly [sqlName]: string;
}

/**
 * A value that travels beside the query. A pair names the ClickHouse type itself: `["UInt8", 7]`; `["Identifier", "a"]`
 * is a name.
 */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | null
  | readonly [type: string, value: unknown];

/** What may stand in `${..}`. */
export type SqlPart = SqlValue | Sql | NamedInSql;

/** A query, or a piece of one: `strings[0] values[0] strings[1] ..`. */
export class Sql {
  readonly strings: readonly string[];
  readonly values: readonly SqlValue[];

  constructor(strings: readonly string[], parts: readonly SqlPart[]) {
    if (strings.length !== parts.length + 1)
      throw new TypeError(`a query of ${strings.length} texts has ${strings.length - 1} values between them`);
    const texts = [strings[0] ?? ""];
    const values: SqlValue[] = [];
    const append = (text: string): void => {
      texts[texts.length - 1] += text;
    };
    for (const [index, part] of parts.entries()) {
      if (isNamed(part)) append(part[sqlName]);
      else if (isSql(part)) {
        append(part.strings[0] ?? "");
        for (const [at, value] of part.values.entries()) {
          values.push(value);
          texts.push(part.strings[at + 1] ?? "");
        }
      } else {
        values.push(part);
        texts.push("");
      }
      append(strings[index + 1] ?? "");
    }
    this.strings = texts;
    this.values = values;
  }

  /** This query with another piece behind it. */
  append(part: Sql): Sql {
    return new Sql(["", "", ""], [this, part]);
  }
}

function isNamed(part: SqlPart): part is NamedInSql {
  return typeof part === "object" && part !== null && sqlName in part;
}

/** By its shape: the app may have another copy of this library. */
function isSql(part: SqlPart): part is Sql {
  return typeof part === "object" && part !== null && "strings" in part && "values" in part;
}

/**
 * A query. Values become parameters, so that they cannot be taken for SQL; tables, views and columns stand by their names.
 *
 * @example
 * sql`SELECT ${pages.columns.url} FROM ${pages} WHERE views > ${limit}`
 */
export function sql(strings: readonly string[], ...parts: readonly SqlPart[]): Sql {
  return new Sql(strings, parts);
}

/** A whole statement; the same as {@link sql}. */
sql.statement = sql;
/** A piece to be put into another query; the same as {@link sql}. */
sql.fragment = sql;
/** A piece without anything in it. */
sql.empty = new Sql([""], []);
/** Text that is SQL already. Never give it what a user has typed. */
sql.raw = (text: string): Sql => new Sql([text], []);
/** Pieces and values with a separator between them; `sql.join([1, 2])` is `1, 2`. */
sql.join = (parts: readonly SqlPart[], separator: Sql | string = ", "): Sql => {
  const between = typeof separator === "string" ? sql.raw(separator) : separator;
  return parts.reduce<Sql>(
    (joined, part, index) =>
      index === 0 ? new Sql(["", ""], [part]) : new Sql(["", "", "", ""], [joined, between, part]),
    sql.empty,
  );
};

/** The query with placeholders `{p0:Int64}` and their values, as a ClickHouse client takes them. */
export function toQuery(query: Sql): [query: string, params: Record<string, unknown>] {
  const text = query.strings
    .map((piece, index) => {
      const value = query.values[index];
      return index < query.values.length ? `${piece}{p${index}:${typeOf(value ?? null)}}` : piece;
    })
    .join("");
  return [text, Object.fromEntries(query.values.map((value, index) => [`p${index}`, parameterOf(value)]))];
}

function typeOf(value: SqlValue): string {
  if (value === null) return "Nullable(String)";
  if (isPair(value)) return value[0];
  if (value instanceof Date) return "DateTime64(3)";
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? "Int64" : "Float64";
    case "bigint":
      return "Int128";
    case "boolean":
      return "Bool";
    default:
      return "String";
  }
}

function isPair(value: SqlValue): value is readonly [string, unknown] {
  return Array.isArray(value);
}

function parameterOf(value: SqlValue): unknown {
  if (isPair(value)) return value[1];
  return typeof value === "bigint" ? String(value) : value;
}

/** The query with its values written into it: for messages, and for views, which have no parameters. */
export function toStaticQuery(query: Sql): string {
  return query.strings
    .map((piece, index) =>
      index < query.values.length ? piece + literal(query.values[index] ?? null) : piece,
    )
    .join("");
}

/** The same; it never throws. */
export const toQueryPreview: typeof toStaticQuery = toStaticQuery;

function literal(value: SqlValue): string {
  if (value === null) return "NULL";
  if (isPair(value)) {
    const [type, inner] = value;
    return type === "Identifier"
      ? quoteIdentifier(String(inner))
      : `CAST(${plainLiteral(inner)}, ${quoteString(type)})`;
  }
  if (value instanceof Date)
    return `toDateTime64(${quoteString(value.toISOString().slice(0, -1))}, 3, 'UTC')`;
  return plainLiteral(value);
}

function plainLiteral(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  return quoteString(String(value));
}

/** The text of a query that was given as text or made with {@link sql}. */
export function queryText(query: string | Sql): string {
  return typeof query === "string" ? query : toStaticQuery(query);
}

/** Pieces with a separator, a beginning and an end. */
export function joinQueries(options: {
  readonly values: readonly SqlPart[];
  readonly separator?: string;
  readonly prefix?: string;
  readonly suffix?: string;
}): Sql {
  const { values, separator = ",", prefix = "", suffix = "" } = options;
  if (values.length === 0) throw new TypeError("joinQueries needs at least one value");
  return new Sql([prefix, suffix], [sql.join(values, separator)]);
}

/** Names that are known only when the query is made. */
export const ApiHelpers = {
  column: (name: string): [type: string, value: string] => ["Identifier", name],
  table: (name: string): [type: string, value: string] => ["Identifier", name],
} as const;

/** @deprecated called {@link ApiHelpers} now */
export const ConsumptionHelpers = ApiHelpers;
