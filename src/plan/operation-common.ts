// What an operation is, whatever it works on.

import type { Address } from "../infra/address.js";
import type { TableSize } from "./evidence.js";

/** One statement of an operation. */
export interface Step {
  readonly sql: string;
  /** True when the statement rewrites data in the background and has to be waited for. */
  readonly mutation: boolean;
  /** Where names without a database are looked for, in a statement of the user's own. */
  readonly inDatabase?: string | undefined;
}

/** What an operation costs: a changed catalogue entry, data rewritten in the background, a table written anew. */
export type CostClass = "metadata" | "mutation" | "rebuild";

export interface OperationCommon {
  readonly id: string;
  /** Key of the change that it brings about. */
  readonly cause: string;
  readonly address: Address;
  readonly cost: CostClass;
  /** True when data is lost, or can be. */
  readonly destructive: boolean;
  /** Why, in one clause: `added in code`. */
  readonly reason: string;
  /** Rows and bytes that the operation concerns. */
  readonly stake: TableSize | undefined;
  readonly steps: readonly Step[];
  /** Statement that takes it back, where there is one. */
  readonly undo: string | undefined;
}
