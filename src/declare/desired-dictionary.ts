// One declared dictionary becomes a dictionary of the model: its options as the definition that ClickHouse reads.

import type { Diagnostic } from "../diagnostic.js";
import type { DataType } from "../infra/datatype.js";
import { LifeCycle } from "../infra/lifecycle.js";
import { quoteIdentifier, quoteString } from "../sql/quote.js";
import { withDatabase } from "../sql/table-references.js";
import { typeText } from "../sql/type.js";
import { type DesiredView, nameProblems } from "./desired-view.js";
import type { Registration } from "./registration.js";
import type { RowField, RowSchema } from "./row-schema.js";

type Options = Readonly<Record<string, unknown>>;

export function desiredDictionary(
  { name, config }: Registration,
  schema: RowSchema,
  defaultDatabase: string,
): DesiredView {
  const database = text(config.database) ?? defaultDatabase;
  const { place } = schema;
  const clauses = optionProblems(config, schema);
  const diagnostics = [
    ...nameProblems({ kind: "dictionary", name, database }, place),
    ...clauses.map(
      (clause): Diagnostic => ({
        code: "declare/dictionary-option",
        severity: "error",
        summary: `dictionary ${name} ${clause}`,
        place,
      }),
    ),
  ];
  if (diagnostics.length > 0) return { view: undefined, diagnostics };
  const definition = [
    `(${schema.fields.map((field) => attribute(field, config.defaults)).join(", ")})`,
    `PRIMARY KEY ${keysOf(config).map(quoteIdentifier).join(", ")}`,
    `SOURCE(${source(config, defaultDatabase)})`,
    `LIFETIME(${lifetime(config.lifetime)})`,
    `LAYOUT(${layout(config.layout)})`,
  ].join(" ");
  return {
    view: {
      kind: "Dictionary",
      database,
      name,
      select: definition,
      target: undefined,
      refresh: "",
      columns: undefined,
      lifeCycle:
        Object.values(LifeCycle).find((known) => known === config.lifeCycle) ?? LifeCycle.FULLY_MANAGED,
      place,
    },
    diagnostics: [],
  };
}

function optionProblems(config: Options, { fields }: RowSchema): readonly string[] {
  const known = new Set(fields.map(({ name }) => name));
  const unknown = keysOf(config).filter((key) => !known.has(key));
  const sources = [config.sourceTable, config.sourceQuery, config.externalSource].filter(
    (one) => one !== undefined,
  );
  return [
    ...(keysOf(config).length === 0 ? ["has no primaryKey"] : []),
    ...unknown.map((key) => `names the key ${key}, which its type does not have`),
    ...(sources.length === 1 ? [] : ["needs one of sourceTable, sourceQuery and externalSource"]),
    ...(config.externalSource !== undefined && text(optionsOf(config.externalSource).type) === undefined
      ? ['has an externalSource without a type: { type: "HTTP", url: "..", format: "TSV" }']
      : []),
    ...(text(optionsOf(config.layout).type) === undefined ? ['needs a layout: { type: "HASHED" }'] : []),
  ];
}

function keysOf({ primaryKey }: Options): readonly string[] {
  return Array.isArray(primaryKey) ? primaryKey.map(String) : [];
}

/** An attribute has no LowCardinality. */
function attribute({ name, type, default: own }: RowField, defaults: unknown): string {
  const given = optionsOf(defaults)[name];
  const fallback = given === undefined ? own?.expression : literal(given);
  const head = `${quoteIdentifier(name)} ${typeText(plain(type))}`;
  return fallback === undefined ? head : `${head} DEFAULT ${fallback}`;
}

function plain(type: DataType): DataType {
  return type.kind === "lowCardinality" ? type.inner : type;
}

function source(config: Options, defaultDatabase: string): string {
  if (config.externalSource !== undefined) return named(optionsOf(config.externalSource));
  const query = text(config.sourceQuery);
  if (query !== undefined) {
    const whole = withDatabase(query.replace(/[\s;]+$/, "").trim(), defaultDatabase);
    return `CLICKHOUSE(QUERY ${quoteString(whole)})`;
  }
  const { name, database } = optionsOf(config.sourceTable);
  return `CLICKHOUSE(TABLE ${quoteString(String(name))} DB ${quoteString(text(database) ?? defaultDatabase)})`;
}

function lifetime(value: unknown): string {
  const { min, max } = typeof value === "number" ? { min: 0, max: value } : optionsOf(value);
  return `MIN ${Number(min ?? 0)} MAX ${Number(max ?? 0)}`;
}

function layout(value: unknown): string {
  return named(optionsOf(value));
}

/** `{ type: "HASHED", shards: 2 }` as `HASHED(SHARDS 2)`. */
function named({ type, ...options }: Options): string {
  return `${String(type).toUpperCase()}(${pairs(options)})`;
}

function pairs(options: Options): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) =>
      typeof value === "object" && value !== null
        ? `${clause(key)}(${pairs(value as Options)})`
        : `${clause(key)} ${literal(value)}`,
    )
    .join(" ");
}

/** `maxThreads` as `MAX_THREADS`. */
function clause(key: string): string {
  return key.replace(/[a-z](?=[A-Z])/g, "$&_").toUpperCase();
}

function literal(value: unknown): string {
  if (value === null) return "NULL";
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : quoteString(String(value));
}

function optionsOf(value: unknown): Options {
  return typeof value === "object" && value !== null ? (value as Options) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
