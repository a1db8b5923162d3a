// The SQL resources of a migration, held against what is remembered: no server shows what their statements have made.

import type { Diagnostic } from "../../src/diagnostic.js";
import { foldSqlResource } from "../../src/format/fold-sql-resources.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { type SqlResource, sqlResourceAddress } from "../../src/infra/sql-resource.js";
import { rememberedSqlResources, sqlResourceRecord } from "../clickhouse/sql-resource-records.js";
import type { State, StateRecords } from "../clickhouse/state.js";
import type { Migration } from "./migration.js";

/** What one is before the first operation on it and after each. */
interface History {
  readonly operations: readonly number[];
  readonly versions: readonly (SqlResource | undefined)[];
}

function historiesOf({ before, operations }: Migration["source"]): ReadonlyMap<Address, History> {
  const histories = new Map<Address, { operations: number[]; versions: (SqlResource | undefined)[] }>();
  let map: InfraMap = before;
  for (const [index, operation] of operations.entries()) {
    if (operation.kind !== "RawSql" || operation.resource === undefined) continue;
    const address = sqlResourceAddress(operation.resource.name);
    const history = histories.get(address) ?? {
      operations: [],
      versions: [map.sqlResources.get(address)],
    };
    map = foldSqlResource(map, operation);
    history.operations.push(index);
    history.versions.push(map.sqlResources.get(address));
    histories.set(address, history);
  }
  return histories;
}

/** At which of its versions it is; undefined for none of them. */
function positionIn({ versions }: History, address: Address, state: StateRecords): number | undefined {
  // Of what another tool has set up nothing is remembered here: there the file is to be believed.
  if (state.get(address) === undefined) return 0;
  const found = rememberedSqlResources(state).get(address);
  const position = versions.findIndex((version) => isSame(version, found));
  return position < 0 ? undefined : position;
}

function isSame(a: SqlResource | undefined, b: SqlResource | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.setupHash === b.setupHash &&
    JSON.stringify(a.unfinished ?? null) === JSON.stringify(b.unfinished ?? null)
  );
}

/** Places of the operations that were done before, by this migration or by other means. */
export function doneOnSqlResources({ source }: Migration, state: StateRecords): ReadonlySet<number> {
  return new Set(
    [...historiesOf(source)].flatMap(([address, history]) =>
      history.operations.slice(0, positionIn(history, address, state) ?? 0),
    ),
  );
}

export function areSqlResourcesDone(migration: Migration, state: StateRecords): boolean {
  const done = doneOnSqlResources(migration, state);
  return migration.source.operations.every(
    (operation, index) => operation.kind !== "RawSql" || operation.resource === undefined || done.has(index),
  );
}

/** What was set up, or torn down, since the migration was generated. */
export function sqlResourceDrift({ source }: Migration, state: StateRecords): readonly Diagnostic[] {
  const histories = historiesOf(source);
  const touched = [...histories].flatMap(([address, history]) =>
    positionIn(history, address, state) === undefined ? [address] : [],
  );
  const found = rememberedSqlResources(state);
  const { sqlResources: before } = source.before;
  const others = [...new Set([...before.keys(), ...found.keys()])].filter(
    (address) =>
      !histories.has(address) &&
      state.get(address) !== undefined &&
      !isSame(before.get(address), found.get(address)),
  );
  return [...touched, ...others].sort().map((address) => ({
    code: "reconcile/drift",
    severity: "error",
    summary: `the SQL resource ${address.slice(address.indexOf(":") + 1)} was set up or torn down since the migration was generated`,
    hint: "generate the migration anew",
  }));
}

/** At once: what is set up in the end of a run that breaks off has to be known too. */
export async function recordSqlResource(
  state: State,
  migration: Migration,
  operation: MigrationOperation,
  index: number,
): Promise<void> {
  if (operation.kind !== "RawSql" || operation.resource === undefined) return;
  const address = sqlResourceAddress(operation.resource.name);
  const history = historiesOf(migration.source).get(address);
  const position = history?.operations.indexOf(index) ?? -1;
  const [before, after] = [history?.versions[position], history?.versions[position + 1]];
  if (after !== undefined) await state.put([sqlResourceRecord({ ...after, unfinished: undefined })]);
  else if (before !== undefined) await state.put([sqlResourceRecord(before, false)]);
}
