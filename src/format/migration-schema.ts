// The JSON schema of the files under migrations/: editors check with it while somebody writes, and moose before it reads.

import { LifeCycle } from "../infra/lifecycle.js";
import { topicSchema as topic, topicNameSchema, topicOperations } from "./topic-schema.js";

type Schema = Readonly<Record<string, unknown>>;

const text = { type: "string" };
const textOrNull = { type: ["string", "null"] };
const name = { type: "string", minLength: 1, maxLength: 1000 };
const ref = (definition: string): Schema => ({ $ref: `#/$defs/${definition}` });
const listOf = (items: Schema): Schema => ({ type: "array", items });

/** Keys that are not listed are let be: the existing tool adds some with each release. */
function object(required: Schema, optional: Schema = {}): Schema {
  return { type: "object", required: Object.keys(required), properties: { ...required, ...optional } };
}

const place = { database: textOrNull, cluster_name: textOrNull };
const onTable = (required: Schema = {}, optional: Schema = {}): Schema =>
  object({ table: name, ...required }, { ...place, ...optional });

const column = object(
  { name, data_type: ref("dataType") },
  {
    required: { type: "boolean" },
    unique: { type: "boolean" },
    primary_key: { type: "boolean" },
    default: textOrNull,
    materialized: textOrNull,
    alias: textOrNull,
    ephemeral: textOrNull,
    ttl: textOrNull,
    codec: textOrNull,
    comment: textOrNull,
    annotations: { type: ["array", "null"] },
    clickhouse_type: {
      type: ["string", "null"],
      description: "ClickHouse's own text of the type, where the other fields cannot tell it exactly",
    },
  },
);

const dataType = {
  anyOf: [
    { type: "string", minLength: 1 },
    object({ nullable: ref("dataType") }),
    object({ elementType: ref("dataType") }, { elementNullable: { type: "boolean" } }),
    object({ keyType: ref("dataType"), valueType: ref("dataType") }),
    object({ fields: listOf({ type: "array", minItems: 2, maxItems: 2 }) }),
    object({ columns: listOf(ref("column")) }),
    object({ values: listOf(object({ name: text, value: { type: "object" } })) }),
    {
      type: "object",
      anyOf: ["typed_paths", "max_dynamic_paths", "max_dynamic_types", "skip_paths", "skip_regexps"].map(
        (key) => ({
          required: [key],
        }),
      ),
    },
  ],
};

const index = object(
  { name, expression: text },
  {
    type: text,
    index_type: text,
    arguments: { type: ["array", "null"], items: text },
    granularity: { type: ["integer", "null"], minimum: 1 },
  },
);

const projection = object({ name, body: text });

const constraint = object({ name, expression: text }, { type: { enum: ["CHECK", "ASSUME", null] } });

const settings = { type: ["object", "null"], additionalProperties: text };

const table = object(
  { name, columns: { ...listOf(ref("column")), minItems: 1 } },
  {
    database: textOrNull,
    cluster_name: textOrNull,
    version: textOrNull,
    order_by: { anyOf: [listOf(name), text, { type: "null" }] },
    primary_key_expression: textOrNull,
    partition_by: textOrNull,
    sample_by: textOrNull,
    engine: { type: ["string", "object", "null"] },
    table_ttl_setting: textOrNull,
    table_settings: settings,
    indexes: { type: ["array", "null"], items: ref("index") },
    projections: { type: ["array", "null"], items: ref("projection") },
    constraints: { type: ["array", "null"], items: ref("constraint") },
    life_cycle: { enum: [...Object.values(LifeCycle), null] },
    comment: textOrNull,
  },
);

const view = (more: Schema = {}): Schema => object({ name, ...more }, { database: textOrNull });

const statements = listOf({ type: "string", minLength: 1 });
/** Which SQL resource the statements set up, or tear down. */
const sqlResource: Schema = object(
  { name, does: { enum: ["setup", "teardown"] } },
  {
    database: textOrNull,
    setup_hash: textOrNull,
    teardown: statements,
    pulls_data_from: listOf(text),
    pushes_data_to: listOf(text),
  },
);

/** Fields of every operation, by its name. */
const operations: Readonly<Record<string, Schema>> = {
  CreateTable: object({ table: ref("table") }, place),
  DropTable: onTable(),
  RenameTable: onTable({ after_table: name }),
  RecreateTable: object(
    { before: ref("table"), after: ref("table") },
    { policy: { type: ["object", "null"] } },
  ),
  AddTableColumn: onTable({ column: ref("column") }, { after_column: textOrNull }),
  DropTableColumn: onTable({ column_name: name }),
  ModifyTableColumn: onTable({ before_column: ref("column"), after_column: ref("column") }),
  RenameTableColumn: onTable({ before_column_name: name, after_column_name: name }),
  ModifyTableSettings: onTable({}, { before_settings: settings, after_settings: settings }),
  ModifyTableTtl: onTable({}, { before: textOrNull, after: textOrNull }),
  ModifyTableComment: onTable({}, { before: textOrNull, after: textOrNull }),
  AddTableIndex: onTable({ index: ref("index") }),
  DropTableIndex: onTable({ index_name: name }),
  AddTableProjection: onTable({ projection: ref("projection") }),
  DropTableProjection: onTable({ projection_name: name }),
  AddTableConstraint: onTable({ constraint: ref("constraint") }),
  DropTableConstraint: onTable({ constraint_name: name }),
  ModifySampleBy: onTable({ expression: text }),
  RemoveSampleBy: onTable(),
  CreateMaterializedView: object(
    { name, target_table: name, select_sql: text },
    { database: textOrNull, target_database: textOrNull, refresh: textOrNull },
  ),
  DropMaterializedView: view(),
  CreateView: view({ select_sql: text }),
  DropView: view(),
  ModifyViewQuery: view({ materialized: { type: "boolean" }, select_sql: text }),
  ModifyViewRefresh: view({ refresh: text }),
  CreateDictionary: view({ definition: text }),
  ReplaceDictionary: view({ definition: text }),
  DropDictionary: view(),
  ...topicOperations,
  RawSql: object({ sql: statements }, { description: textOrNull, sql_resource: sqlResource }),
};

const definitions = { dataType, column, index, projection, constraint, table, topic };
const draft = "http://json-schema.org/draft-07/schema#";

/** plan.yaml */
export const migrationSchema = {
  $schema: draft,
  title: "A planned migration of moose",
  ...object({
    created_at: text,
    operations: listOf({
      type: "object",
      minProperties: 1,
      maxProperties: 1,
      properties: operations,
      additionalProperties: false,
    }),
  }),
  $defs: definitions,
} as const;

/** A file of a chain of migrations. */
export const chainSchema = {
  $schema: draft,
  title: "One migration of a chain of moose",
  ...object(
    {
      id: name,
      parent_state_hash: text,
      deltas: listOf({
        type: "object",
        required: ["type"],
        properties: { type: { enum: Object.keys(operations) } },
        allOf: Object.entries(operations).map(([kind, schema]) => ({
          if: { properties: { type: { const: kind } } },
          // biome-ignore lint/suspicious/noThenProperty: JSON schema calls it so
          then: schema,
        })),
      }),
    },
    {
      description: textOrNull,
      created_at: textOrNull,
      parent: textOrNull,
      life_cycles: {
        type: ["array", "null"],
        items: object(
          { life_cycle: { enum: Object.values(LifeCycle) } },
          { table: name, database: textOrNull, topic: topicNameSchema },
        ),
      },
    },
  ),
  $defs: definitions,
} as const;
