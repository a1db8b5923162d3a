// A plan for people and for machines: operations with reasons, what is at stake, verdicts and SQL.

import type { Colors } from "picocolors/types.js";
import { writeInfraMap } from "../../src/format/inframap-json.js";
import type { GuessedRename } from "../../src/plan/guess-renames.js";
import type { Operation } from "../../src/plan/operation.js";
import type { JudgedOperation } from "../../src/policy/verdict.js";
import { infraChangesReport } from "../../src/status/infra-changes-report.js";
import type { PlanReport } from "../../src/status/plan-report.js";
import type { ProjectPlan } from "../reconcile/plan-project.js";
import { isWhole, operationText } from "./human-round.js";
import { topicPlanLines, topicReportJson } from "./topic-view.js";

export interface PlanViewOptions {
  readonly showSql: boolean;
}

export function planLines(
  report: PlanReport,
  colors: Colors,
  { showSql }: PlanViewOptions,
): readonly string[] {
  const { operations } = report;
  const addresses = [...new Set(operations.map(({ operation }) => operation.address))];
  const tables = addresses.flatMap((address) =>
    tableLines(
      address,
      operations.filter(({ operation }) => operation.address === address),
      colors,
      showSql,
    ),
  );
  return [
    ...tables,
    ...(report.topics === undefined ? [] : topicPlanLines(report.topics, colors, { showSql })),
    ...report.renames.map((rename) => colors.yellow(`? ${renameText(rename)}`)),
    ...report.unsure.map((address) =>
      colors.yellow(
        `? ${address} may differ in spelling only; the user may not make tables, so it could not be told`,
      ),
    ),
    ...report.unmanaged.map((address) => colors.dim(`  ${address} is not managed`)),
    summary(report, colors),
  ];
}

export function renameText({ address, from, to, evidence }: GuessedRename): string {
  return `${address}: ${from} may have become ${to} (${evidence.join(", ")})`;
}

/** An operation in a sentence, `DropTableColumn local.events.name`. */
export function operationName(operation: Operation): string {
  const { kind, address } = operation;
  switch (operation.kind) {
    case "AddTableColumn":
    case "DropTableColumn":
      return `${kind} ${address}.${operation.column.name}`;
    case "ModifyTableColumn":
    case "RenameTableColumn":
      return `${kind} ${address}.${operation.from.name}`;
    case "AddTableIndex":
    case "DropTableIndex":
      return `${kind} ${operation.index.name} of ${address}`;
    case "AddTableProjection":
    case "DropTableProjection":
      return `${kind} ${operation.projection.name} of ${address}`;
    case "AddTableConstraint":
    case "DropTableConstraint":
      return `${kind} ${operation.constraint.name} of ${address}`;
    default:
      return `${kind} ${address}`;
  }
}

function tableLines(
  address: string,
  judged: readonly JudgedOperation[],
  colors: Colors,
  showSql: boolean,
): readonly string[] {
  const areWhole = judged.every(({ operation }) => isWhole(operation));
  const header = areWhole ? [] : [colors.yellow(`~ ${address}`)];
  return [
    ...header,
    ...judged.flatMap((one) =>
      judgedLines(one, colors, showSql).map((line) => (areWhole ? line : `  ${line}`)),
    ),
  ];
}

function judgedLines(
  { operation, verdict }: JudgedOperation,
  colors: Colors,
  showSql: boolean,
): readonly string[] {
  const marks = [
    operation.cost === "metadata" ? [] : [operation.cost],
    operation.destructive ? [colors.red("destroys data")] : [],
  ].flat();
  const note = [operation.reason, ...marks].join(", ");
  const blocked =
    verdict.decision === "blocked"
      ? [colors.red(`    blocked: ${verdict.reason}`), colors.dim(`    to go on: ${verdict.unblock}`)]
      : [];
  const sql = showSql ? operation.steps.map((step) => colors.dim(`    ${step.sql}`)) : [];
  return [...operationText(operation, colors), colors.dim(`    ${note}`), ...blocked, ...sql];
}

function summary({ id, operations: ofTables, topics }: PlanReport, colors: Colors): string {
  const operations = [...ofTables, ...(topics?.operations ?? [])];
  const isWhole = topics === undefined || topics.kafka.state === "reached";
  if (operations.length === 0 && isWhole) return "nothing to do: the database is as the code says";
  const blocked = operations.filter(({ verdict }) => verdict.decision === "blocked").length;
  const count = (n: number) => `${n} ${n === 1 ? "operation" : "operations"}`;
  const others = blocked === 0 ? "" : `, ${blocked} of them blocked`;
  return `plan ${id}: ${count(operations.length)}${others}${colors.dim("; nothing was changed")}`;
}

/** The keys of the existing tool, and our own plan beside them. */
export function planJson({ report, planned, desired }: ProjectPlan, database: string): unknown {
  return {
    target_infra_map: writeInfraMap(desired, database),
    changes: infraChangesReport(report, planned, database),
    plan: {
      ...report,
      operations: report.operations.map(operationJson),
      ...(report.topics !== undefined && { topics: topicReportJson(report.topics) }),
    },
  };
}

function operationJson({ operation, verdict }: JudgedOperation): unknown {
  const { id, kind, address, cause, reason, cost, destructive, stake, undo } = operation;
  const sql = operation.steps.map((step) => step.sql);
  return { id, kind, address, cause, reason, cost, destructive, stake, sql, undo, verdict };
}
