// Small words for JSON schemas, so that a schema reads like the type it describes.

export type JsonSchema = Readonly<Record<string, unknown>>;

export const text: JsonSchema = { type: "string" };
export const flag: JsonSchema = { type: "boolean" };
export const count: JsonSchema = { type: "integer" };
export const number: JsonSchema = { type: "number" };
/** Whatever it is, it is let through. */
export const anything: JsonSchema = {};
export const time: JsonSchema = { type: "string", format: "date-time" };

export function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

export function oneOf(values: readonly string[]): JsonSchema {
  return { type: "string", enum: values };
}

/** @param optional - may be absent; all others are there */
export function object(
  required: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...optional },
  };
}

export function ref(id: string): JsonSchema {
  return { $ref: `${id}#` };
}
