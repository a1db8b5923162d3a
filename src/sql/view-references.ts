// What a view reads, by address.

import { type Address, tableAddress } from "../infra/address.js";
import type { View } from "../infra/view.js";
import { tableReferences } from "./table-references.js";

/** Tables, views and dictionaries that its query names. */
export function readBy({ select, database }: Pick<View, "select" | "database">): ReadonlySet<Address> {
  return new Set(
    tableReferences(select).map((reference) => tableAddress(reference.database ?? database, reference.name)),
  );
}
