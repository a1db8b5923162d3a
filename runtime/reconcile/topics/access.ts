// How a project gets at its Kafka, if at all.

import type { KafkaCondition } from "../../../src/status/topics-report.js";
import type { Kafka } from "../../kafka/client.js";

export interface KafkaAccess {
  /** Undefined where nothing says where it is. */
  readonly kafka: Kafka | undefined;
  /** Prefix of the names of topics; empty for none. */
  readonly namespace: string;
  /** What to do where there is none. */
  readonly hint?: string | undefined;
}

export function noKafka({ hint }: KafkaAccess): KafkaCondition {
  const configure = 'set broker = "host:9092" under [kafka_config], or MOOSE_KAFKA_CONFIG__BROKER';
  return { state: "not-configured", hint: hint ?? configure };
}
