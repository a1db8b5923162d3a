// What moose remembers of one table, view, topic or SQL resource that is its own.

import type { Address } from "../../src/infra/address.js";
import type { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";

/** One table that moose made or adopted. The uuid tells it from another table of the same name. */
export interface ObjectRecord {
  readonly address: Address;
  readonly database: string;
  readonly uuid: string;
  readonly lifeCycle: LifeCycle;
  /** Names of the columns that are moose's too; others may have added more. Sorted. */
  readonly columns: readonly string[];
  /** Names of the indexes that are moose's too, of the projections and of the constraints. Sorted. */
  readonly indexes: readonly string[];
  readonly projections: readonly string[];
  readonly constraints: readonly string[];
  /** On whose servers it is, empty for the one; a table that the code no longer has is dropped there. */
  readonly cluster: string;
  readonly owned: boolean;
}

/** The parts of a table that are remembered by name. */
export const partLists = ["columns", "indexes", "projections", "constraints"] as const;

export type PartList = (typeof partLists)[number];

/** Everything of a table that is moose's when it makes or adopts it. */
export function namesOf(table: Table): Pick<ObjectRecord, PartList> {
  const sorted = (parts: readonly { readonly name: string }[]) => parts.map(({ name }) => name).sort();
  return {
    columns: sorted(table.columns),
    indexes: sorted(table.indexes),
    projections: sorted(table.projections),
    constraints: sorted(table.constraints),
  };
}

/** The record with the parts that the other one names too. */
export function withPartsOf(record: ObjectRecord, other: Pick<ObjectRecord, PartList>): ObjectRecord {
  const both = (list: PartList) => [...new Set([...record[list], ...other[list]])].sort();
  return {
    ...record,
    columns: both("columns"),
    indexes: both("indexes"),
    projections: both("projections"),
    constraints: both("constraints"),
  };
}

export function isSame(a: ObjectRecord, b: ObjectRecord | undefined): boolean {
  return (
    b !== undefined &&
    a.uuid === b.uuid &&
    a.lifeCycle === b.lifeCycle &&
    a.owned === b.owned &&
    a.cluster === b.cluster &&
    partLists.every((list) => a[list].join("\0") === b[list].join("\0"))
  );
}
