// What can keep a server from becoming ready, as sentences.

import type { Diagnostic } from "../../../src/diagnostic.js";
import type { Address } from "../../../src/infra/address.js";
import type { Outcome } from "../../../src/status/report.js";
import type { KafkaCondition } from "../../../src/status/topics-report.js";
import { errorText } from "../../clickhouse/client.js";

export function ofServer(error: unknown): Diagnostic {
  return {
    code: "reconcile/server-error",
    severity: "error",
    summary: "ClickHouse did not do what was asked, or does not answer",
    detail: errorText(error),
    hint: "it is tried again by itself",
  };
}

function failedOperation({ kind, address }: { kind: string; address: Address }, reason: string): Diagnostic {
  return {
    code: "reconcile/failed-operation",
    severity: "error",
    summary: `${kind} ${address} failed`,
    detail: reason,
    hint: "it is tried again by itself; correct the code or the database",
  };
}

function unconverged(address: Address): Diagnostic {
  return {
    code: "reconcile/does-not-converge",
    severity: "error",
    summary: `${address} still differs from the code although every change was applied`,
    hint: "this is a fault of moose; please report it with the table's declaration",
  };
}

export const mismatch: Diagnostic = {
  code: "reconcile/plan-mismatch",
  severity: "error",
  summary: "the migration was applied, and the database is still not what the code declares",
  hint: "generate the migration anew from this code",
};

/** Undefined where Kafka was reached. */
export function kafkaProblem(kafka: KafkaCondition): Diagnostic | undefined {
  if (kafka.state === "reached") return undefined;
  const isMissing = kafka.state === "not-configured";
  return {
    code: "reconcile/kafka-away",
    severity: "error",
    summary: isMissing ? "there are streams, and no Kafka is configured" : "Kafka cannot be reached",
    ...(!isMissing && { detail: kafka.reason }),
    hint: isMissing ? kafka.hint : "it is tried again by itself",
  };
}

/** What came of operations, on tables or on topics. */
export interface Applied {
  readonly operations: readonly {
    readonly operation: { readonly kind: string; readonly address: Address };
    readonly outcome: Outcome;
  }[];
  /** What still differs although every operation on it was applied. */
  readonly unconverged: readonly string[];
}

/** The first thing in it that did not go well. */
export function problemIn(applied: Applied | undefined): Diagnostic | undefined {
  for (const { operation, outcome } of applied?.operations ?? [])
    if (outcome.state === "failed") return failedOperation(operation, outcome.reason);
  const open = applied?.unconverged[0];
  return open === undefined ? undefined : unconverged(open);
}
