// What a plan changes, in the JSON of the existing tool: for `moose plan --json` and `POST /admin/plan`.

import { type Change, changeKey } from "../diff/change.js";
import { type SqlResourceChange, sqlResourceChangeKey } from "../diff/diff-sql-resources.js";
import { type ViewChange, viewChangeKey } from "../diff/view-change.js";
import { writeInfraChanges } from "../format/infra-changes.js";
import { writeTopicChanges } from "../format/topic-changes.js";
import type { PlainObject } from "../format/value.js";
import type { PlanReport } from "./plan-report.js";

export interface PlannedChanges {
  readonly changes: readonly Change[];
  readonly viewChanges: readonly ViewChange[];
  readonly sqlResourceChanges: readonly SqlResourceChange[];
}

/** What is blocked is in the filtered part, with its reason. */
export function infraChangesReport(
  { operations, topics }: PlanReport,
  { changes, viewChanges, sqlResourceChanges }: PlannedChanges,
  database: string,
): PlainObject {
  const blocked = new Map(
    operations.flatMap(({ operation, verdict }) =>
      verdict.decision === "blocked" ? [[operation.cause, verdict.reason] as const] : [],
    ),
  );
  const filtered = changes.flatMap((change) => {
    const reason = blocked.get(changeKey(change));
    return reason === undefined ? [] : [{ change, reason }];
  });
  const views = viewChanges.map((change) => ({ change, reason: blocked.get(viewChangeKey(change)) }));
  const sqlResources = sqlResourceChanges.map((change) => ({
    change,
    reason: blocked.get(sqlResourceChangeKey(change)),
  }));
  return {
    ...writeInfraChanges(changes, filtered, database, views, sqlResources),
    streaming_engine_changes: writeTopicChanges(topics?.operations ?? [], database),
  };
}
