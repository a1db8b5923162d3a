// What all operations have in common, as it is for one that only changes the catalogue.

import { type Change, changeKey } from "../diff/change.js";
import type { Step } from "./operation-common.js";

export type ChangeOf<K extends Change["kind"]> = Extract<Change, { kind: K }>;

export function metadataBase(change: Change, reason: string, statements: readonly string[]) {
  return {
    id: "",
    cause: changeKey(change),
    address: change.address,
    table: "after" in change ? change.after : change.table,
    cost: "metadata",
    destructive: false,
    reason,
    stake: undefined,
    steps: statements.map((sql): Step => ({ sql, mutation: false })),
    undo: undefined,
  } as const;
}
