// The expected problems of a local Kafka, as diagnostics.

import { DiagnosticError } from "../../../src/diagnostic.js";
import { oldestJava } from "./java.js";

const orName = "or name a Kafka: `broker` under [kafka_config], `MOOSE_KAFKA_CONFIG__BROKER`.";

function problem(code: string, summary: string, hint: string, detail?: string): DiagnosticError {
  return new DiagnosticError([{ code: `kafka/${code}`, severity: "error", summary, hint, detail }]);
}

/** Java or Maven is missing; the tables go on without streams. */
export function missing(what: string): DiagnosticError {
  return problem(
    "local-missing",
    `Streams need a Kafka, and there is none: ${what} is not installed.`,
    `Install Java ${oldestJava} or newer and Maven, or Docker; ${orName}`,
  );
}

export function tooOldJava(version: string): DiagnosticError {
  return problem(
    "local-missing",
    `Streams need a Kafka, and there is none: Java ${version} is too old to run one.`,
    `Install Java ${oldestJava} or newer, or Docker; ${orName}`,
  );
}

/** @param by - Maven or Docker */
export function notFetched(by: string, detail: string): DiagnosticError {
  return problem(
    "local-fetch",
    `Apache Kafka could not be fetched with ${by}.`,
    `Look at what ${by} says, and check that it reaches its repository, ${orName}`,
    detail,
  );
}

export function notWritable(folder: string, thrown: unknown): DiagnosticError {
  return problem(
    "local-not-writable",
    `The folder of the local Kafka, ${folder}, cannot be written.`,
    "Give yourself the right to write there, or move what is in its way.",
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}

export function folderHeld(folder: string, pid: number, broker: string | undefined): DiagnosticError {
  const where = broker === undefined ? "and is still starting" : `at ${broker}`;
  return problem(
    "local-held",
    `Another process (pid ${pid}) already runs the local Kafka on ${folder}, ${where}.`,
    `Stop process ${pid}${broker === undefined ? "" : `, or use its broker: \`MOOSE_KAFKA_CONFIG__BROKER=${broker}\``}.`,
  );
}

export function notStarted(folder: string, logFile: string, detail: string): DiagnosticError {
  return problem(
    "local-not-started",
    `The local Kafka did not start on ${folder}.`,
    `Its log is ${logFile}. If its topics are not needed, remove that folder and start again.`,
    detail,
  );
}
