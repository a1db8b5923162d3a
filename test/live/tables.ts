// Short ways to write tables and records of them, and to read reports, in tests.

import type { ObjectRecord } from "../../runtime/clickhouse/object-record.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, Table } from "../../src/infra/table.js";
import type { RoundReport } from "../../src/status/report.js";

export function column(name: string, type: string, rest: Partial<Column> = {}): Column {
  return { name, type, default: undefined, comment: "", codec: "", ttl: "", ...rest };
}

export function table(database: string, columns: readonly Column[], rest: Partial<Table> = {}): Table {
  const orderBy = rest.orderBy ?? columns[0]?.name ?? "";
  return {
    database,
    name: "t",
    columns,
    engine: "MergeTree",
    orderBy,
    primaryKey: orderBy,
    partitionBy: "",
    sampleBy: "",
    ttl: "",
    indexes: [],
    projections: [],
    constraints: [],
    settings: {},
    comment: "",
    lifeCycle: LifeCycle.FULLY_MANAGED,
    ...rest,
  };
}

/** What moose remembers of a table `d.t` with one column. */
export const tableRecord: ObjectRecord = {
  address: "d.t",
  database: "d",
  uuid: "u",
  lifeCycle: LifeCycle.FULLY_MANAGED,
  columns: ["a"],
  indexes: [],
  projections: [],
  constraints: [],
  cluster: "",
  owned: true,
};

/** `AddTableColumn applied`, `DropTable blocked deletion-protected`, one a line in order. */
export function outcomes(report: RoundReport): readonly string[] {
  return report.operations.map(({ operation, verdict, outcome }) =>
    [operation.kind, outcome.state, ...(verdict.decision === "blocked" ? [verdict.code] : [])].join(" "),
  );
}
