// Which of the tables that exist are moose's, and which part of reality a round is about.

import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import type { Ownership } from "../../src/policy/judge.js";
import type { JudgedPlan } from "../../src/policy/verdict.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import type { Live } from "../clickhouse/live-tables.js";
import type { ObjectRecord, State } from "../clickhouse/state.js";

/** A table is ours when it was recorded under its uuid: another of the same name is somebody else's. */
function isOwned(state: State, live: LiveTable): boolean {
  const record = state.get(live.address);
  return record?.owned === true && record.uuid === live.uuid;
}

/**
 * What exists and is either declared or ours. Nothing else is ever compared, so nothing else can be dropped: also not
 * the tables in a database that was the project's until its setting was changed.
 */
export function managedPart(state: State, live: Live, desired: InfraMap): InfraMap {
  const managed = [...live.values()].filter(
    (table) => desired.tables.has(table.address) || (isOwned(state, table) && !isLeftBehind(table, desired)),
  );
  return { tables: new Map(managed.map(({ address, table }) => [address, table])) };
}

/** Declared under the same name, while the code names no table in this database any more: nobody took it out. */
function isLeftBehind({ table }: LiveTable, desired: InfraMap): boolean {
  const declared = [...desired.tables.values()];
  return (
    declared.some((other) => other.name === table.name) &&
    declared.every((other) => other.database !== table.database)
  );
}

export function unmanagedTables(state: State, live: Live, desired: InfraMap): readonly Address[] {
  return [...live.values()]
    .filter((table) => !desired.tables.has(table.address) && !isOwned(state, table))
    .map((table) => table.address);
}

/** The tables that are ours, with the lifecycle last applied to each. */
export function ownership(state: State, live: Live): Ownership {
  const owned = [...live.values()].filter((table) => isOwned(state, table));
  return new Map(
    owned.flatMap(({ address }) => {
      const record = state.get(address);
      if (record === undefined) return [];
      return [[address, { lifeCycle: record.lifeCycle, columns: new Set(record.columns) }] as const];
    }),
  );
}

/** Takes over the tables that the user named, if they exist and are declared. */
export async function adopt(
  state: State,
  live: Live,
  desired: InfraMap,
  addresses: readonly Address[],
): Promise<void> {
  const records = addresses.flatMap((address) => {
    const [found, declared] = [live.get(address), desired.tables.get(address)];
    if (found === undefined || declared === undefined || isOwned(state, found)) return [];
    return [
      {
        address,
        database: found.table.database,
        uuid: found.uuid,
        lifeCycle: declared.lifeCycle,
        columns: namesOf(found.table),
        owned: true,
      },
    ];
  });
  await state.put(records);
}

/** Says before columns are added that they will be ours: a run that is killed on the way must not disown them. */
export async function claimColumns(state: State, { operations }: JudgedPlan): Promise<void> {
  const claimed = new Map<Address, ObjectRecord>();
  for (const { operation, verdict } of operations) {
    if (operation.kind !== "AddTableColumn" || verdict.decision !== "apply") continue;
    const record = claimed.get(operation.address) ?? state.get(operation.address);
    if (record?.owned !== true) continue;
    const columns = [...new Set([...record.columns, operation.column.name])].sort();
    claimed.set(operation.address, { ...record, columns });
  }
  await state.put([...claimed.values()]);
}

/**
 * Remembers what was applied: lifecycles, by which a later removal from code is judged, and the columns that are ours.
 *
 * @param open - addresses of tables on which something was blocked or failed; what they had stays theirs
 */
export async function recordApplied(
  state: State,
  wanted: InfraMap,
  open: ReadonlySet<Address>,
): Promise<void> {
  const records = [...wanted.tables].flatMap(([address, table]) => {
    const record = state.get(address);
    if (record?.owned !== true) return [];
    const kept = open.has(address) ? record.columns : [];
    const columns = [...new Set([...namesOf(table), ...kept])].sort();
    return [{ ...record, lifeCycle: table.lifeCycle, columns }];
  });
  await state.put(records);
}

function namesOf(table: Table): readonly string[] {
  return table.columns.map((column) => column.name).sort();
}
