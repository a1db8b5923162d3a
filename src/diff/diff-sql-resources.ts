// diffSqlResources: what was set up in, what the code declares in, the changes between them out.

import type { Address } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import type { SqlResource } from "../infra/sql-resource.js";

export type SqlResourceChange =
  | { readonly kind: "SqlResourceAdded"; readonly address: Address; readonly resource: SqlResource }
  | { readonly kind: "SqlResourceRemoved"; readonly address: Address; readonly resource: SqlResource }
  | {
      readonly kind: "SqlResourceChanged";
      readonly address: Address;
      readonly resource: SqlResource;
      readonly resourceBefore: SqlResource;
    }
  /** Its setup was left off in the middle, and is still what the code says. */
  | {
      readonly kind: "SqlResourceUnfinished";
      readonly address: Address;
      readonly resource: SqlResource;
      readonly resourceBefore: SqlResource;
    };

type Resources = Pick<InfraMap, "sqlResources">;

/** By address. Another teardown alone changes nothing that is there: it is remembered for the day when it is needed. */
export function diffSqlResources(
  { sqlResources: before }: Resources,
  { sqlResources: after }: Resources,
): readonly SqlResourceChange[] {
  const addresses = [...new Set([...before.keys(), ...after.keys()])].sort();
  return addresses.flatMap((address): readonly SqlResourceChange[] => {
    const [old, resource] = [before.get(address), after.get(address)];
    if (resource === undefined)
      return old === undefined ? [] : [{ kind: "SqlResourceRemoved", address, resource: old }];
    if (old === undefined) return [{ kind: "SqlResourceAdded", address, resource }];
    const isSame = old.setupHash === resource.setupHash;
    if (isSame && old.unfinished === undefined) return [];
    const kind = isSame && old.unfinished?.doing === "setup" ? "SqlResourceUnfinished" : "SqlResourceChanged";
    return [{ kind, address, resource, resourceBefore: old }];
  });
}

/** Names a change: two plans that hold the same key mean the same difference. */
export function sqlResourceChangeKey({ kind, address }: SqlResourceChange): string {
  return `${kind} ${address}`;
}
