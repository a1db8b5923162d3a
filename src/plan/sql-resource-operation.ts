// Operations on SQL resources: statements of the user's own that are run.

import type { SqlResource } from "../infra/sql-resource.js";
import type { OperationCommon } from "./operation-common.js";

export interface SqlResourceOperation extends OperationCommon {
  readonly kind: "SetUpSqlResource" | "TearDownSqlResource";
  /** As the code has it; for a teardown, as it was set up. */
  readonly resource: SqlResource;
  /** So many statements were done before; they are not among the steps. */
  readonly done: number;
  /** The first of the steps was sent before, and may have been applied. */
  readonly isBegun: boolean;
  /** Of a teardown: what is set up in its place comes after. */
  readonly isReplaced: boolean;
}
