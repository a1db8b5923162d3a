// One declared table: its config and its row type become a Table of the model.

import type { Diagnostic } from "../diagnostic.js";
import { withMembers } from "../infra/enum-comment.js";
import { LifeCycle } from "../infra/lifecycle.js";
import type { Column, Table } from "../infra/table.js";
import { engineName, isPresetSetting } from "../sql/engine.js";
import { mentions } from "../sql/mentions.js";
import { fitsFileName } from "../sql/name-length.js";
import { unwrapTuple } from "../sql/scan.js";
import { typeText } from "../sql/type.js";
import { isMisread } from "../sql/unsafe-names.js";
import { text } from "./config-value.js";
import { type EngineText, engineText } from "./engine-text.js";
import type { Registration } from "./registration.js";
import { fieldRenameProblems } from "./renames.js";
import type { RowField, RowSchema } from "./row-schema.js";
import { misplacedInTable } from "./runtime-env.js";
import { keyProblems, tableKeys } from "./table-keys.js";
import { desiredParts } from "./table-parts.js";

export interface DesiredTable {
  readonly table: Table | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Databases that ClickHouse or moose keep for themselves. */
const reservedDatabase = /^(system|information_schema|_moose.*)$/i;

export function desiredTable(
  registration: Registration,
  schema: RowSchema,
  defaultDatabase: string,
): DesiredTable {
  const { config } = registration;
  const name = physicalName(registration.name, config.version);
  const database = text(config.database) ?? defaultDatabase;
  const parts = desiredParts(name, config, schema.place);
  const made = engineText(config, database);
  const { engine } = made;
  const problems = [
    ...nameProblems(name, database, schema),
    ...fieldProblems(name, schema),
    ...engineProblems(name, made, schema),
    ...keyProblems(name, config, schema, engine),
    ...fieldRenameProblems(name, schema),
    ...parts.diagnostics,
  ];
  if (problems.length > 0) return { table: undefined, diagnostics: problems };
  const table: Table = {
    database,
    name,
    columns: schema.fields.map(column),
    engine,
    ...tableKeys(config, schema, engine),
    partitionBy: unwrapTuple(text(config.partitionBy) ?? ""),
    sampleBy: text(config.sampleByExpression) ?? "",
    ttl: (text(config.ttl) ?? "").replace(/^\s*TTL\s+/i, ""),
    indexes: parts.indexes,
    projections: parts.projections,
    constraints: parts.constraints,
    settings: settings(config.settings, engine),
    comment: text(config.comment) ?? "",
    cluster: clusterOf(config, engine),
    lifeCycle: lifeCycle(config.lifeCycle),
    renamedFrom: text(config.renamedFrom),
    place: schema.place,
  };
  const diagnostics = [...misreadNames(table), ...misplacedInTable(table)];
  return { table: diagnostics.length > 0 ? undefined : table, diagnostics };
}

/** `events` of version `1.0` is `events_1_0`. */
export function physicalName(name: string, version: unknown): string {
  const suffix = text(version)?.replaceAll(".", "_") ?? "";
  return suffix === "" ? name : `${name}_${suffix}`;
}

/** A Distributed table names the cluster that it stands for in the same option. */
function clusterOf(config: Registration["config"], engine: string): string | undefined {
  return engineName(engine) === "Distributed" ? undefined : text(config.cluster) || undefined;
}

function engineProblems(
  name: string,
  { problems, fields }: EngineText,
  schema: RowSchema,
): readonly Diagnostic[] {
  const { place } = schema;
  const known = new Set(schema.fields.map((field) => field.name));
  return [
    ...problems.map((clause): Diagnostic => {
      const summary = `table ${name} ${clause}`;
      return { code: "declare/engine-option", severity: "error", summary, place };
    }),
    ...fields
      .filter((field) => !known.has(field))
      .map((field): Diagnostic => {
        const summary = `the engine of table ${name} names the field ${field}, which its row type does not have`;
        const hint = `its fields are ${[...known].join(", ")}`;
        return { code: "declare/unknown-field", severity: "error", summary, hint, place };
      }),
  ];
}

function misreadNames(table: Table): readonly Diagnostic[] {
  const suspects = table.columns.filter(({ name }) => isMisread(name));
  if (suspects.length === 0) return [];
  const { orderBy, primaryKey, partitionBy, sampleBy, ttl, columns, indexes, projections, constraints } =
    table;
  const computed = columns.flatMap((other) => [other.default?.expression ?? "", other.ttl]);
  const parts = [
    ...[...indexes, ...constraints].map(({ expression }) => expression),
    ...projections.map(({ body }) => body),
  ];
  const expressions = [orderBy, primaryKey, partitionBy, sampleBy, ttl, ...computed, ...parts];
  return suspects
    .filter(({ name }) => expressions.some((expression) => mentions(expression, name)))
    .map(({ name, place }) => ({
      code: "declare/misread-name",
      severity: "error",
      summary: `field "${name}" of table ${table.name} is used in an expression, where ClickHouse takes its name for something else`,
      detail:
        "ClickHouse would store the expression without quotes, and could not load the table after a restart.",
      place,
      hint: "give the field another name",
    }));
}

function column(field: RowField): Column {
  return {
    name: field.name,
    type: typeText(field.type),
    default: field.default,
    comment: withMembers(field.comment, field.type),
    codec: field.codec,
    ttl: field.ttl,
    renamedFrom: field.renamedFrom,
    place: field.place,
  };
}

/** An S3Queue has no mode of its own. */
function settings(value: unknown, engine: string): Readonly<Record<string, string>> {
  const preset: [string, string][] = engineName(engine) === "S3Queue" ? [["mode", "unordered"]] : [];
  if (typeof value !== "object" || value === null) return Object.fromEntries(preset);
  const given = Object.entries(value)
    .filter(([, v]) => v !== undefined && v !== null)
    .map(([name, v]): [string, string] => [name, v === true ? "1" : v === false ? "0" : String(v)]);
  const all = [...preset, ...given].filter(([name, v]) => !isPresetSetting(engine, name, v));
  return Object.fromEntries(all);
}

function lifeCycle(value: unknown): LifeCycle {
  return Object.values(LifeCycle).find((known) => known === value) ?? LifeCycle.FULLY_MANAGED;
}

function nameProblems(name: string, database: string, schema: RowSchema): readonly Diagnostic[] {
  const place = schema.place;
  const problems: Diagnostic[] = [];
  if (name.includes("\0") || database.includes("\0")) {
    problems.push({
      code: "declare/bad-name",
      severity: "error",
      summary: "a table's name must not hold a NUL character",
      place,
    });
  }
  if (!fitsFileName(database, name)) {
    problems.push({
      code: "declare/name-too-long",
      severity: "error",
      summary: `the name of table ${name.slice(0, 40)}.. is too long for ClickHouse`,
      detail: `${database} and it may have 213 characters together; each byte of a character other than a letter, digit or _ counts three times.`,
      place,
      hint: "give it a shorter name",
    });
  }
  if (reservedDatabase.test(database)) {
    problems.push({
      code: "declare/reserved-database",
      severity: "error",
      summary: `table ${name} names the database ${database}, which is not for tables of users`,
      place,
      hint: 'give another one: { database: "analytics" }',
    });
  }
  return problems;
}

function fieldProblems(name: string, schema: RowSchema): readonly Diagnostic[] {
  if (schema.fields.some((field) => field.default?.kind !== "ALIAS" && field.default?.kind !== "EPHEMERAL"))
    return [];
  return [
    {
      code: "declare/no-columns",
      severity: "error",
      summary: `table ${name} has no column that is stored: its row type has no fields`,
      place: schema.place,
      hint: "give the row type at least one field",
    },
  ];
}
