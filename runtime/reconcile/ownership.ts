// Which of the tables that exist are moose's, and which part of reality a round is about.

import { type Address, addressOf } from "../../src/infra/address.js";
import { emptyInfraMap, type InfraMap } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import type { Operation } from "../../src/plan/operation.js";
import type { Ownership } from "../../src/policy/judge.js";
import type { JudgedPlan } from "../../src/policy/verdict.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import type { Live } from "../clickhouse/live-tables.js";
import { namesOf, type ObjectRecord, withPartsOf } from "../clickhouse/object-record.js";
import type { State, StateRecords } from "../clickhouse/state.js";
import type { Migration } from "./migration.js";

/** A table is ours when it was recorded under its uuid: another of the same name is somebody else's. */
function isOwned(state: StateRecords, live: LiveTable): boolean {
  const record = state.get(live.address);
  return record?.owned === true && record.uuid === live.uuid;
}

/**
 * What exists and is either declared or ours. Nothing else is ever compared, so nothing else can be dropped: also not
 * the tables in a database that was the project's until its setting was changed.
 */
export function managedPart(state: StateRecords, live: Live, desired: InfraMap): InfraMap {
  const managed = [...live.values()].filter(
    (table) => desired.tables.has(table.address) || (isOwned(state, table) && !isLeftBehind(table, desired)),
  );
  const tables = managed.map(({ address, table }): [Address, Table] => {
    const cluster = state.get(address)?.cluster ?? "";
    return [address, cluster === "" || desired.tables.has(address) ? table : { ...table, cluster }];
  });
  return { ...emptyInfraMap, tables: new Map(tables) };
}

/** Declared under the same name, while the code names no table in this database any more: nobody took it out. */
function isLeftBehind({ table }: LiveTable, desired: InfraMap): boolean {
  const declared = [...desired.tables.values()];
  return (
    declared.some((other) => other.name === table.name) &&
    declared.every((other) => other.database !== table.database)
  );
}

export function unmanagedTables(state: StateRecords, live: Live, desired: InfraMap): readonly Address[] {
  return [...live.values()]
    .filter((table) => !desired.tables.has(table.address) && !isOwned(state, table))
    .map((table) => table.address);
}

/** The tables that are ours, with the lifecycle last applied to each. */
export function ownership(state: StateRecords, live: Live): Ownership {
  const owned = [...live.values()].filter((table) => isOwned(state, table));
  return new Map(
    owned.flatMap(({ address }) => {
      const record = state.get(address);
      if (record === undefined) return [];
      const { lifeCycle, columns, indexes, projections, constraints } = record;
      const parts = {
        indexes: new Set(indexes),
        projections: new Set(projections),
        constraints: new Set(constraints),
      };
      return [[address, { lifeCycle, columns: new Set(columns), ...parts }] as const];
    }),
  );
}

/**
 * The same where a person approves the plan: tables that exist and are declared may be changed, but what they have and
 * the code does not is still somebody else's, unless the tables are named in `adopt`.
 */
export function plannedOwnership(
  state: StateRecords,
  live: Live,
  desired: InfraMap,
  adopt: readonly Address[],
): Ownership {
  const owned = ownership(state, live);
  const declared = [...live.values()].flatMap(({ address, table }) => {
    const wanted = desired.tables.get(address);
    if (wanted === undefined || owned.has(address)) return [];
    const names = adopt.includes(address) ? namesOf(table) : noNames;
    const { columns, indexes, projections, constraints } = names;
    const parts = {
      indexes: new Set(indexes),
      projections: new Set(projections),
      constraints: new Set(constraints),
    };
    return [[address, { lifeCycle: wanted.lifeCycle, columns: new Set(columns), ...parts }] as const];
  });
  return new Map([...owned, ...declared]);
}

const noNames = { columns: [], indexes: [], projections: [], constraints: [] };

/** The tables that are ours, and those that the user told us to take over. */
export function adoptedOwnership(
  state: StateRecords,
  live: Live,
  desired: InfraMap,
  addresses: readonly Address[],
): Ownership {
  const adopted = [...plannedOwnership(state, live, desired, addresses)].filter(([address]) =>
    addresses.includes(address),
  );
  return new Map([...ownership(state, live), ...adopted]);
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
        ...namesOf(found.table),
        cluster: declared.cluster ?? "",
        owned: true,
      },
    ];
  });
  await state.put(records);
}

