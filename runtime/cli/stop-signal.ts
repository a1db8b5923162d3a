// Signals that end a command: the first asks it to stop in order, the second ends it at once.

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborted on the first signal, or when nobody reads the output any more. A second signal exits with 130. */
export function onStopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  process.stdout.on("error", () => controller.abort());
  return controller.signal;
}
