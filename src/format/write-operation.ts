// Operations become the plain values of a plan file.

import { writeColumn } from "./column-json.js";
import type { MigrationOperation, ObjectName } from "./operation.js";
import { writeRawSqlResource } from "./sql-resource-json.js";
import { writeConstraint, writeIndex, writeTable } from "./table-json.js";
import { isTopicOperation, writeTopicOperation } from "./topic-operation.js";
import { type PlainObject, type PlainValue, sortedKeys } from "./value.js";

/** The fields of an operation, keys in order; the database is null where it is the default one. */
export function writeOperation(operation: MigrationOperation, defaultDatabase: string): PlainObject {
  return sortedKeys(fieldsOf(operation, defaultDatabase)) as PlainObject;
}

function fieldsOf(operation: MigrationOperation, defaultDatabase: string): PlainObject {
  if (isTopicOperation(operation)) return writeTopicOperation(operation, defaultDatabase);
  const databaseOf = ({ database }: ObjectName): PlainValue =>
    database === defaultDatabase ? null : database;
  const onTable = (table: ObjectName) => ({
    cluster_name: table.cluster ?? null,
    database: databaseOf(table),
    table: table.name,
  });
  switch (operation.kind) {
    case "CreateTable":
      return { table: writeTable(operation.table, defaultDatabase) };
    case "RecreateTable":
      return recreateFields(operation, defaultDatabase);
    case "CreateMaterializedView":
    case "CreateView":
    case "DropMaterializedView":
    case "DropView":
    case "ModifyViewQuery":
    case "ModifyViewRefresh":
    case "CreateDictionary":
    case "ReplaceDictionary":
    case "DropDictionary":
      return viewFields(operation, databaseOf);
    case "RawSql":
      return {
        description: operation.description,
        sql: operation.sql,
        ...(operation.resource && { sql_resource: writeRawSqlResource(operation.resource, databaseOf) }),
      };
    case "DropTable":
    case "RemoveSampleBy":
      return onTable(operation.table);
    case "RenameTable":
      return { ...onTable(operation.table), after_table: operation.to };
    case "AddTableColumn": {
      const { table, column, afterColumn } = operation;
      return { ...onTable(table), after_column: afterColumn ?? null, column: writeColumn(column, false) };
    }
    case "DropTableColumn":
      return { ...onTable(operation.table), column_name: operation.column };
    case "ModifyTableColumn": {
      const { table, before, after, isKey } = operation;
      return {
        ...onTable(table),
        before_column: writeColumn(before, isKey),
        after_column: writeColumn(after, isKey),
      };
    }
    case "RenameTableColumn": {
      const { table, from, to } = operation;
      return { ...onTable(table), before_column_name: from, after_column_name: to };
    }
    case "ModifyTableSettings": {
      const { table, before, after } = operation;
      return { ...onTable(table), before_settings: before, after_settings: after };
    }
    case "ModifyTableTtl":
    case "ModifyTableComment": {
      const { table, before, after } = operation;
      return { ...onTable(table), before: before === "" ? null : before, after: after === "" ? null : after };
    }
    case "AddTableIndex":
      return { ...onTable(operation.table), index: writeIndex(operation.index) };
    case "DropTableIndex":
      return { ...onTable(operation.table), index_name: operation.index };
    case "AddTableProjection":
      return { ...onTable(operation.table), projection: { ...operation.projection } };
    case "DropTableProjection":
      return { ...onTable(operation.table), projection_name: operation.projection };
    case "AddTableConstraint":
      return { ...onTable(operation.table), constraint: writeConstraint(operation.constraint) };
    case "DropTableConstraint":
      return { ...onTable(operation.table), constraint_name: operation.constraint };
    case "ModifySampleBy":
      return { ...onTable(operation.table), expression: operation.expression };
  }
}

type OnView = Extract<MigrationOperation, { readonly view: ObjectName }>;

function viewFields(operation: OnView, databaseOf: (one: ObjectName) => PlainValue): PlainObject {
  const name = { database: databaseOf(operation.view), name: operation.view.name };
  switch (operation.kind) {
    case "CreateMaterializedView":
      return {
        ...name,
        ...(operation.refresh ? { refresh: operation.refresh } : {}),
        select_sql: operation.select,
        target_database: databaseOf(operation.target),
        target_table: operation.target.name,
      };
    case "CreateView":
      return { ...name, select_sql: operation.select };
    case "ModifyViewQuery":
      return { ...name, materialized: operation.isMaterialized, select_sql: operation.select };
    case "ModifyViewRefresh":
      return { ...name, refresh: operation.refresh };
    case "CreateDictionary":
    case "ReplaceDictionary":
      return { ...name, definition: operation.definition };
    case "DropMaterializedView":
    case "DropDictionary":
    case "DropView":
      return name;
  }
}

function recreateFields(
  { before, after, policy }: Extract<MigrationOperation, { kind: "RecreateTable" }>,
  defaultDatabase: string,
): PlainObject {
  const tables = { before: writeTable(before, defaultDatabase), after: writeTable(after, defaultDatabase) };
  if (policy === undefined) return tables;
  return { ...tables, policy: { approved_at: policy.approvedAt, description: policy.description } };
}
