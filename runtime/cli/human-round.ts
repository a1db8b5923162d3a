// A round as text for people: a line a table, a line a column.

import type { Colors } from "picocolors/types.js";
import type { ColumnAspect } from "../../src/diff/change.js";
import { withoutMembers } from "../../src/infra/enum-comment.js";
import type { Column, Table, TableConstraint, TableIndex, TableProjection } from "../../src/infra/table.js";
import { isOnSqlResource, isOnView, type Operation } from "../../src/plan/operation.js";
import type { SqlResourceOperation } from "../../src/plan/sql-resource-operation.js";
import { engineName, isMergeTree } from "../../src/sql/engine.js";
import { unwrapTuple } from "../../src/sql/scan.js";
import type { OperationReport, RoundReport } from "../../src/status/report.js";
import { describeSize } from "../../src/status/size-text.js";
import { viewOperationText } from "../../src/status/view-operation-text.js";
import { redact } from "../log/redact.js";

/** Lines for the operations of a round, in order, grouped by table. */
export function roundLines(report: RoundReport, colors: Colors): readonly string[] {
  const addresses = [...new Set(report.operations.map(({ operation }) => operation.address))];
  return [
    ...addresses.flatMap((address) =>
      tableLines(
        report.operations.filter(({ operation }) => operation.address === address),
        colors,
      ),
    ),
    ...report.unconverged.map((address) =>
      colors.red(
        `! ${address} still differs after everything was applied; please report this as a fault of moose`,
      ),
    ),
  ];
}

function tableLines(reports: readonly OperationReport[], colors: Colors): readonly string[] {
  const [first] = reports;
  if (first === undefined) return [];
  const { operation } = first;
  const whole = isWhole(operation);
  const header = whole ? [] : [colors.yellow(`~ ${operation.address}`)];
  return [...header, ...reports.flatMap((report) => operationLines(report, whole ? "" : "  ", colors))];
}

/** Whether the operation names what it is about by itself. */
export function isWhole(operation: Operation): boolean {
  return (
    operation.kind === "CreateTable" ||
    operation.kind === "DropTable" ||
    isOnView(operation) ||
    isOnSqlResource(operation)
  );
}

function operationLines(report: OperationReport, indent: string, colors: Colors): readonly string[] {
  const lines = operationText(report.operation, colors).map((line) => `${indent}${line}`);
  const note = noteLines(report, colors).map((line) => `${indent}    ${line}`);
  return [...(report.outcome.state === "applied" ? lines : lines.map((line) => colors.dim(line))), ...note];
}

function noteLines({ verdict, outcome, operation }: OperationReport, colors: Colors): readonly string[] {
  switch (outcome.state) {
    case "applied":
      return operation.kind === "DropTable" && operation.undo !== undefined && operation.stake?.rows !== 0
        ? [colors.dim(`within 8 minutes it can be brought back: ${operation.undo}`)]
        : [];
    case "blocked":
      return verdict.decision === "blocked"
        ? [colors.red(`not done: ${verdict.reason}`), colors.dim(`to go on: ${verdict.unblock}`)]
        : [];
    case "failed":
      return [
        colors.red(`failed: ${outcome.reason}`),
        ...(outcome.repaired ? [colors.dim(`${repairedText(operation)}; no row is lost`)] : []),
      ];
    case "unknown":
      return [colors.red(`the answer was lost: ${outcome.reason}`)];
    case "skipped":
      return [colors.dim("not tried, because the operation before it failed")];
  }
}

function repairedText({ kind }: Operation): string {
  if (kind === "AddTableIndex") return "the index was taken out again";
  return kind === "AddTableProjection"
    ? "the projection was taken out again"
    : "the column was put back as it was";
}

/** What they have made is not looked at, neither before nor after: so they stand there themselves. */
function sqlResourceText(operation: SqlResourceOperation, colors: Colors): readonly string[] {
  const { kind, address, reason, steps, done } = operation;
  const isSetup = kind === "SetUpSqlResource";
  const paint = isSetup ? colors.green : colors.red;
  const from = done === 0 ? "" : `, from statement ${done + 1} on`;
  return [
    paint(`${isSetup ? "+" : "-"} ${address}  ${isSetup ? "setup" : "teardown"}${from}: ${reason}`),
    ...steps.map(({ sql }) => paint(`    ${redact(sql)}`)),
    colors.dim("    what the statements do is not seen by moose, neither now nor as drift"),
  ];
}

