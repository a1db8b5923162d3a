// The operations of a plan file: what a reviewed migration does, one by one.

import type { Column, Table, TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import { isTopicOperation, type TopicMigrationOperation } from "./topic-operation.js";

export interface ObjectName {
  readonly database: string;
  readonly name: string;
  /** On whose servers it is done, where there are several. */
  readonly cluster?: string | undefined;
}

type Settings = Readonly<Record<string, string>>;

interface OnTable {
  readonly table: ObjectName;
}

/** Who allowed a table to be made anew; the existing tool writes it. */
export interface RecreatePolicy {
  readonly description: string;
  readonly approvedAt: string;
}

/** Operations on one table, those that its model shows. */
export type TableOperation =
  | { readonly kind: "CreateTable"; readonly table: Table }
  | ({ readonly kind: "DropTable" } & OnTable)
  | ({ readonly kind: "RenameTable"; readonly to: string } & OnTable)
  /** Only for an empty table. */
  | {
      readonly kind: "RecreateTable";
      readonly before: Table;
      readonly after: Table;
      readonly policy: RecreatePolicy | undefined;
    }
  /** `afterColumn` is the column that the new one stands behind; undefined puts it first. */
  | ({
      readonly kind: "AddTableColumn";
      readonly column: Column;
      readonly afterColumn: string | undefined;
    } & OnTable)
  | ({ readonly kind: "DropTableColumn"; readonly column: string } & OnTable)
  /** `isKey` tells of a column of the primary key, as the file's columns do. */
  | ({
      readonly kind: "ModifyTableColumn";
      readonly before: Column;
      readonly after: Column;
      readonly isKey: boolean;
    } & OnTable)
  | ({ readonly kind: "RenameTableColumn"; readonly from: string; readonly to: string } & OnTable)
  | ({ readonly kind: "ModifyTableSettings"; readonly before: Settings; readonly after: Settings } & OnTable)
  | ({ readonly kind: "ModifyTableTtl"; readonly before: string; readonly after: string } & OnTable)
  | ({ readonly kind: "ModifyTableComment"; readonly before: string; readonly after: string } & OnTable)
  | ({ readonly kind: "AddTableIndex"; readonly index: TableIndex } & OnTable)
  | ({ readonly kind: "DropTableIndex"; readonly index: string } & OnTable)
  | ({ readonly kind: "AddTableProjection"; readonly projection: TableProjection } & OnTable)
  | ({ readonly kind: "DropTableProjection"; readonly projection: string } & OnTable)
  | ({ readonly kind: "AddTableConstraint"; readonly constraint: TableConstraint } & OnTable)
  | ({ readonly kind: "DropTableConstraint"; readonly constraint: string } & OnTable)
  | ({ readonly kind: "ModifySampleBy"; readonly expression: string } & OnTable)
  | ({ readonly kind: "RemoveSampleBy" } & OnTable);

/** Operations that leave the tables of the model as they are. */
export type OtherOperation =
  | {
      readonly kind: "CreateMaterializedView";
      readonly view: ObjectName;
      /** The table that it writes to. */
      readonly target: ObjectName;
      readonly select: string;
      /** What stands behind REFRESH; absent or empty for one that follows the inserts. */
      readonly refresh?: string | undefined;
    }
  | { readonly kind: "DropMaterializedView"; readonly view: ObjectName }
  | { readonly kind: "CreateView"; readonly view: ObjectName; readonly select: string }
  | { readonly kind: "DropView"; readonly view: ObjectName }
  /** Of a plain view or of a materialized one; no reader and no insert misses it meanwhile. */
  | {
      readonly kind: "ModifyViewQuery";
      readonly view: ObjectName;
      readonly isMaterialized: boolean;
      readonly select: string;
    }
  | { readonly kind: "ModifyViewRefresh"; readonly view: ObjectName; readonly refresh: string }
  /** `definition` is all that stands behind the name. */
  | { readonly kind: "CreateDictionary"; readonly view: ObjectName; readonly definition: string }
  | { readonly kind: "ReplaceDictionary"; readonly view: ObjectName; readonly definition: string }
  | { readonly kind: "DropDictionary"; readonly view: ObjectName }
  /** One statement a text. */
  | {
      readonly kind: "RawSql";
      readonly sql: readonly string[];
      readonly description: string;
      /** The SQL resource that they set up or tear down. */
      readonly resource?: RawSqlResource | undefined;
    };

/** Of a setup what is remembered beside its statements; none of it for a teardown. */
export type RawSqlResource =
  | {
      readonly does: "setup";
      readonly name: string;
      readonly database: string;
      /** Of the whole setup, where the statements are only the rest of it. */
      readonly setupHash: string | undefined;
      readonly teardown: readonly string[];
      readonly pullsDataFrom: readonly string[];
      readonly pushesDataTo: readonly string[];
    }
  | { readonly does: "teardown"; readonly name: string };

export type MigrationOperation = TableOperation | OtherOperation | TopicMigrationOperation;

export type MigrationOperationKind = MigrationOperation["kind"];

/** The table that an operation is about; for a renamed one, under its old name. */
export function tableOf(operation: TableOperation): ObjectName {
  return operation.kind === "RecreateTable" ? operation.before : operation.table;
}

export function isTableOperation(operation: MigrationOperation): operation is TableOperation {
  if (isTopicOperation(operation)) return false;
  switch (operation.kind) {
    case "CreateMaterializedView":
    case "DropMaterializedView":
    case "CreateView":
    case "DropView":
    case "ModifyViewQuery":
    case "ModifyViewRefresh":
    case "CreateDictionary":
    case "ReplaceDictionary":
    case "DropDictionary":
    case "RawSql":
      return false;
    default:
      return true;
  }
}
