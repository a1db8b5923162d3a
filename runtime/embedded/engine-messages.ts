// What the supervisor and the engine's process say to each other.

import type { Login } from "./access.js";

/** What to open and where to listen. */
export interface StartOrder {
  readonly kind: "start";
  readonly dataFolder: string;
  /** An empty folder for named pipes and the engine's configuration; removed with the process. */
  readonly pipeFolder: string;
  /** Where the `chdb` package is looked up from. */
  readonly packageFolder: string;
  /** 0 is any free port. */
  readonly port: number;
  readonly login: Login;
  /** How many statements run at once. */
  readonly width: number;
}

export type ToEngine = StartOrder | { readonly kind: "stop" };

export type FailureReason = "not-installed" | "cannot-open" | "port-taken";

export type FromEngine =
  | { readonly kind: "ready"; readonly port: number; readonly version: string; readonly startMs: number }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly detail: string };