export function operationText(operation: Operation, colors: Colors): readonly string[] {
  if (isOnView(operation)) {
    const paint = { "+": colors.green, "-": colors.red, "~": colors.yellow };
    return viewOperationText(operation).map(({ sign, text }) => paint[sign](`${sign} ${text}`));
  }
  if (isOnSqlResource(operation)) return sqlResourceText(operation, colors);
  const { table, stake } = operation;
  const size =
    stake === undefined || Number.isNaN(stake.rows)
      ? ""
      : colors.dim(stake.rows === 0 ? "  (empty)" : `  (${describeSize(stake)})`);
  switch (operation.kind) {
    case "CreateTable":
      return [
        colors.green(`+ ${operation.address}`) + colors.dim(`  ${engineText(table)}`),
        ...table.columns.map((column) => colors.green(`    + ${columnText(column)}`)),
        ...table.indexes.map((index) => colors.green(`    + ${indexText(index)}`)),
        ...table.projections.map((projection) => colors.green(`    + ${projectionText(projection)}`)),
        ...table.constraints.map((constraint) => colors.green(`    + ${constraintText(constraint)}`)),
      ];
    case "RenameTable":
      return [colors.yellow(`~ renamed from ${operation.from}`) + size];
    case "DropTable":
      return [colors.red(`- ${operation.address}`) + size];
    case "RecreateTable":
      return operation.differences.map(
        (difference) =>
          colors.yellow(
            `~ ${difference.aspect}: ${difference.before || "none"} -> ${difference.after || "none"}`,
          ) + size,
      );
    case "AddTableColumn":
      return [colors.green(`+ ${columnText(operation.column)}`)];
    case "RenameTableColumn":
      return [colors.yellow(`~ ${operation.from.name} is renamed to ${operation.to.name}`) + size];
    case "AddTableIndex":
      return [colors.green(`+ ${indexText(operation.index)}`) + size];
    case "DropTableIndex":
      return [colors.red(`- ${indexText(operation.index)}`)];
    case "AddTableProjection":
      return [colors.green(`+ ${projectionText(operation.projection)}`) + size];
    case "AddTableConstraint":
      return [colors.green(`+ ${constraintText(operation.constraint)}`)];
    case "DropTableConstraint":
      return [colors.red(`- ${constraintText(operation.constraint)}`)];
    case "DropTableProjection":
      return [colors.red(`- ${projectionText(operation.projection)}`)];
    case "DropTableColumn":
      return [colors.red(`- ${columnText(operation.column)}`) + size];
    case "ModifyTableColumn":
      return [
        colors.yellow(`~ ${changedColumnText(operation)}`) + (operation.aspects.includes("type") ? size : ""),
      ];
    case "ModifyTableTtl":
      return [colors.yellow(`~ TTL: ${operation.before.ttl || "none"} -> ${table.ttl || "none"}`) + size];
    case "ModifySampleBy":
      return [
        colors.yellow(`~ SAMPLE BY: ${operation.before.sampleBy || "none"} -> ${table.sampleBy || "none"}`),
      ];
    case "ModifyTableSettings":
      return [colors.yellow(`~ settings: ${settingsText(operation)}`)];
    case "ModifyTableComment":
      return [colors.yellow(`~ comment: '${operation.before.comment}' -> '${table.comment}'`)];
  }
}

/** What it is and how it is sorted; a plain MergeTree goes without saying. */
function engineText({ engine, orderBy }: Table): string {
  const name = engineName(engine) === "MergeTree" ? [] : [engineName(engine)];
  const order = isMergeTree(engine) || orderBy !== "" ? [`ORDER BY ${orderBy || "tuple()"}`] : [];
  return [...name, ...order].join(" ");
}

function columnText(column: Column): string {
  const parts = [`${column.name} ${column.type}`];
  if (column.default !== undefined) parts.push(`${column.default.kind} ${column.default.expression}`);
  if (column.codec !== "") parts.push(`CODEC(${column.codec})`);
  if (column.ttl !== "") parts.push(`TTL ${column.ttl}`);
  const comment = withoutMembers(column.comment);
  if (comment !== "") parts.push(`COMMENT '${comment}'`);
  return parts.join(" ");
}

/** `index by_name minmax(lower(name))`; type and expression as they are declared. */
function indexText({ name, type, expression, granularity }: TableIndex): string {
  return `index ${name} ${type}(${unwrapTuple(expression)})${granularity === 1 ? "" : ` GRANULARITY ${granularity}`}`;
}

function projectionText({ name, body }: TableProjection): string {
  return `projection ${name} (${body})`;
}

function constraintText({ name, kind, expression }: TableConstraint): string {
  return `constraint ${name} ${kind} ${expression}`;
}

/** The names of an enum's members are long and seldom what changed. */
function commentChange(from: Column, to: Column): string {
  const [before, after] = [withoutMembers(from.comment), withoutMembers(to.comment)];
  return before === after ? "names of members" : `comment: '${before}' -> '${after}'`;
}

function changedColumnText({ from, to, aspects }: Extract<Operation, { kind: "ModifyTableColumn" }>): string {
  const defaultOf = (column: Column): string =>
    column.default === undefined ? "none" : `${column.default.kind} ${column.default.expression}`;
  const texts: Readonly<Record<ColumnAspect, string>> = {
    type: `${from.type} -> ${to.type}`,
    default: `default: ${defaultOf(from)} -> ${defaultOf(to)}`,
    comment: commentChange(from, to),
    codec: `codec: ${from.codec || "none"} -> ${to.codec || "none"}`,
    ttl: `TTL: ${from.ttl || "none"} -> ${to.ttl || "none"}`,
  };
  return `${to.name} ${aspects.map((aspect) => texts[aspect]).join(", ")}`;
}

function settingsText({ before, table }: Extract<Operation, { kind: "ModifyTableSettings" }>): string {
  const names = [...new Set([...Object.keys(before.settings), ...Object.keys(table.settings)])].sort();
  return names
    .filter((name) => before.settings[name] !== table.settings[name])
    .map((name) => `${name} ${before.settings[name] ?? "default"} -> ${table.settings[name] ?? "default"}`)
    .join(", ");
}
