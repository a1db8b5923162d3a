// What moose remembers of SQL resources: that is all there is to know of them, for no server shows what they have made.

import type { Address } from "../../src/infra/address.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type SqlResource, sqlResourceAddress } from "../../src/infra/sql-resource.js";
import { redact } from "../log/redact.js";
import type { ObjectRecord } from "./object-record.js";
import type { State, StateRecords } from "./state.js";

/**
 * The hash of the setup stands where a table has its uuid, the statements where it has columns and indexes, and, of one
 * that did not come through, how far it came where it has constraints.
 */
export function sqlResourceRecord(resource: SqlResource, owned = true): ObjectRecord {
  const { name, database, setup, teardown, unfinished, pullsDataFrom, pushesDataTo } = resource;
  return {
    address: sqlResourceAddress(name),
    database,
    uuid: resource.setupHash,
    lifeCycle: LifeCycle.FULLY_MANAGED,
    columns: setup.map((sql) => redact(sql)),
    indexes: teardown,
    projections: [...pullsDataFrom, ...pushesDataTo],
    constraints: unfinished
      ? [unfinished.doing, String(unfinished.done), unfinished.isNextBegun ? "begun" : "refused"]
      : [],
    cluster: "",
    owned,
  };
}

function resourceOf(record: ObjectRecord): SqlResource {
  const [doing, done, next] = record.constraints;
  return {
    name: record.address.slice(record.address.indexOf(":") + 1),
    database: record.database,
    setup: record.columns,
    setupHash: record.uuid,
    teardown: record.indexes,
    pullsDataFrom: record.projections,
    pushesDataTo: [],
    ...(doing !== undefined && {
      unfinished: {
        doing: doing === "teardown" ? "teardown" : "setup",
        done: Number(done),
        isNextBegun: next === "begun",
      },
    }),
  };
}

/** Those that were set up, or begun. */
export function rememberedSqlResources(state: StateRecords): ReadonlyMap<Address, SqlResource> {
  return new Map(state.sqlResources.map((record) => [record.address, resourceOf(record)]));
}

/** Of those whose setup came through the teardown that the code has now: it is the one that is run when they go. */
export async function recordSqlResources(
  state: State,
  wanted: ReadonlyMap<Address, SqlResource>,
): Promise<void> {
  const known = rememberedSqlResources(state);
  await state.put(
    [...wanted].flatMap(([address, resource]) => {
      const found = known.get(address);
      const isSetUp = found?.unfinished === undefined && found?.setupHash === resource.setupHash;
      return isSetUp ? [sqlResourceRecord(resource)] : [];
    }),
  );
}

/** A migration that came through has set up and torn down what its files say. */
export async function recordMigratedSqlResources(
  state: State,
  after: ReadonlyMap<Address, SqlResource>,
): Promise<void> {
  const gone = [...rememberedSqlResources(state)].filter(([address]) => !after.has(address));
  await state.put([
    ...[...after.values()].map((resource) => sqlResourceRecord(resource)),
    ...gone.map(([, resource]) => sqlResourceRecord(resource, false)),
  ]);
}
