// What can keep the topics of a migration from being looked at.

import type { Diagnostic } from "../../../src/diagnostic.js";
import type { KafkaProblem } from "../../kafka/problem.js";
import { type KafkaAccess, noKafka } from "./access.js";

export function unfitting(problem: string, index: number): Diagnostic {
  return {
    code: "reconcile/unfitting-operation",
    severity: "error",
    summary: `operation ${index + 1} does not fit the topics that the plan starts from`,
    detail: problem,
    hint: "generate the migration anew; operations that were edited by hand must fit remote_state.json",
  };
}

export function notConfigured(access: KafkaAccess): Diagnostic {
  const condition = noKafka(access);
  return {
    code: "reconcile/no-kafka",
    severity: "error",
    summary: "the migration is about topics, and nothing says where their Kafka is",
    hint: "hint" in condition ? condition.hint : undefined,
  };
}

export function unreachable(problem: KafkaProblem): Diagnostic {
  return {
    code: "reconcile/kafka-away",
    severity: "error",
    summary: "Kafka cannot be reached, so the topics were left as they are",
    detail: `${problem.code}: ${problem.message}`,
    hint: "run moose migrate again when it can: it goes on from here",
  };
}
