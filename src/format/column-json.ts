// A column as Moose's JSON has it, and back.

import { hasMembers, membersIn, withMembers, withoutMembers } from "../infra/enum-comment.js";
import type { Column, ColumnDefault } from "../infra/table.js";
import { checkExpression, readExpression, readName } from "./checked.js";
import { maxTypeDepth, namedEnum, readTypeText } from "./read-type.js";
import { type PlainObject, ProblemList, Spot } from "./value.js";
import { bracketDepth, type TypeJson, typeJson } from "./write-type.js";

/** @param isKey - whether the column is of the primary key; Moose tells it here */
export function writeColumn(column: Column, isKey: boolean): PlainObject {
  const { kind, expression } = column.default ?? {};
  const exact = nearestJson(column.type, column.name);
  const named = withNames(column, exact);
  const type = named ?? exact;
  const comment = named === undefined ? column.comment : withoutMembers(column.comment);
  const computed = kind === undefined || kind === "DEFAULT" ? {} : { [kind.toLowerCase()]: expression ?? "" };
  return {
    annotations: type.annotations,
    data_type: type.dataType,
    default: kind === "DEFAULT" ? (expression ?? "") : null,
    name: column.name,
    primary_key: isKey,
    required: type.required,
    unique: false,
    ...computed,
    ...(comment === "" ? {} : { comment }),
    ...(column.codec === "" ? {} : { codec: column.codec }),
    ...(column.ttl === "" ? {} : { ttl: column.ttl }),
    ...(meaningOf(type, false) === column.type && (named !== undefined || !isNamedEnum(type))
      ? {}
      : { clickhouse_type: column.type }),
  };
}

/** The enum with the names that the comment tells; undefined where a reader would not make the same column of it. */
function withNames({ name, comment, type }: Column, exact: TypeJson): TypeJson | undefined {
  const known = membersIn(comment);
  if (known === undefined || !isNamedEnum(exact)) return undefined;
  const values = known.members.map(({ name: key, value }) => ({
    name: key,
    value: typeof value === "string" ? { String: value } : { Int: value },
  }));
  const json = { ...exact, dataType: { name: known.name, values } };
  const spot = new Spot(
    { name, data_type: json.dataType, comment: withoutMembers(comment) },
    [],
    new ProblemList(),
  );
  return meaningOf(json, false) === type && readComment(spot) === comment ? json : undefined;
}

/** A reader adds the names of its members to the comment, unless the type's own text stands beside. */
function isNamedEnum({ dataType }: TypeJson): boolean {
  return namedEnum(new Spot(dataType, [], new ProblemList())) !== undefined;
}

/** What a reader takes at least with the type's own text beside it. */
function nearestJson(type: string, name: string): TypeJson {
  const json = typeJson(type, name);
  return meaningOf(json, true) === undefined ? { dataType: type, required: true, annotations: [] } : json;
}

/** The type that a reader makes of what is written; undefined where it makes none. */
function meaningOf(type: TypeJson, lenient: boolean): string | undefined {
  const problems = new ProblemList();
  const fields = { data_type: type.dataType, required: type.required, annotations: type.annotations };
  const read = typeTextOf(new Spot(fields, [], problems), lenient);
  return problems.count === 0 ? read : undefined;
}

export function readColumn(spot: Spot): Column {
  return {
    name: readName(spot.field("name")),
    type: readType(spot),
    default: readDefault(spot),
    comment: readComment(spot),
    codec: readExpression(spot.field("codec"), true),
    ttl: readExpression(spot.field("ttl")),
  };
}

/** The existing tool keeps the names of an enum's members in the comment in ClickHouse, and not in its files. */
function readComment(spot: Spot): string {
  const comment = spot.field("comment").optionalText();
  if (hasMembers(comment) || !spot.field("clickhouse_type").isAbsent) return comment;
  const type = namedEnum(spot.field("data_type"));
  return type === undefined ? comment : withMembers(comment, type);
}

/** True where the column is marked as one of the primary key. */
export function readIsKey(spot: Spot): boolean {
  return spot.field("primary_key").optionalFlag();
}

function readType(spot: Spot): string {
  const exact = spot.field("clickhouse_type");
  if (exact.isAbsent) return typeTextOf(spot, false);
  const type = exact.text();
  checkExpression(exact, type);
  if (bracketDepth(type) > maxTypeDepth) {
    exact.problem("format/deep-type", `clickhouse_type is nested more than ${maxTypeDepth} levels deep`);
    return type;
  }
  const meant = meaningOf(nearestJson(type, ""), true);
  const said = typeTextOf(spot, true);
  if (said !== meant) {
    exact.problem(
      "format/contradicting-type",
      `clickhouse_type is ${type}, which is not what the column's other fields say`,
      "change data_type, required and annotations with it, or remove clickhouse_type",
    );
  }
  return type;
}

function typeTextOf(spot: Spot, lenient: boolean): string {
  const required = spot.field("required");
  return readTypeText({
    dataType: spot.field("data_type"),
    nullable: !required.isAbsent && !required.flag(),
    annotations: readAnnotations(spot.field("annotations")),
    lenient,
  });
}

/** `[["LowCardinality", true], ..]`; those that say nothing of the type are let be. */
function readAnnotations(spot: Spot): readonly (readonly [string, Spot])[] {
  return spot.optionalList().flatMap((pair) => {
    const [name, value] = pair.list();
    if (name === undefined || value === undefined) {
      pair.problem("format/wrong-type", `${pair.name} must be a name and a value`);
      return [];
    }
    return [[name.text(), value] as const];
  });
}

const kinds = ["DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL"] as const;

function readDefault(spot: Spot): ColumnDefault | undefined {
  const given = kinds.filter((kind) => !spot.field(kind.toLowerCase()).isAbsent);
  const [kind, second] = given;
  if (kind === undefined) return undefined;
  const value = spot.field(kind.toLowerCase());
  if (second !== undefined) {
    value.problem(
      "format/two-defaults",
      `the column has ${kind.toLowerCase()} and ${second.toLowerCase()}; keep one`,
    );
  }
  const expression = value.text();
  // Only EPHEMERAL can stand alone.
  if (expression !== "" || kind !== "EPHEMERAL") checkExpression(value, expression);
  return { kind, expression };
}
