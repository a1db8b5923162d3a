// Random indexes, projections and constraints over the columns of a random table.

import fc from "fast-check";
import type { TableConstraint, TableIndex, TableProjection } from "../../src/infra/table.js";
import { quoteIdentifier } from "../../src/sql/quote.js";
import type { RawColumn } from "./arbitrary-table.js";
import { isPlain, textOf } from "./arbitrary-type.js";

/** Column that numbers the rows; it is in every table and its type never changes. */
export const rowId = "row id";
/** Time of every row, between 2024 and 2025; TTLs count from it. */
export const at = "at`";

/** An index or a projection as choices: what of, over which columns, in which form. */
export interface RawPart {
  readonly name: string;
  readonly column: number;
  readonly other: number;
  readonly form: number;
}

const rawPart: fc.Arbitrary<RawPart> = fc.record({
  name: fc.constantFrom("i", "by`name", "TYPE", "from", "GRANULARITY 2", "ix)"),
  column: fc.nat(12),
  other: fc.nat(12),
  form: fc.nat(20),
});
/** Most tables have none. */
export const rawParts = fc.oneof(
  { weight: 2, arbitrary: fc.constant<RawPart[]>([]) },
  { weight: 3, arbitrary: fc.uniqueArray(rawPart, { maxLength: 3, selector: ({ name }) => name }) },
);

/** A column that an index can be over, in backticks, and `row id` where there is none. */
function chosenColumn(
  columns: readonly RawColumn[],
  choice: number,
  isFit: (column: RawColumn) => boolean,
): string {
  const fit = columns.filter(isFit);
  const names = [rowId, at, ...fit.map(({ name }) => name)];
  return quoteIdentifier(names[choice % names.length] ?? rowId);
}

/** In forms that the server prints otherwise; some only hold while a column keeps a type of one kind. */
export function indexOf(part: RawPart, columns: readonly RawColumn[]): TableIndex {
  // The server refuses an index over an alias that is a constant.
  const isComparable = ({ type, defaultKind }: RawColumn) => isPlain(type) && defaultKind !== "ALIAS";
  const isText = (column: RawColumn) => isComparable(column) && textOf(column.type) === "String";
  const isNumber = (column: RawColumn) => isComparable(column) && column.type.family === "int";
  const any = chosenColumn(columns, part.column, isComparable);
  const other = chosenColumn(columns, part.other, isComparable);
  const number = chosenColumn(columns, part.column, isNumber).replace(quoteIdentifier(at), "`row id`");
  const text = `toString(${chosenColumn(columns, part.column, isText)})`;
  const forms: readonly (readonly [string, string, number])[] = [
    [any, "minmax", 1],
    [any === other ? any : `(${any},  ${other})`, "minmax", 3],
    [any, "set(100)", 1],
    [`(${number}+1)*2`, "minmax", 1],
    [`${number} BETWEEN 1 AND 5`, "set(0)", 2],
    [`LOWER(${text})||'x'`, "bloom_filter(1e-2)", 1],
    [text, "tokenbf_v1(256,2,0)", 4],
    [text, "ngrambf_v1(3, 256, 2, 0)", 1],
    ["1+`row id`", "minmax", 1],
    [`toDate(\`at\\\`\`)`, "minmax", 1],
  ];
  const [expression, type, granularity] = forms[part.form % forms.length] ?? ["`row id`", "minmax", 1];
  return { name: part.name, expression, type, granularity };
}

/** All of them hold for every row, in forms that the server prints otherwise. */
export function constraintOf(part: RawPart, columns: readonly RawColumn[]): TableConstraint {
  const any = chosenColumn(
    columns,
    part.column,
    // The server has no alias at hand when it looks at rows.
    ({ type, defaultKind }) => isPlain(type) && defaultKind !== "ALIAS",
  );
  const forms = [
    "`row id`>=0",
    "`row id` BETWEEN 0 AND 4000000",
    `toString(${any})<>'no such value'`,
    `(${any} IS NULL)||'x' != ''`,
    "toDate(`at\\``) > DATE '1971-01-01'",
  ];
  const expression = forms[part.form % forms.length] ?? "1";
  return { name: part.name, kind: part.form % 3 === 0 ? "ASSUME" : "CHECK", expression };
}

export function projectionOf(part: RawPart, columns: readonly RawColumn[]): TableProjection {
  const isStored = ({ type, defaultKind }: RawColumn) => isPlain(type) && defaultKind !== "ALIAS";
  const isSummed = (column: RawColumn) => isStored(column) && column.type.family === "int";
  const any = chosenColumn(columns, part.column, isStored);
  const other = chosenColumn(columns, part.other, isStored);
  const number = chosenColumn(columns, part.column, isSummed).replace(quoteIdentifier(at), "`row id`");
  const bodies = [
    `SELECT * ORDER BY ${any}`,
    `SELECT ${any},   \`row id\` ORDER BY ${any}`,
    `select ${any}, COUNT() GROUP BY ${any}`,
    `SELECT ${other}, Sum(${number}) AS total GROUP BY ${other}`,
    `WITH toString(${any}) AS text SELECT text, max(\`row id\`) GROUP BY text`,
    `SELECT \`row id\`, ${number} + 1 AS next ORDER BY next`,
    "SELECT toDate(`at\\``), count() GROUP BY toDate(`at\\``)",
  ];
  return { name: part.name, body: bodies[part.form % bodies.length] ?? "" };
}
