// The lifecycles that a migration of a chain gives to tables: no operation changes them, and later ones are judged by them.

import { tableAddress } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import { LifeCycle } from "../infra/lifecycle.js";
import { readDatabase, readName } from "./checked.js";
import type { ObjectName } from "./operation.js";
import type { PlainObject, Spot } from "./value.js";

export interface TableLifeCycle {
  readonly table: ObjectName;
  readonly lifeCycle: LifeCycle;
}

/** Undefined where the file has none. */
export function readTableLifeCycles(
  spot: Spot,
  defaultDatabase: string,
): readonly TableLifeCycle[] | undefined {
  if (spot.isAbsent) return undefined;
  return spot.list().map((entry) => {
    const said = entry.field("life_cycle");
    const known = Object.values(LifeCycle).find((lifeCycle) => lifeCycle === said.value);
    return {
      table: {
        database: readDatabase(entry.field("database"), defaultDatabase),
        name: readName(entry.field("table")),
      },
      lifeCycle:
        known ?? said.wrong(`one of ${Object.values(LifeCycle).join(", ")}`, LifeCycle.FULLY_MANAGED),
    };
  });
}

/** The key of the file; nothing where no lifecycle changes. */
export function writeTableLifeCycles(
  lifeCycles: readonly TableLifeCycle[] | undefined,
  defaultDatabase: string,
): PlainObject {
  if (lifeCycles === undefined || lifeCycles.length === 0) return {};
  return {
    life_cycles: lifeCycles.map(({ table: { database, name }, lifeCycle }) => ({
      database: database === defaultDatabase ? null : database,
      life_cycle: lifeCycle,
      table: name,
    })),
  };
}

/** The tables under their new lifecycles, or which of them is not there. */
export function withLifeCycles(
  map: InfraMap,
  lifeCycles: readonly TableLifeCycle[],
): { readonly map: InfraMap } | { readonly detail: string } {
  const [tables, views] = [new Map(map.tables), new Map(map.views)];
  for (const { table, lifeCycle } of lifeCycles) {
    const address = tableAddress(table.database, table.name);
    const [found, view] = [tables.get(address), views.get(address)];
    if (found !== undefined) tables.set(address, { ...found, lifeCycle });
    else if (view !== undefined) views.set(address, { ...view, lifeCycle });
    else return { detail: `life_cycles names ${address}, which is no table of the chain` };
  }
  return { map: { ...map, tables, views } };
}
