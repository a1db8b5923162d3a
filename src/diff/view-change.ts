// What differs between the views of two InfraMaps.

import type { Address } from "../infra/address.js";
import type { View } from "../infra/view.js";

export type ViewAspect =
  | "query"
  | "target"
  | "refresh"
  | "kind"
  /** Its columns are no longer those of its query, because a table under it has changed. */
  | "columns";

export type ViewChange =
  | { readonly kind: "ViewAdded"; readonly address: Address; readonly view: View }
  | { readonly kind: "ViewRemoved"; readonly address: Address; readonly view: View }
  | {
      readonly kind: "ViewChanged";
      readonly address: Address;
      readonly view: View;
      readonly viewBefore: View;
      readonly aspects: readonly ViewAspect[];
    };

/** Names a change: two plans that hold the same key mean the same difference. */
export function viewChangeKey({ kind, address }: ViewChange): string {
  return `${kind} ${address}`;
}
