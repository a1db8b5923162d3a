// The plain values of a plan file become operations, every field checked.

import { hidesSomething } from "../diff/hidden.js";
import type { Table } from "../infra/table.js";
import {
  checkExpression,
  readCluster,
  readDatabase,
  readExpression,
  readName,
  refuseCluster,
} from "./checked.js";
import { readColumn, readIsKey } from "./column-json.js";
import type { MigrationOperation, MigrationOperationKind, ObjectName } from "./operation.js";
import { readRawSqlResource } from "./sql-resource-json.js";
import { readConstraint, readIndex, readProjection, readSettings, readTable } from "./table-json.js";
import { readTopicOperation, topicOperationKinds } from "./topic-operation.js";
import type { Spot } from "./value.js";

type Fields = { readonly spot: Spot; readonly defaultDatabase: string };
type Reader = (fields: Fields) => MigrationOperation;

/** Reads the fields of an operation; undefined where its kind is not known. */
export function readOperation(
  kind: string,
  spot: Spot,
  defaultDatabase: string,
): MigrationOperation | undefined {
  const read = readers.get(kind);
  if (read === undefined) {
    spot.problem(
      "format/unknown-operation",
      `${kind.slice(0, 60)} is no operation`,
      `known are ${[...readers.keys()].join(", ")}`,
    );
    return undefined;
  }
  if (!spot.isObject) {
    spot.wrong("a mapping");
    return undefined;
  }
  if (!/Table|SampleBy/.test(kind)) refuseCluster(spot.field("cluster_name"));
  return read({ spot, defaultDatabase });
}

/** A table or view by its name and, where it is given, its database. */
function named({ spot, defaultDatabase }: Fields, name: string, database = "database"): ObjectName {
  return { database: readDatabase(spot.field(database), defaultDatabase), name: readName(spot.field(name)) };
}

const onTable = (fields: Fields) => {
  const cluster = readCluster(fields.spot.field("cluster_name"));
  return { table: { ...named(fields, "table"), ...(cluster === undefined ? {} : { cluster }) } };
};

function required(spot: Spot, list = false): string {
  const text = spot.text();
  if (typeof spot.value === "string") checkExpression(spot, text, list);
  return text;
}

