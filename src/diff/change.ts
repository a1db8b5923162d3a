// What differs between two InfraMaps. A change keeps the objects of both sides, never SQL.

import type { Address } from "../infra/address.js";
import type { Column, Table, TableConstraint, TableIndex, TableProjection } from "../infra/table.js";

/** The properties in which a column can differ. */
export type ColumnAspect = "type" | "default" | "comment" | "codec" | "ttl";

/** The properties of a table that ClickHouse cannot alter in place. */
export type LayoutAspect =
  | "ORDER BY"
  | "PRIMARY KEY"
  | "PARTITION BY"
  | "engine"
  | "key column"
  | "column type"
  | "fixed setting"
  /** What the engine of the table has no ALTER for. */
  | "engine's limit";

interface InTable {
  readonly address: Address;
  readonly before: Table;
  readonly after: Table;
}

export type Change =
  | { readonly kind: "TableAdded"; readonly address: Address; readonly table: Table }
  | {
      readonly kind: "TableRemoved";
      readonly address: Address;
      readonly table: Table;
      /** The table that is said to be this one renamed, but exists beside it. */
      readonly successor?: Address | undefined;
    }
  /** `before` is the table under its new name, `renamed` as it is. */
  | ({ readonly kind: "TableRenamed"; readonly renamed: Table } & InTable)
  /** `before` is the table as it is; in all other changes of a table its columns are called as they will be. */
  | ({ readonly kind: "ColumnRenamed"; readonly from: Column; readonly to: Column } & InTable)
  | ({ readonly kind: "LayoutChanged"; readonly aspects: readonly LayoutDifference[] } & InTable)
  | ({
      readonly kind: "ColumnAdded";
      readonly column: Column;
      readonly position: string | undefined;
    } & InTable)
  | ({ readonly kind: "ColumnRemoved"; readonly column: Column } & InTable)
  | ({
      readonly kind: "ColumnChanged";
      readonly from: Column;
      readonly to: Column;
      readonly aspects: readonly ColumnAspect[];
    } & InTable)
  | ({ readonly kind: "IndexAdded"; readonly index: TableIndex } & InTable)
  | ({ readonly kind: "IndexRemoved"; readonly index: TableIndex } & InTable)
  | ({ readonly kind: "ProjectionAdded"; readonly projection: TableProjection } & InTable)
  | ({ readonly kind: "ProjectionRemoved"; readonly projection: TableProjection } & InTable)
  | ({ readonly kind: "ConstraintAdded"; readonly constraint: TableConstraint } & InTable)
  | ({ readonly kind: "ConstraintRemoved"; readonly constraint: TableConstraint } & InTable)
  | ({ readonly kind: "TtlChanged" } & InTable)
  | ({ readonly kind: "SampleByChanged" } & InTable)
  | ({ readonly kind: "SettingsChanged" } & InTable)
  | ({ readonly kind: "CommentChanged" } & InTable);

/** One reason for which a table would have to be rebuilt. */
export interface LayoutDifference {
  readonly aspect: LayoutAspect;
  /** `ORDER BY id` or `column a UInt8`. */
  readonly before: string;
  readonly after: string;
}

/** Names a change: two plans that hold the same key mean the same difference. */
export function changeKey(change: Change): string {
  switch (change.kind) {
    case "ColumnAdded":
    case "ColumnRemoved":
      return `${change.kind} ${change.address} ${change.column.name}`;
    case "IndexAdded":
    case "IndexRemoved":
      return `${change.kind} ${change.address} ${change.index.name}`;
    case "ProjectionAdded":
    case "ProjectionRemoved":
      return `${change.kind} ${change.address} ${change.projection.name}`;
    case "ConstraintAdded":
    case "ConstraintRemoved":
      return `${change.kind} ${change.address} ${change.constraint.name}`;
    case "ColumnRenamed":
      return `${change.kind} ${change.address} ${change.from.name} -> ${change.to.name}`;
    case "ColumnChanged":
      return `${change.kind} ${change.address} ${change.to.name}`;
    default:
      return `${change.kind} ${change.address}`;
  }
}
