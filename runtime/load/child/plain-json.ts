// Reduces a config object of user code to what JSON can hold, whatever stands in it.

import { declarationBrand } from "../../../src/declare/registry.js";

const maximumDepth = 32;

/**
 * The value as plain JSON. Functions, symbols, bigints, numbers that are not finite, maps, sets, binary data and
 * cycles are left out; an object that was declared itself (another table) becomes `{ name }`.
 *
 * @example toPlainJson({ a: 1, f() {}, to: otherTable }) // { a: 1, to: { name: "other" } }
 */
export function toPlainJson(value: unknown): Record<string, unknown> {
  const plain = reduce(value, []);
  return typeof plain === "object" && plain !== null && !Array.isArray(plain)
    ? (plain as Record<string, unknown>)
    : {};
}

function reduce(value: unknown, ancestors: readonly object[]): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "object") return undefined;
  if (ancestors.includes(value) || ancestors.length >= maximumDepth) return undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (isDeclared(value)) return { name: String(read(value, "name")) };
  if (value instanceof Map || value instanceof Set || value instanceof RegExp || ArrayBuffer.isView(value)) {
    return undefined;
  }
  const path = [...ancestors, value];
  if (Array.isArray(value)) return value.map((item) => reduce(item, path) ?? null);
  return reduceObject(value, path);
}

function reduceObject(value: object, path: readonly object[]): Record<string, unknown> {
  const entries = Object.keys(value)
    .map((key) => [key, reduce(read(value, key), path)] as const)
    .filter(([, reduced]) => reduced !== undefined);
  return Object.fromEntries(entries);
}

function isDeclared(value: object): boolean {
  const maker = read(value, "constructor");
  return typeof maker === "function" && Reflect.get(maker, declarationBrand) === true;
}

/** A getter of user code may throw; what cannot be read is left out. */
function read(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}
