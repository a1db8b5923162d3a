// The view for machines: one JSON object a line.

import type { RoundReport } from "../../src/status/report.js";
import type { DevEvent, OnDevEvent } from "../reconcile/dev-event.js";
import { topicReportJson } from "./topic-view.js";

/** Writes events as JSON lines; the key `event` says which. */
export function jsonView(write: (text: string) => void): OnDevEvent {
  return (event) => write(`${JSON.stringify(eventJson(event))}\n`);
}

/** The event as plain JSON: reports without the whole tables that operations carry. */
export function eventJson(event: DevEvent): Readonly<Record<string, unknown>> {
  switch (event.event) {
    case "round":
      return {
        event: event.event,
        durationMs: event.durationMs,
        files: event.files,
        ...reportJson(event.report),
      };
    case "progress":
      return {
        event: event.event,
        operation: event.operation.kind,
        address: event.operation.address,
        partsToDo: event.partsToDo,
      };
    case "topics":
      return { ...event, report: topicReportJson(event.report) };
    default:
      return event;
  }
}

/** The report without the whole tables that operations carry. */
function reportJson(report: RoundReport): Readonly<Record<string, unknown>> {
  return {
    operations: report.operations.map(({ operation, verdict, outcome }) => ({
      id: operation.id,
      kind: operation.kind,
      address: operation.address,
      reason: operation.reason,
      cost: operation.cost,
      destructive: operation.destructive,
      stake: operation.stake,
      sql: operation.steps.map((step) => step.sql),
      undo: operation.undo,
      verdict,
      outcome,
    })),
    diagnostics: report.diagnostics,
    unconverged: report.unconverged,
    unmanaged: report.unmanaged,
  };
}
