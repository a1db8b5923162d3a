// Operations: what is done. Each names its cause, what it costs, what is at stake, and the statements it takes.

import type { ColumnAspect, LayoutDifference } from "../diff/change.js";
import type { Address } from "../infra/address.js";
import type { Column, Table, TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import type { FailingValues } from "./evidence.js";
import type { OperationCommon } from "./operation-common.js";
import type { SqlResourceOperation } from "./sql-resource-operation.js";
import type { ViewOperation } from "./view-operation.js";

export type { CostClass, Step } from "./operation-common.js";

/** An index, a projection or a constraint of a table. */
export type TablePart =
  | { readonly kind: "index"; readonly part: TableIndex }
  | { readonly kind: "projection"; readonly part: TableProjection }
  | { readonly kind: "constraint"; readonly part: TableConstraint };

/** What has to go before a column can be changed. */
export interface PartsInTheWay {
  /** Those that the code keeps as they are: dropped and put back by the operation itself. */
  readonly setAside: readonly TablePart[];
  /** Those that the code drops or changes: their own operations come first. */
  readonly leaving: readonly TablePart[];
}

interface OperationBase extends OperationCommon {
  /** The table as the code wants it; for a removed one, as it is. */
  readonly table: Table;
}

/** An operation on a table. */
export type OperationOnTable = OperationBase &
  (
    | { readonly kind: "CreateTable" }
    | {
        readonly kind: "DropTable";
        /** The table that is said to be this one renamed, but exists beside it. */
        readonly successor: Address | undefined;
        /** A view that stays and reads the table. */
        readonly readBy?: Address | undefined;
      }
    | {
        readonly kind: "RecreateTable";
        readonly before: Table;
        readonly differences: readonly LayoutDifference[];
      }
    | {
        readonly kind: "RenameTable";
        /** The table as it is. */
        readonly before: Table;
        readonly from: Address;
      }
    | { readonly kind: "AddTableColumn"; readonly column: Column }
    | {
        readonly kind: "RenameTableColumn";
        /** The column as it is. */
        readonly from: Column;
        readonly to: Column;
        readonly inTheWay: PartsInTheWay;
      }
    | {
        readonly kind: "DropTableColumn";
        readonly column: Column;
        /** Columns that are computed from it, as the table is now: it can only go after they did or changed. */
        readonly usedBy: readonly string[];
        readonly inTheWay: PartsInTheWay;
      }
    | {
        readonly kind: "ModifyTableColumn";
        readonly from: Column;
        readonly to: Column;
        readonly aspects: readonly ColumnAspect[];
        /** Values that the new type cannot hold; undefined where there are none. */
        readonly failing: FailingValues | undefined;
        /** Columns that are computed from its values, where these are given up. */
        readonly usedBy: readonly string[];
        readonly inTheWay: PartsInTheWay;
        /** Brings the old definition back when the rewrite fails on the way. */
        readonly repair: readonly string[];
      }
    | { readonly kind: "AddTableIndex"; readonly index: TableIndex; readonly repair: readonly string[] }
    | {
        readonly kind: "DropTableIndex";
        readonly index: TableIndex;
        /** True where the code has another index of this name. */
        readonly isReplaced: boolean;
      }
    | {
        readonly kind: "AddTableProjection";
        readonly projection: TableProjection;
        readonly repair: readonly string[];
      }
    | {
        readonly kind: "DropTableProjection";
        readonly projection: TableProjection;
        readonly isReplaced: boolean;
      }
    | { readonly kind: "AddTableConstraint"; readonly constraint: TableConstraint }
    | {
        readonly kind: "DropTableConstraint";
        readonly constraint: TableConstraint;
        readonly isReplaced: boolean;
      }
    | { readonly kind: "ModifyTableTtl"; readonly before: Table; readonly repair: readonly string[] }
    | { readonly kind: "ModifySampleBy"; readonly before: Table }
    | { readonly kind: "ModifyTableSettings"; readonly before: Table }
    | { readonly kind: "ModifyTableComment"; readonly before: Table }
  );

export type Operation = OperationOnTable | ViewOperation | SqlResourceOperation;

export type OperationKind = Operation["kind"];

export function isOnView(operation: Operation): operation is ViewOperation {
  return "view" in operation;
}

export function isOnSqlResource(operation: Operation): operation is SqlResourceOperation {
  return "resource" in operation;
}

/** Ordered operations that bring reality into line with the code. */
export interface Plan {
  readonly operations: readonly Operation[];
}
