// The report on the topics: how Kafka is, what is to be done or was done, and what differs although nothing does it.

import type { Diagnostic } from "../diagnostic.js";
import type { JudgedTopicOperation } from "../policy/judge-topics.js";
import type { Outcome } from "./report.js";

/** How the Kafka of the streams is. Whatever it says, it holds up no table. */
export type KafkaCondition =
  | { readonly state: "reached" }
  /** There are streams, and nothing says where their Kafka is. */
  | { readonly state: "not-configured"; readonly hint: string }
  | { readonly state: "unreachable"; readonly reason: string };

interface OnTopics {
  readonly kafka: KafkaCondition;
  /** Topics that moose neither made nor was told of. */
  readonly unmanaged: readonly string[];
  /** Configs on declared topics that neither the code nor moose has set, by topic. */
  readonly unmanagedConfigs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Of a plan that is only looked at. */
export interface TopicPlanReport extends OnTopics {
  readonly operations: readonly JudgedTopicOperation[];
}

export interface TopicOperationReport extends JudgedTopicOperation {
  readonly outcome: Outcome;
}

/** Of a round that was applied. */
export interface TopicsReport extends OnTopics {
  readonly operations: readonly TopicOperationReport[];
  /** Topics that still differ although every operation on them was applied: a fault, by name. */
  readonly unconverged: readonly string[];
}

export function withoutKafka(
  kafka: KafkaCondition,
  diagnostics: readonly Diagnostic[] = [],
): TopicsReport & TopicPlanReport {
  return { kafka, operations: [], unmanaged: [], unmanagedConfigs: {}, unconverged: [], diagnostics };
}
