// A plan that is only looked at, as the HTTP endpoints show it: plain data without the whole tables.

import type { Diagnostic } from "../diagnostic.js";
import type { Address } from "../infra/address.js";
import type { GuessedRename } from "../plan/guess-renames.js";
import type { PlanReport } from "./plan-report.js";
import { operationStatus, type PlanStatus } from "./server-status.js";

export interface PlanView extends PlanStatus {
  /** Drops and additions that look like renames. */
  readonly renames: readonly GuessedRename[];
  /** Tables of which it could not be told whether they differ in more than spelling. */
  readonly unsure: readonly Address[];
  readonly unmanaged: readonly Address[];
  readonly diagnostics: readonly Diagnostic[];
}

export function planView(report: PlanReport): PlanView {
  const { id, basedOn, renames, unsure, unmanaged, diagnostics } = report;
  const operations = report.operations.map((judged) => operationStatus(judged));
  return { id, basedOn, operations, renames, unsure, unmanaged, diagnostics };
}