/** The body of a view: one statement, a closing semicolon let be. */
function select(spot: Spot): string {
  const text = spot.text().replace(/[\s;]+$/, "");
  if (typeof spot.value === "string" && !/^\s*(\(|select\b|with\b)/i.test(text)) {
    spot.problem("format/bad-select", `${spot.name} is no SELECT`);
  }
  return text;
}

/** A dictionary and what stands behind its name. */
function dictionary(fields: Fields): { readonly view: ObjectName; readonly definition: string } {
  const spot = fields.spot.field("definition");
  const text = spot.text().replace(/[\s;]+$/, "");
  if (typeof spot.value === "string" && !/^\(.*\bSOURCE\s*\(/is.test(text))
    spot.problem("format/bad-definition", `${spot.name} is no definition of a dictionary`);
  return { view: named(fields, "name"), definition: text };
}

function sameTable(spot: Spot, before: ObjectName, after: ObjectName): void {
  if (before.database === after.database && before.name === after.name) return;
  spot.problem("format/contradicting-operation", "before and after are not of one table");
}

/** A table that is to be made. Its secrets are in no file, and without them it would be another one. */
function wholeTable(spot: Spot, defaultDatabase: string): Table {
  const table = readTable(spot, defaultDatabase);
  if (hidesSomething(table)) {
    const hint = "take the operation out of the file, and make this table with moose prod without a plan";
    spot.problem("format/hidden-secret", `table ${table.name} has a secret, which no file holds`, hint);
  }
  return table;
}

function recreateTable({ spot, defaultDatabase }: Fields): MigrationOperation {
  const before = readTable(spot.field("before"), defaultDatabase);
  const after = wholeTable(spot.field("after"), defaultDatabase);
  sameTable(spot, before, after);
  const policy = spot.field("policy");
  const said = policy.isAbsent
    ? undefined
    : {
        description: policy.field("description").optionalText(),
        approvedAt: policy.field("approved_at").optionalText(),
      };
  return { kind: "RecreateTable", before, after, policy: said };
}

function modifyTableColumn(fields: Fields): MigrationOperation {
  const [beforeSpot, afterSpot] = [fields.spot.field("before_column"), fields.spot.field("after_column")];
  const [before, after] = [readColumn(beforeSpot), readColumn(afterSpot)];
  if (before.name !== after.name) {
    const hint = "a new name is given by RenameTableColumn";
    afterSpot.problem(
      "format/contradicting-operation",
      "before_column and after_column have two names",
      hint,
    );
  }
  return { kind: "ModifyTableColumn", before, after, isKey: readIsKey(afterSpot), ...onTable(fields) };
}

function rawSql({ spot, defaultDatabase }: Fields): MigrationOperation {
  const sql = spot.field("sql").list().map(statement);
  const resource = readRawSqlResource(spot.field("sql_resource"), defaultDatabase);
  const description = spot.field("description").optionalText();
  return { kind: "RawSql", sql, description, ...(resource && { resource }) };
}

function statement(spot: Spot): string {
  const text = spot.text();
  if (typeof spot.value === "string" && (text.trim() === "" || text.includes("\0"))) {
    spot.problem("format/bad-statement", `${spot.name} is no statement`);
  }
  return text;
}

const readers: ReadonlyMap<string, Reader> = new Map<MigrationOperationKind, Reader>([
  [
    "CreateTable",
    ({ spot, defaultDatabase }) => ({
      kind: "CreateTable",
      table: wholeTable(spot.field("table"), defaultDatabase),
    }),
  ],
  ["DropTable", (fields) => ({ kind: "DropTable", ...onTable(fields) })],
  [
    "RenameTable",
    (fields) => ({ kind: "RenameTable", to: readName(fields.spot.field("after_table")), ...onTable(fields) }),
  ],
  ["RecreateTable", recreateTable],
  [
    "AddTableColumn",
    (fields) => {
      const after = fields.spot.field("after_column");
      const column = readColumn(fields.spot.field("column"));
      const afterColumn = after.isAbsent ? undefined : readName(after);
      return { kind: "AddTableColumn", column, afterColumn, ...onTable(fields) };
    },
  ],
  [
    "DropTableColumn",
    (fields) => ({
      kind: "DropTableColumn",
      column: readName(fields.spot.field("column_name")),
      ...onTable(fields),
    }),
  ],
  ["ModifyTableColumn", modifyTableColumn],
  [
    "RenameTableColumn",
    (fields) => ({
      kind: "RenameTableColumn",
      from: readName(fields.spot.field("before_column_name")),
      to: readName(fields.spot.field("after_column_name")),
      ...onTable(fields),
    }),
  ],
  [
    "ModifyTableSettings",
    (fields) => ({
      kind: "ModifyTableSettings",
      before: readSettings(fields.spot.field("before_settings")),
      after: readSettings(fields.spot.field("after_settings")),
      ...onTable(fields),
    }),
  ],
  [
    "ModifyTableTtl",
    (fields) => ({
      kind: "ModifyTableTtl",
      before: readExpression(fields.spot.field("before"), true),
      after: readExpression(fields.spot.field("after"), true),
      ...onTable(fields),
    }),
  ],
  [
    "ModifyTableComment",
    (fields) => ({
      kind: "ModifyTableComment",
      before: fields.spot.field("before").optionalText(),
      after: fields.spot.field("after").optionalText(),
      ...onTable(fields),
    }),
  ],
  [
    "AddTableIndex",
    (fields) => ({ kind: "AddTableIndex", index: readIndex(fields.spot.field("index")), ...onTable(fields) }),
  ],
  [
    "DropTableIndex",
    (fields) => ({
      kind: "DropTableIndex",
      index: readName(fields.spot.field("index_name")),
      ...onTable(fields),
    }),
  ],
  [
    "AddTableProjection",
    (fields) => ({
      kind: "AddTableProjection",
      projection: readProjection(fields.spot.field("projection")),
      ...onTable(fields),
    }),
  ],
  [
    "DropTableProjection",
    (fields) => ({
      kind: "DropTableProjection",
      projection: readName(fields.spot.field("projection_name")),
      ...onTable(fields),
    }),
  ],
  [
    "AddTableConstraint",
    (fields) => ({
      kind: "AddTableConstraint",
      constraint: readConstraint(fields.spot.field("constraint")),
      ...onTable(fields),
    }),
  ],
  [
    "DropTableConstraint",
    (fields) => ({
      kind: "DropTableConstraint",
      constraint: readName(fields.spot.field("constraint_name")),
      ...onTable(fields),
    }),
  ],
  [
    "ModifySampleBy",
    (fields) => ({
      kind: "ModifySampleBy",
      expression: required(fields.spot.field("expression")),
      ...onTable(fields),
    }),
  ],
  ["RemoveSampleBy", (fields) => ({ kind: "RemoveSampleBy", ...onTable(fields) })],
  [
    "CreateMaterializedView",
    (fields) => {
      const refresh = readExpression(fields.spot.field("refresh"), true);
      return {
        kind: "CreateMaterializedView",
        view: named(fields, "name"),
        target: named(fields, "target_table", "target_database"),
        select: select(fields.spot.field("select_sql")),
        ...(refresh === "" ? {} : { refresh }),
      };
    },
  ],
  ["DropMaterializedView", (fields) => ({ kind: "DropMaterializedView", view: named(fields, "name") })],
  [
    "CreateView",
    (fields) => ({
      kind: "CreateView",
      view: named(fields, "name"),
      select: select(fields.spot.field("select_sql")),
    }),
  ],
  [
    "ModifyViewQuery",
    (fields) => ({
      kind: "ModifyViewQuery",
      view: named(fields, "name"),
      isMaterialized: fields.spot.field("materialized").flag(),
      select: select(fields.spot.field("select_sql")),
    }),
  ],
  [
    "ModifyViewRefresh",
    (fields) => {
      const refresh = required(fields.spot.field("refresh"), true);
      return { kind: "ModifyViewRefresh", view: named(fields, "name"), refresh };
    },
  ],
  ["DropView", (fields) => ({ kind: "DropView", view: named(fields, "name") })],
  ["CreateDictionary", (fields) => ({ kind: "CreateDictionary", ...dictionary(fields) })],
  ["ReplaceDictionary", (fields) => ({ kind: "ReplaceDictionary", ...dictionary(fields) })],
  ["DropDictionary", (fields) => ({ kind: "DropDictionary", view: named(fields, "name") })],
  ["RawSql", rawSql],
  ...topicOperationKinds.map((kind): readonly [MigrationOperationKind, Reader] => [
    kind,
    ({ spot, defaultDatabase }) => readTopicOperation(kind, spot, defaultDatabase),
  ]),
]);
