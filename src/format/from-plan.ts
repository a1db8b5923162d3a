// The operations of our own plan become those of a plan file.

import type { InfraMap } from "../infra/inframap.js";
import type { Table } from "../infra/table.js";
import { neighbour } from "../plan/column-order.js";
import { isOnSqlResource, isOnView, type Operation } from "../plan/operation.js";
import type { SqlResourceOperation } from "../plan/sql-resource-operation.js";
import type { ViewOperation } from "../plan/view-operation.js";
import { mentions } from "../sql/mentions.js";
import { Folding } from "./fold.js";
import type { MigrationOperation } from "./operation.js";

/**
 * @param operations - those that are to be done: what is blocked has no place in a file
 * @param before - the tables as they are when the first operation begins
 * @throws Error when an operation does not apply: then `before` is not what was planned for
 */
export function migrationOperations(
  operations: readonly Operation[],
  before: InfraMap,
): readonly MigrationOperation[] {
  const folding = new Folding(before);
  return operations.map((operation) => {
    const written = migrationOperation(operation, folding.tableAt(operation.address));
    const problem = folding.apply(written);
    if (problem !== undefined) throw new Error(`the plan does not fit the tables it is for: ${problem}`);
    return written;
  });
}

/** @param current - the table as it is when the operation's turn comes */
function migrationOperation(operation: Operation, current: Table | undefined): MigrationOperation {
  if (isOnSqlResource(operation)) return rawSql(operation);
  if (isOnView(operation)) return viewOperation(operation);
  const { database, name, cluster } = operation.table;
  const table = { database, name, ...(cluster === undefined ? {} : { cluster }) };
  switch (operation.kind) {
    case "CreateTable":
      return { kind: "CreateTable", table: operation.table };
    case "DropTable":
      return { kind: "DropTable", table };
    case "RecreateTable":
      return { kind: "RecreateTable", before: operation.before, after: operation.table, policy: undefined };
    case "AddTableColumn": {
      const { column } = operation;
      const present = new Set(current?.columns.map((one) => one.name));
      return {
        kind: "AddTableColumn",
        table,
        column,
        afterColumn: neighbour(column.name, operation.table.columns, present),
      };
    }
    case "RenameTable":
      return { kind: "RenameTable", table: { ...table, name: operation.before.name }, to: name };
    case "RenameTableColumn":
      return { kind: "RenameTableColumn", table, from: operation.from.name, to: operation.to.name };
    case "AddTableIndex":
      return { kind: "AddTableIndex", table, index: operation.index };
    case "DropTableIndex":
      return { kind: "DropTableIndex", table, index: operation.index.name };
    case "AddTableProjection":
      return { kind: "AddTableProjection", table, projection: operation.projection };
    case "DropTableProjection":
      return { kind: "DropTableProjection", table, projection: operation.projection.name };
    case "AddTableConstraint":
      return { kind: "AddTableConstraint", table, constraint: operation.constraint };
    case "DropTableConstraint":
      return { kind: "DropTableConstraint", table, constraint: operation.constraint.name };
    case "DropTableColumn":
      return { kind: "DropTableColumn", table, column: operation.column.name };
    case "ModifyTableColumn": {
      const isKey = mentions(operation.table.primaryKey, operation.to.name);
      return { kind: "ModifyTableColumn", table, before: operation.from, after: operation.to, isKey };
    }
    case "ModifyTableTtl":
      return { kind: "ModifyTableTtl", table, before: operation.before.ttl, after: operation.table.ttl };
    case "ModifySampleBy":
      return operation.table.sampleBy === ""
        ? { kind: "RemoveSampleBy", table }
        : { kind: "ModifySampleBy", table, expression: operation.table.sampleBy };
    case "ModifyTableSettings": {
      const { before, table: after } = operation;
      return { kind: "ModifyTableSettings", table, before: before.settings, after: after.settings };
    }
    case "ModifyTableComment":
      return {
        kind: "ModifyTableComment",
        table,
        before: operation.before.comment,
        after: operation.table.comment,
      };
  }
}

/** As the existing tool writes them, with what makes the file tell which resource is set up afterwards. */
function rawSql({ kind, resource, steps, done }: SqlResourceOperation): MigrationOperation {
  const { name, database, teardown, pullsDataFrom, pushesDataTo } = resource;
  const sql = steps.map((step) => step.sql);
  if (kind === "TearDownSqlResource") {
    const description = `Running teardown SQL for resource ${name}`;
    return { kind: "RawSql", sql, description, resource: { does: "teardown", name } };
  }
  const setupHash = done === 0 ? undefined : resource.setupHash;
  return {
    kind: "RawSql",
    sql,
    description: `Running setup SQL for resource ${name}`,
    resource: { does: "setup", name, database, setupHash, teardown, pullsDataFrom, pushesDataTo },
  };
}

function viewOperation(operation: ViewOperation): MigrationOperation {
  const { database, name, select, target, refresh, kind } = operation.view;
  const view = { database, name };
  switch (operation.kind) {
    case "CreateView":
      return { kind: "CreateView", view, select };
    case "CreateMaterializedView":
      return { kind: "CreateMaterializedView", view, target: target ?? view, select, refresh };
    case "DropView":
    case "DropMaterializedView":
      return { kind: operation.kind, view };
    case "ModifyViewQuery":
      return { kind: "ModifyViewQuery", view, isMaterialized: kind === "MaterializedView", select };
    case "CreateDictionary":
    case "ReplaceDictionary":
      return { kind: operation.kind, view, definition: select };
    case "DropDictionary":
      return { kind: "DropDictionary", view };
    case "ModifyViewRefresh":
      return { kind: "ModifyViewRefresh", view, refresh };
  }
}
