// What a server writes into its log: one line for each phase, and one for each operation that changes its state.

import { driftEntries, driftSize } from "../../src/status/drift-entry.js";
import type { Logger } from "../log/logger.js";
import type { ProdState } from "../reconcile/prod/prod-state.js";

/** To be called with each state. */
export class ProdLog {
  readonly #log: Logger;
  #last: ProdState | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  state(state: ProdState): void {
    const before = this.#last;
    this.#last = state;
    if (before?.phase !== state.phase || before.message !== state.message) this.#phase(state);
    if (before?.operations !== state.operations) this.#operations(before, state);
    if (before?.drift !== state.drift && driftSize(state.drift) > 0)
      this.#log.warn(
        { event: "drift", objects: driftEntries(state.drift) },
        "what was applied was changed behind the server's back",
      );
  }

  #phase({ phase, message, planId, diagnostics }: ProdState): void {
    const fields = { event: "phase", phase, planId, ...(diagnostics.length > 0 && { diagnostics }) };
    if (phase === "failed" || phase === "drifted") this.#log.error(fields, message);
    else if (phase === "blocked" || diagnostics.length > 0) this.#log.warn(fields, message);
    else this.#log.info(fields, message);
  }

  #operations(before: ProdState | undefined, { operations, planId }: ProdState): void {
    const known = new Map(before?.operations.map(({ status }) => [status.id, status.state]));
    for (const { status, verdict: judged } of operations) {
      const { id, kind, address: target, state, sql, durationMs, error } = status;
      if (known.get(id) === state || state === "pending") continue;
      const verdict = judged?.decision === "blocked" ? judged : undefined;
      const fields = { event: "operation", planId, id, kind, target, state, durationMs, error };
      // Of one that was short nothing was heard while it ran.
      const isNew = state === "running" || (state !== "blocked" && known.get(id) !== "running");
      const line = { ...fields, ...(verdict && { verdict }), ...(isNew && { sql }) };
      if (state === "failed" || state === "unknown") this.#log.error(line, `${kind} ${target}: ${state}`);
      else this.#log.info(line, `${kind} ${target}: ${state}`);
    }
  }
}
