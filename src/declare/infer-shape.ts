// The type of values of which only samples are known: what all of them have in common.

/** A type as it shows in samples. `mixed` are those that have no type in common. */
export type Shape =
  | { readonly kind: "string" | "date" | "number" | "boolean" | "mixed" }
  /** Undefined where every array was empty. */
  | { readonly kind: "array"; readonly element: Field | undefined }
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, Field> }
  /** Objects whose names are values themselves, or whose fields could not be told. */
  | { readonly kind: "map" };

export interface Field {
  /** Undefined where only null was seen. */
  readonly shape: Shape | undefined;
  readonly isNullable: boolean;
  /** Missing in some of the objects. */
  readonly isOptional: boolean;
}

/** An object with more names than this is taken for a map. */
const mostFields = 200;
const deepest = 12;

/**
 * What the values have in common; undefined where there are none.
 *
 * @example
 * inferShape([{ at: "2026-01-01T00:00:00Z" }, { at: "2026-01-02T00:00:00Z", n: 1 }])
 * // an object: at is a date, n a number that is optional
 */
export function inferShape(values: readonly unknown[], depth = 0): Shape | undefined {
  const known = values.filter((value) => value !== null && value !== undefined);
  const kinds = new Set(known.map(kindOf));
  if (kinds.size === 0) return undefined;
  if (kinds.size === 2 && kinds.has("date") && kinds.has("string")) return { kind: "string" };
  const [kind] = kinds;
  if (kinds.size > 1 || kind === undefined) return { kind: "mixed" };
  if (kind === "array") {
    const elements = known.flatMap((value) => (Array.isArray(value) ? value : []));
    if (elements.length === 0) return { kind, element: undefined };
    return depth >= deepest
      ? { kind: "mixed" }
      : { kind, element: fieldOf(elements, elements.length, depth) };
  }
  return kind === "object" ? objectShape(known, depth) : { kind };
}

function objectShape(values: readonly unknown[], depth: number): Shape {
  const fields = new Map<string, unknown[]>();
  for (const value of values)
    for (const [name, one] of Object.entries(value as object)) {
      const seen = fields.get(name);
      if (seen === undefined) fields.set(name, [one]);
      else seen.push(one);
    }
  if (fields.size === 0 || fields.size > mostFields || depth >= deepest) return { kind: "map" };
  return {
    kind: "object",
    fields: new Map([...fields].map(([name, seen]) => [name, fieldOf(seen, values.length, depth)])),
  };
}

function fieldOf(seen: readonly unknown[], objects: number, depth: number): Field {
  return {
    shape: inferShape(seen, depth + 1),
    isNullable: seen.some((value) => value === null),
    isOptional: seen.length < objects,
  };
}

function kindOf(value: unknown): "string" | "date" | "number" | "boolean" | "array" | "object" {
  switch (typeof value) {
    case "number":
    case "boolean":
      return typeof value as "number" | "boolean";
    case "string":
      return isIsoTime(value) ? "date" : "string";
    default:
      return Array.isArray(value) ? "array" : "object";
  }
}

/** A moment as `Date` is written in JSON, with its zone: a day alone, or a time of no zone, is text. */
function isIsoTime(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;
  return form.test(text) && !Number.isNaN(Date.parse(text));
}
