// What happens to the embedded ClickHouse while it runs, for whoever shows it.

/** Times are in milliseconds. */
export type EmbeddedEvent =
  | {
      readonly kind: "started" | "restarted";
      readonly url: string;
      readonly pid: number;
      /** From the start of the process until it answers. */
      readonly startMs: number;
      readonly version: string;
    }
  | {
      readonly kind: "crashed";
      /** How it ended, e.g. `SIGSEGV` or `code 1`. */
      readonly how: string;
      /** The last lines it wrote to stderr. */
      readonly stderr: readonly string[];
      readonly restartInMs: number;
    }
  /** It died too often; it stays down until the next start. */
  | {
      readonly kind: "gave-up";
      readonly restarts: number;
      readonly withinMs: number;
      readonly detail: string;
    }
  | { readonly kind: "stderr"; readonly line: string }
  | { readonly kind: "stopped" };
