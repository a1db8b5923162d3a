// The expected problems of starting the embedded ClickHouse, as diagnostics.

import { DiagnosticError } from "../../src/diagnostic.js";
import type { LockRecord } from "../process/folder-lock.js";
import type { StartOutcome } from "./engine-child.js";

function problem(code: string, summary: string, hint: string, detail?: string): DiagnosticError {
  return new DiagnosticError([{ code: `embedded/${code}`, severity: "error", summary, hint, detail }]);
}

/** Another process runs an engine on this folder. */
export function folderHeld(folder: string, holder: LockRecord): DiagnosticError {
  const where = holder.url === undefined ? "and is still starting" : `at ${holder.url}`;
  return problem(
    "folder-held",
    `Another process (pid ${holder.pid}) already runs the embedded ClickHouse on ${folder}, ${where}.`,
    `Stop process ${holder.pid}, or use its server: --clickhouse-url ${holder.url ?? "http://..."}`,
    `It started at ${holder.startedAt}.`,
  );
}

export function notWritable(folder: string, thrown: unknown): DiagnosticError {
  return problem(
    "not-writable",
    `The folder of the embedded ClickHouse, ${folder}, cannot be written.`,
    "Give yourself the right to write there, or move what is in its way.",
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}

export function notInstalled(detail: string): DiagnosticError {
  return problem(
    "not-installed",
    `The embedded ClickHouse is not available: the package chdb is not installed for ${process.platform} ${process.arch}.`,
    "Run `npm install chdb` (Linux with glibc, or macOS), or use a server: --clickhouse-url http://...",
    detail,
  );
}

/** What a process that did not start says about itself. */
export function notStarted(
  outcome: StartOutcome & { kind: "failed" },
  order: { readonly folder: string; readonly port: number },
  stderr: readonly string[],
): DiagnosticError {
  const detail = [outcome.detail, ...stderr.filter((line) => !outcome.detail.includes(line))]
    .join("\n")
    .trim();
  if (outcome.reason === "not-installed") return notInstalled(detail);
  if (outcome.reason === "port-taken")
    return problem(
      "port-taken",
      `Port ${order.port} on 127.0.0.1 is taken, so the embedded ClickHouse cannot listen there.`,
      "Stop what listens there, or choose another port.",
      detail,
    );
  return problem(
    "cannot-open",
    `The embedded ClickHouse could not open its data in ${order.folder}.`,
    "If the data is not needed, remove that folder and start again; else see the reason above.",
    detail,
  );
}
