// Views in the order of what they read: a view on a view comes after it.

import type { Address } from "../infra/address.js";
import type { View } from "../infra/view.js";
import { readBy } from "../sql/view-references.js";

export type Views = ReadonlyMap<Address, View>;

/** Everything that a view reads, also by way of other views. */
export function allReadBy(view: View, views: Views): ReadonlySet<Address> {
  const found = new Set<Address>();
  const open = [...readBy(view)];
  for (let address = open.pop(); address !== undefined; address = open.pop()) {
    if (found.has(address)) continue;
    found.add(address);
    const other = views.get(address);
    if (other !== undefined) open.push(...readBy(other));
  }
  return found;
}

/** What is read comes first. */
export function inReadingOrder<T extends { readonly address: Address; readonly view: View }>(
  items: readonly T[],
  views: Views,
): readonly T[] {
  const depths = new Map<Address, number>();
  const depthOf = (address: Address, path: readonly Address[]): number => {
    const known = depths.get(address);
    const view = items.find((item) => item.address === address)?.view ?? views.get(address);
    if (known !== undefined) return known;
    if (view === undefined || path.includes(address)) return 0;
    const below = [...readBy(view)].map((one) => depthOf(one, [...path, address]));
    const depth = Math.max(0, ...below) + 1;
    depths.set(address, depth);
    return depth;
  };
  return items.toSorted((a, b) => depthOf(a.address, []) - depthOf(b.address, []));
}
