// What every reading of a type needs, and how a problem in one is said.

import type ts from "typescript";
import type { Diagnostic, SourcePlace } from "../../../src/diagnostic.js";
import type { DataType } from "../../../src/infra/datatype.js";
import type { Compiler } from "../compiler.js";

/** One reading of one row type. */
export interface ReadContext {
  readonly ts: Compiler;
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** Project folder, to which places are relative. */
  readonly root: string;
  /** Problems are added here; a reading with one has no schema. */
  readonly problems: Diagnostic[];
  /** Reads a type inside of another one, as the element of an array. */
  readonly readInner: (spot: Spot, type: ts.Type) => Reading<DataType>;
  /** Reads one property of an object. */
  readonly readProperty: (parent: Spot, symbol: ts.Symbol) => Reading<PropertyReading>;
}

/** A property that was read. */
export interface PropertyReading {
  readonly type: DataType;
  readonly nullable: boolean;
  readonly tags: Tags;
  readonly spot: Spot;
  /** Whether it has a tag that only a column of the row can have. */
  readonly isColumnOnly: boolean;
}

/** What a tag holds; `undefined` where its type argument is no literal. */
export type TagValue = string | number | boolean | readonly TagValue[] | undefined;

/** Tags by name without the leading `~`, each with its different values. */
export type Tags = ReadonlyMap<string, readonly TagValue[]>;

/** Tags that hold types and no literals, by name: the arguments of an aggregate function. */
export type TypeTags = ReadonlyMap<string, ts.Type>;

/** Where in the row type a reading is. */
export interface Spot {
  /** `address.city`; empty for the row itself. */
  readonly path: string;
  readonly place: SourcePlace;
  /** The types around this one, to notice one that contains itself. */
  readonly around: readonly ts.Type[];
}

/** A type without `null` and `undefined`, apart from its tags. */
export interface Value {
  /** As it is written, for messages. */
  readonly type: ts.Type;
  /** The members of a union, or the one type; without tags. */
  readonly bases: readonly ts.Type[];
  readonly tags: Tags;
  readonly typeTags: TypeTags;
}

/** A type that was read, before `Nullable` and `LowCardinality` are put around it. */
export interface TypeReading {
  readonly type: DataType;
  readonly nullable: boolean;
  readonly tags: Tags;
}

/** Tags that speak of a column and not of its type. */
export const columnOnlyTags: ReadonlySet<string> = new Set([
  "key",
  "default",
  "materialized",
  "alias",
  "ttl",
  "codec",
  "renamed",
  "comment",
]);

/** A type that has no column, when its problem has been noted. */
export const failed = Symbol("failed");
export type Reading<T> = T | typeof failed;

/** Reads one sort of type; `undefined` where the value is of another sort. */
export type Rule = (context: ReadContext, spot: Spot, value: Value) => Reading<DataType> | undefined;

/** Notes a problem. `says` goes on after the field's name: `is of type any`. */
export function problem(
  context: ReadContext,
  spot: Spot,
  code: `schema/${string}`,
  says: string,
  hint: string,
): typeof failed {
  const what = spot.path === "" ? "the row type" : `field ${JSON.stringify(spot.path)}`;
  context.problems.push({ code, severity: "error", summary: `${what} ${says}`, place: spot.place, hint });
  return failed;
}

const maxTypeTextLength = 80;

/** A type as the compiler prints it, cut where it is long. */
export function typeName(context: ReadContext, type: ts.Type): string {
  const text = context.checker.typeToString(type);
  return text.length <= maxTypeTextLength ? text : `${text.slice(0, maxTypeTextLength)}..`;
}

export function hasFlag(type: ts.Type, flags: ts.TypeFlags): boolean {
  return (type.flags & flags) !== 0;
}

export function everyHasFlag(value: Value, flags: ts.TypeFlags): boolean {
  return value.bases.every((base) => hasFlag(base, flags));
}

/** The only member, where the value is no union. */
export function singleBase(value: Value): ts.Type | undefined {
  return value.bases.length === 1 ? value.bases[0] : undefined;
}

/** Name of a class or interface of the language itself, `Date`, `Map`; `undefined` for the user's types. */
export function languageClass(context: ReadContext, type: ts.Type): string | undefined {
  const { ts, program } = context;
  const symbol = type.symbol as ts.Symbol | undefined;
  if (symbol === undefined || (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) === 0) {
    return undefined;
  }
  const source = symbol.declarations?.[0]?.getSourceFile();
  return source !== undefined && program.isSourceFileDefaultLibrary(source) ? symbol.name : undefined;
}
