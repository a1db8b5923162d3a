// Whether a record fits the columns of a table.

import type { Column } from "../infra/table.js";
import { enumMembers, readType, unwrapType } from "../sql/type-tree.js";

/** What is wrong with one field. */
export interface RecordProblem {
  /** Name of the field; with the place inside of it for lists and the like, `tags.2`. */
  readonly path: string;
  /** The ClickHouse type that it has to fit. */
  readonly expected: string;
  readonly value: unknown;
}

/** All problems of a record; none when it can be inserted. Fields that no column has are problems too. */
export function checkRow(columns: readonly Column[], record: unknown): readonly RecordProblem[] {
  if (typeof record !== "object" || record === null || Array.isArray(record))
    return [{ path: "", expected: "an object", value: record }];
  const given = new Map(Object.entries(record));
  const known = new Set(columns.map(({ name }) => name));
  return [
    ...columns.flatMap((column) => checkField(column, given.get(column.name))),
    ...[...given].flatMap(([name, value]) =>
      known.has(name) || value === undefined ? [] : [{ path: name, expected: "no such column", value }],
    ),
  ];
}

function checkField({ name, type, default: fallback }: Column, value: unknown): readonly RecordProblem[] {
  if (fallback?.kind === "MATERIALIZED" || fallback?.kind === "ALIAS")
    return value === undefined ? [] : [{ path: name, expected: "nothing: the column is computed", value }];
  if (value === undefined && fallback !== undefined) return [];
  return checkValue(type, value, name);
}

function checkValue(type: string, value: unknown, path: string): readonly RecordProblem[] {
  const bare = unwrapType(type, "LowCardinality");
  const { name, args } = readType(bare);
  if (name === "Nullable")
    return value === null || value === undefined ? [] : checkValue(args[0] ?? "", value, path);
  const wrong = [{ path, expected: type, value }];
  if (name === "Array") {
    if (!Array.isArray(value)) return value === undefined ? [] : wrong;
    return value.flatMap((one, index) => checkValue(args[0] ?? "", one, `${path}.${index}`));
  }
  if (name === "Map") {
    if (typeof value !== "object" || value === null) return wrong;
    return Object.entries(value).flatMap(([key, one]) => checkValue(args[1] ?? "", one, `${path}.${key}`));
  }
  if (value === null || value === undefined) return name === "Nested" ? [] : wrong;
  return fits(name, args, bare, value) ? [] : wrong;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const numberForm = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Types that are not known are let be: the server looks at every value again. */
function fits(name: string, args: readonly string[], type: string, value: unknown): boolean {
  const whole = /^(U?)Int(\d+)$/.exec(name);
  if (whole !== null) return isWholeWithin(value, whole[1] === "U", Number(whole[2]));
  if (/^(Float\d+|BFloat16)$/.test(name)) return typeof value === "number" || isNumberText(value);
  if (/^Decimal/.test(name)) return typeof value === "number" || isNumberText(value);
  const members = enumMembers(type);
  if (members !== undefined)
    return typeof value === "number" ? [...members.values()].includes(value) : members.has(String(value));
  switch (name) {
    case "String":
      return typeof value === "string";
    case "FixedString":
      return typeof value === "string" && value.length <= Number(args[0]);
    case "Bool":
      return typeof value === "boolean";
    case "UUID":
      return typeof value === "string" && uuidForm.test(value);
    case "Date":
    case "Date32":
    case "DateTime":
    case "DateTime64":
      return isMoment(value);
    case "Tuple":
    case "Nested":
      return typeof value === "object";
    default:
      return true;
  }
}

function isWholeWithin(value: unknown, isUnsigned: boolean, bits: number): boolean {
  if (typeof value === "number" && !Number.isInteger(value)) return false;
  if (typeof value !== "number" && typeof value !== "bigint" && !/^-?\d+$/.test(String(value))) return false;
  const number = BigInt(value as number | bigint | string);
  const span = 2n ** BigInt(isUnsigned ? bits : bits - 1);
  return number < span && number >= (isUnsigned ? 0n : -span);
}

function isNumberText(value: unknown): boolean {
  return typeof value === "bigint" || (typeof value === "string" && numberForm.test(value));
}

function isMoment(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" && !Number.isNaN(Date.parse(value.replace(" ", "T")));
}
