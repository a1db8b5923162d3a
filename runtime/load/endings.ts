// What to tell the user when the process that ran their code did not answer, or is gone.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { Ending } from "./user-process.js";

export function timeoutDiagnostic(deadlineMs: number): Diagnostic {
  return {
    code: "load/timeout",
    severity: "error",
    summary: `the code was not loaded within ${deadlineMs / 1000} s`,
    hint: "look for a loop that does not end, or for slow work at the top level of a file",
  };
}

/** @param when - as in "while the code was loaded" */
export function endedDiagnostic(ending: Ending, when: string): Diagnostic {
  const { exitCode, signal, lastWords } = ending;
  const detail = lastWords.length > 0 ? { detail: lastWords.join("\n") } : {};
  const how = signal ? `was ended by ${signal}` : `exited with code ${exitCode ?? "unknown"}`;
  return {
    code: signal ? "load/crashed" : "load/exited",
    severity: "error",
    summary: `the process that runs your code ${how} ${when}`,
    ...detail,
    hint: "the next load starts a new process",
  };
}
