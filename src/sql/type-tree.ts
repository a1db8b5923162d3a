// Takes a ClickHouse type's text apart, one level at a time.

import { bracketed, splitTopLevel } from "./scan.js";
import { unescaped } from "./unescape.js";

/** `Decimal(10, 2)` is `{ name: "Decimal", args: ["10", "2"] }`. */
export interface TypeNode {
  readonly name: string;
  readonly args: readonly string[];
}

export function readType(text: string): TypeNode {
  const open = text.indexOf("(");
  if (open < 0) return { name: text.trim(), args: [] };
  return { name: text.slice(0, open).trim(), args: splitTopLevel(bracketed(text, open).inside) };
}

/** An element of a Tuple or Nested; `name` is as it is written, and undefined where it has none. */
export interface TypeElement {
  readonly name: string | undefined;
  readonly type: string;
}

/** `a Int8` of a Tuple's arguments is `{ name: "a", type: "Int8" }`, and `Int8` has no name; so it is with the arguments of other types. */
export function readElement(arg: string): TypeElement {
  const [, name, type = arg] = /^(`(?:\\.|[^`\\])+`|\w+) (.+)$/s.exec(arg) ?? [];
  return { name, type };
}

/** The type inside `wrapper(..)`, or the type itself where it is not so wrapped. */
export function unwrapType(text: string, wrapper: "Nullable" | "LowCardinality"): string {
  const { name, args } = readType(text);
  return name === wrapper && args[0] !== undefined ? args[0] : text;
}

/** The type of the values: `SimpleAggregateFunction(anyLast, T)` holds them as they are, and is a T. */
export function typeOfValues(text: string): string {
  const { name, args } = readType(text);
  return name === "SimpleAggregateFunction" ? (args[1] ?? text) : text;
}

/** The same type over values of another one. */
export function withValues(text: string, change: (type: string) => string): string {
  const values = typeOfValues(text);
  if (values === text) return change(text);
  const [aggregate = ""] = readType(text).args;
  return `SimpleAggregateFunction(${aggregate}, ${change(values)})`;
}

export function isNullable(text: string): boolean {
  return readType(unwrapType(typeOfValues(text), "LowCardinality")).name === "Nullable";
}

/** The type without the nulls: `LowCardinality(Nullable(String))` becomes `LowCardinality(String)`. */
export function withoutNulls(text: string): string {
  return withValues(text, (type) => {
    const inner = unwrapType(type, "LowCardinality");
    return inner === type ? unwrapType(type, "Nullable") : `LowCardinality(${unwrapType(inner, "Nullable")})`;
  });
}

/** Members of an Enum8 or Enum16 by name; undefined for any other type. */
export function enumMembers(text: string): ReadonlyMap<string, number> | undefined {
  const { name, args } = readType(text);
  if (name !== "Enum8" && name !== "Enum16") return undefined;
  const members = args.map((arg) => {
    const equals = arg.lastIndexOf(" = ");
    return [unescaped(arg.slice(1, equals - 1)), Number(arg.slice(equals + 3))] as const;
  });
  return new Map(members);
}
