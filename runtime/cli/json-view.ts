// The view for machines: one JSON object a line.

import type { RoundReport } from "../../src/status/report.js";
import type { View } from "./view.js";

/** Writes events as JSON lines; the first key of each is `event`. */
export function jsonView(stream: NodeJS.WriteStream): View {
  const emit = (event: string, value: Readonly<Record<string, unknown>> = {}): void => {
    stream.write(`${JSON.stringify({ event, ...value })}\n`);
  };
  return {
    starting: (folder) => emit("starting", { folder }),
    ready: (info) => emit("ready", { ...info }),
    round: ({ report, durationMs, files }) => emit("round", { durationMs, files, ...reportJson(report) }),
    problems: (diagnostics, kept) => emit("problems", { kept, diagnostics }),
    progress: (operation, partsToDo) =>
      emit("progress", { operation: operation.kind, address: operation.address, partsToDo }),
    output: (line) => emit("output", { line }),
    notice: (text) => emit("notice", { text }),
    stopped: () => emit("stopped"),
  };
}

/** The report without the whole tables that operations carry. */
function reportJson(report: RoundReport) {
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
