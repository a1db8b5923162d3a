// Migrations on an embedded engine, with options that a test need not care about.

import { hostname } from "node:os";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { inspect } from "../../runtime/clickhouse/inspect.js";
import { migrate } from "../../runtime/reconcile/migrate.js";
import type { MigrateEvent, MigrateOptions } from "../../runtime/reconcile/migrate-options.js";
import type { MigrateResult } from "../../runtime/reconcile/migrate-result.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import type { Column, Table } from "../../src/infra/table.js";

export function column(name: string, type: string, more: Partial<Column> = {}): Column {
  return { name, type, default: undefined, comment: "", codec: "", ttl: "", ...more };
}

let runs = 0;

export function optionsOf(
  project: string,
  operations: readonly MigrationOperation[],
  before: InfraMap,
  more: Partial<MigrateOptions> & { readonly id?: string } = {},
): MigrateOptions {
  runs += 1;
  return {
    project,
    database: "default",
    source: { id: more.id ?? `m-${project}`, operations, before, desired: undefined },
    owner: { id: `run-${process.pid}-${runs}`, host: hostname(), pid: process.pid, command: "moose migrate" },
    who: "tester",
    toolVersion: "0.0.0",
    lockTimeoutMs: 60_000,
    statementDeadlineMs: 60_000,
    repair: false,
    mark: undefined,
    stop: new AbortController().signal,
    onEvent: () => {},
    ...more,
  };
}

export function runMigration(
  clickhouse: ClickHouse,
  project: string,
  operations: readonly MigrationOperation[],
  before: InfraMap,
  more: Partial<MigrateOptions> & { readonly id?: string } = {},
): Promise<MigrateResult> {
  return migrate(clickhouse, optionsOf(project, operations, before, more));
}

/** The tables of a database, as they are. */
export async function mapOf(clickhouse: ClickHouse, database: string): Promise<InfraMap> {
  return infraMapOf((await inspect(clickhouse, { databases: [database] })).map(({ table }) => table));
}

export async function tableOf(
  clickhouse: ClickHouse,
  database: string,
  name: string,
): Promise<Table | undefined> {
  const [live] = await inspect(clickhouse, { databases: [database], names: [name] });
  return live?.table;
}

export type { MigrateEvent };
