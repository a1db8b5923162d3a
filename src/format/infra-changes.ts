// The differences between two InfraMaps in the JSON of the existing tool, for what reads `moose plan --json`.

import type { Change } from "../diff/change.js";
import type { SqlResourceChange } from "../diff/diff-sql-resources.js";
import type { ViewChange } from "../diff/view-change.js";
import type { Address } from "../infra/address.js";
import type { SqlResource } from "../infra/sql-resource.js";
import type { Column, Table } from "../infra/table.js";
import type { View } from "../infra/view.js";
import { mentions } from "../sql/mentions.js";
import { writeColumn } from "./column-json.js";
import { writeSqlResource } from "./sql-resource-json.js";
import { writeTable } from "./table-json.js";
import type { PlainObject } from "./value.js";
import { writeView } from "./view-json.js";

/** A change that is not done, and why. */
export interface FilteredChange {
  readonly change: Change;
  readonly reason: string;
}

/** A change of a view; the reason where it is not done. */
export interface ViewChangeEntry {
  readonly change: ViewChange;
  readonly reason: string | undefined;
}

/** A change of a SQL resource; the reason where it is not done. */
export interface SqlResourceChangeEntry {
  readonly change: SqlResourceChange;
  readonly reason: string | undefined;
}

/** All keys that the existing tool writes; what this project knows nothing of is empty. */
export function writeInfraChanges(
  changes: readonly Change[],
  filtered: readonly FilteredChange[],
  defaultDatabase: string,
  views: readonly ViewChangeEntry[] = [],
  sqlResources: readonly SqlResourceChangeEntry[] = [],
): PlainObject {
  const others = [
    ...views.map(({ change, reason }) => ({ json: viewChange(change, defaultDatabase), reason })),
    ...sqlResources.map(({ change, reason }) => ({
      json: sqlResourceChange(change, defaultDatabase),
      reason,
    })),
  ];
  const reasons = new Map(filtered.map(({ change, reason }) => [change, reason]));
  return {
    olap_changes: [
      ...olapChanges(
        changes.filter((change) => !reasons.has(change)),
        defaultDatabase,
      ),
      ...others.flatMap(({ json, reason }) => (reason === undefined ? [json] : [])),
    ],
    processes_changes: [],
    api_changes: [],
    web_app_changes: [],
    streaming_engine_changes: [],
    workflow_changes: [],
    filtered_olap_changes: [
      ...filtered.flatMap(({ change, reason }) =>
        olapChanges([change], defaultDatabase).map((one) => ({ reason, change: one })),
      ),
      ...others.flatMap(({ json, reason }) => (reason === undefined ? [] : [{ reason, change: json }])),
    ],
  };
}

function viewChange(change: ViewChange, database: string): PlainObject {
  const json = (view: View) => writeView(view, database);
  const what = ((): PlainObject => {
    switch (change.kind) {
      case "ViewAdded":
        return { Added: json(change.view) };
      case "ViewRemoved":
        return { Removed: json(change.view) };
      case "ViewChanged":
        return { Updated: { before: json(change.viewBefore), after: json(change.view) } };
    }
  })();
  return { [change.view.kind]: what };
}

function sqlResourceChange(change: SqlResourceChange, database: string): PlainObject {
  const json = (resource: SqlResource) => writeSqlResource(resource, database);
  switch (change.kind) {
    case "SqlResourceAdded":
      return { SqlResource: { Added: json(change.resource) } };
    case "SqlResourceRemoved":
      return { SqlResource: { Removed: json(change.resource) } };
    default: {
      const { resourceBefore, resource } = change;
      return { SqlResource: { Updated: { before: json(resourceBefore), after: json(resource) } } };
    }
  }
}

function olapChanges(changes: readonly Change[], database: string): readonly PlainObject[] {
  const byTable = new Map<Address, Change[]>();
  for (const change of changes) byTable.set(change.address, [...(byTable.get(change.address) ?? []), change]);
  return [...byTable.values()].flatMap((ofTable) => tableChanges(ofTable, database));
}

function tableChanges(changes: readonly Change[], database: string): readonly PlainObject[] {
  const [first] = changes;
  if (first === undefined) return [];
  if (first.kind === "TableAdded") return [{ Table: { Added: writeTable(first.table, database) } }];
  if (first.kind === "TableRemoved") return [{ Table: { Removed: writeTable(first.table, database) } }];
  const { before, after } = first;
  const own: PlainObject[] = [];
  for (const { kind } of changes) {
    const table = writeTable(after, database);
    if (kind === "SettingsChanged") {
      const settings = { before_settings: before.settings, after_settings: after.settings };
      own.push({ Table: { SettingsChanged: { name: after.name, ...settings, table } } });
    }
    if (kind === "TtlChanged")
      own.push({
        Table: {
          TtlChanged: { name: after.name, before: before.ttl || null, after: after.ttl || null, table },
        },
      });
  }
  const others = changes.filter(({ kind }) => kind !== "SettingsChanged" && kind !== "TtlChanged");
  return others.length === 0
    ? own
    : [...own, { Table: { Updated: updated(others, before, after, database) } }];
}

function updated(changes: readonly Change[], before: Table, after: Table, database: string): PlainObject {
  const list = (keys: string): readonly string[] => (keys === "" ? [] : keys.split(", "));
  return {
    name: after.name,
    column_changes: changes.flatMap((change) => columnChange(change, after)),
    order_by_change: { before: list(before.orderBy), after: list(after.orderBy) },
    partition_by_change: { before: before.partitionBy || null, after: after.partitionBy || null },
    before: writeTable(before, database),
    after: writeTable(after, database),
  };
}

function columnChange(change: Change, table: Table): readonly PlainObject[] {
  const json = (column: Column) => writeColumn(column, mentions(table.primaryKey, column.name));
  switch (change.kind) {
    case "ColumnAdded":
      return [{ Added: { column: json(change.column), position_after: change.position ?? null } }];
    case "ColumnRemoved":
      return [{ Removed: json(change.column) }];
    case "ColumnChanged":
    case "ColumnRenamed":
      return [{ Updated: { before: json(change.from), after: json(change.to) } }];
    default:
      return [];
  }
}
