// Counts each round that has come to an end, with the time since it began to compare.

import type { Phase } from "../../src/status/server-status.js";
import type { ServerMetrics } from "./metrics.js";

/** To be called with each state; what has the same phase as the one before counts for nothing. */
export function roundCounter(metrics: ServerMetrics): (state: { readonly phase: Phase }) => void {
  let before: Phase = "starting";
  let beganMs = performance.now();
  return ({ phase }) => {
    if (phase === before) return;
    if (phase === "planning") beganMs = performance.now();
    before = phase;
    const seconds = (performance.now() - beganMs) / 1_000;
    if (phase === "blocked" || phase === "drifted") metrics.reconciled("clickhouse", phase, seconds);
    if (phase === "ready") {
      metrics.reconciled("clickhouse", "success", seconds);
      metrics.succeededAt(Date.now() / 1_000);
    }
    if (phase === "failed") {
      metrics.reconciled("clickhouse", "error", seconds);
      metrics.reconcileFailed("clickhouse", "OperationFailed", false);
    }
  };
}
