// Checks a document against the JSON schema that the project ships.

import type { ErrorObject, ValidateFunction } from "ajv";
import type { Diagnostic } from "../../src/diagnostic.js";
import { chainSchema, migrationSchema } from "../../src/format/migration-schema.js";
import type { Path } from "../../src/format/value.js";
import type { ParsedDocument } from "./document.js";
import { loadAjv } from "./libraries.js";

export type SchemaName = "plan" | "migration";

const schemas = { plan: migrationSchema, migration: chainSchema } as const;
const compiled = new Map<SchemaName, ValidateFunction>();

/** The first thing in which the document is not as the schema says. */
export function schemaProblem(name: SchemaName, document: ParsedDocument): Diagnostic | undefined {
  const validate = compiled.get(name) ?? compile(name);
  if (validate(document.value)) return undefined;
  const [error] = validate.errors ?? [];
  if (error === undefined) return undefined;
  return {
    code: "migrations/schema",
    severity: "error",
    summary: `${error.instancePath === "" ? "the document" : error.instancePath} ${messageOf(error)}`.slice(
      0,
      300,
    ),
    place: document.placeOf(pathOf(error.instancePath)),
  };
}

/** It is compiled at each start: that the schema is one is for the tests to show, and to tune the code takes longer than it saves. */
const options = { strict: false, meta: false, validateSchema: false, code: { optimize: false } } as const;

function compile(name: SchemaName): ValidateFunction {
  const { Ajv } = loadAjv();
  const validate = new Ajv(options).compile(schemas[name]);
  compiled.set(name, validate);
  return validate;
}

function messageOf(error: ErrorObject): string {
  const extra: unknown = error.params.additionalProperty;
  return typeof extra === "string"
    ? `must not have the key ${extra}`
    : (error.message ?? "is not as the schema says");
}

/** `/operations/0/AddTableColumn` */
function pathOf(pointer: string): Path {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step.replaceAll("~1", "/").replaceAll("~0", "~")));
}
