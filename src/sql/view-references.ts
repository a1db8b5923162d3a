// What a view reads, by address.

import { type Address, tableAddress } from "../infra/address.js";
import type { View } from "../infra/view.js";
import { dictionarySources } from "./dictionary.js";
import { tableReferences } from "./table-references.js";

/** Tables, views and dictionaries that its query names. */
export function readBy({
  kind,
  select,
  database,
}: Pick<View, "kind" | "select" | "database">): ReadonlySet<Address> {
  const references = kind === "Dictionary" ? dictionarySources(select) : tableReferences(select);
  return new Set(references.map((one) => tableAddress(one.database ?? database, one.name ?? "")));
}
