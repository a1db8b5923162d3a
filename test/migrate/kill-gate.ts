// Kills a migrating process at one of its requests.

import type { RequestMoment } from "./job.js";
import type { Gate, Watched } from "./watching-proxy.js";

export type Phase = "lost" | "late" | "held" | "served";

/** Moments of the requests, with the operation that each belongs to; -1 is the run itself. */
export function momentsOf({ step, entries, isClaim }: Watched): readonly {
  readonly what: "statement" | "intent" | "outcome" | "claim";
  readonly operation: number;
}[] {
  if (step !== undefined) return [{ what: "statement", operation: step.operation }];
  if (isClaim) return [{ what: "claim", operation: -1 }];
  return [...new Set(entries)].map((entry) => {
    const [kind, operation] = entry.split(" ");
    return { what: kind === "intent" ? "intent" : "outcome", operation: Number(operation) };
  });
}

export interface KillGate extends Gate {
  /** Lets the server have what was held back, and waits for its answer. */
  open(): Promise<void>;
}

/** @param isIt - whether this is the request at which the process dies; not asked again after it was */
export function killGate(
  isIt: (request: Watched) => boolean,
  phase: Phase,
  kill: () => Promise<void>,
): KillGate {
  let victim: Watched | undefined;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return {
    async open() {
      open();
      if (victim !== undefined && phase === "held") await answered;
    },
    async arrived(request) {
      if (victim !== undefined || !isIt(request)) return true;
      victim = request;
      if (phase === "served") return true;
      await kill();
      if (phase === "held") await opened;
      return phase !== "lost";
    },
    async served(request) {
      if (victim === request) answer();
      if (victim !== request || phase !== "served") return victim !== request;
      await kill();
      return false;
    },
  };
}

export function phaseOf(moment: RequestMoment): Phase {
  const [, phase] = moment.split(" ");
  return phase === "stored" ? "served" : (phase as Phase);
}

/** The nth request that belongs to the moment. */
export function isRequestOf(moment: RequestMoment, operation: number, after: number) {
  const [what] = moment.split(" ");
  let left = after;
  return (request: Watched): boolean =>
    momentsOf(request).some((one) => one.what === what && one.operation === operation) && left-- === 0;
}