/** Says before something is added to a table that it will be ours: a run that is killed on the way must not disown it. */
export async function claimParts(state: State, { operations }: JudgedPlan): Promise<void> {
  const claimed = new Map<Address, ObjectRecord>();
  for (const { operation, verdict } of operations) {
    if (verdict.decision !== "apply") continue;
    const record = claimed.get(operation.address) ?? claimable(state, operation);
    const added = record?.owned === true ? addedBy(operation, record) : undefined;
    if (record !== undefined && added !== undefined) claimed.set(operation.address, { ...record, ...added });
  }
  await state.claim([...claimed.values()]);
}

/** A table that is to be renamed is the same under its new address. */
function claimable(state: State, operation: Operation): ObjectRecord | undefined {
  if (operation.kind !== "RenameTable") return state.get(operation.address);
  const record = state.get(operation.from);
  return record && { ...record, address: operation.address };
}

function addedBy(operation: Operation, record: ObjectRecord): Partial<ObjectRecord> | undefined {
  switch (operation.kind) {
    case "RenameTable":
      return record;
    case "AddTableColumn":
      return { columns: withName(record.columns, operation.column.name) };
    case "RenameTableColumn":
      return { columns: withName(record.columns, operation.to.name) };
    case "AddTableIndex":
      return { indexes: withName(record.indexes, operation.index.name) };
    case "AddTableConstraint":
      return { constraints: withName(record.constraints, operation.constraint.name) };
    case "AddTableProjection":
      return { projections: withName(record.projections, operation.projection.name) };
    default:
      return undefined;
  }
}

function withName(names: readonly string[], name: string): readonly string[] {
  return [...new Set([...names, name])].sort();
}

/**
 * Remembers what was applied: lifecycles, by which a later removal from code is judged, and the columns, indexes and projections that are ours.
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
    const names = namesOf(table);
    const now = { ...record, lifeCycle: table.lifeCycle, cluster: table.cluster ?? "" };
    if (!open.has(address)) return [{ ...now, ...names }];
    return [withPartsOf(now, names)];
  });
  await state.put(records);
}

/**
 * A migration that came through makes its tables moose's, as its reviewed file says, but not what others have added to
 * them. The lifecycles are the code's; of what the code has no more, the last that it said.
 */
export async function recordMigrated(
  state: State,
  live: readonly LiveTable[],
  migration: Migration,
  touched: ReadonlySet<Address>,
): Promise<void> {
  const { source, before } = migration;
  const records = live
    .filter(({ address }) => touched.has(address) || before.tables.has(address))
    .map(({ address, table, uuid }): ObjectRecord => {
      const record = state.get(address);
      const lifeCycle =
        source.desired?.tables.get(address)?.lifeCycle ??
        (record?.owned === true ? record.lifeCycle : undefined) ??
        before.tables.get(address)?.lifeCycle ??
        table.lifeCycle;
      const names = migratedNames(table, record, migration);
      const cluster = source.desired?.tables.get(address)?.cluster ?? record?.cluster ?? "";
      return { address, database: table.database, uuid, lifeCycle, ...names, cluster, owned: true };
    });
  const gone = [...touched].flatMap((address) => {
    const record = state.get(address);
    if (record?.owned !== true || live.some((table) => table.address === address)) return [];
    return [{ ...record, owned: false }];
  });
  await state.put([...records, ...gone]);
}

/** Of the parts of a table those that were moose's, that the code declares, or that the migration has made. */
function migratedNames(table: Table, record: ObjectRecord | undefined, migration: Migration) {
  const { source, before, after } = migration;
  const address = addressOf(table);
  const [then, now] = [before.tables.get(address), after.tables.get(address)];
  const declared = source.desired?.tables.get(address);
  const all = namesOf(table);
  if (then === undefined || (record?.owned !== true && declared === undefined)) return all;
  const ours = (kind: "columns" | "indexes" | "projections" | "constraints") => {
    const earlier = new Set(then[kind].map(({ name }) => name));
    const made = now?.[kind].filter(({ name }) => !earlier.has(name)) ?? [];
    const names = [...made, ...(declared?.[kind] ?? [])].map(({ name }) => name);
    return new Set([...names, ...(record?.owned === true ? record[kind] : [])]);
  };
  const [columns, indexes, projections] = [ours("columns"), ours("indexes"), ours("projections")];
  const constraints = ours("constraints");
  return {
    columns: all.columns.filter((name) => columns.has(name)),
    indexes: all.indexes.filter((name) => indexes.has(name)),
    projections: all.projections.filter((name) => projections.has(name)),
    constraints: all.constraints.filter((name) => constraints.has(name)),
  };
}
