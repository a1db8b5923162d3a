// The JSON schema of topics and of the operations on them.

import { LifeCycle } from "../infra/lifecycle.js";

export const topicNameSchema = { type: "string", pattern: "^[A-Za-z0-9._-]{1,249}$" };
const count = { type: "integer", minimum: 1, maximum: 200_000 };
const countOrNull = { type: ["integer", "null"], minimum: 1, maximum: 200_000 };
const configs = { type: ["object", "null"], additionalProperties: { type: "string" } };

function object(
  required: Readonly<Record<string, unknown>>,
  optional: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { type: "object", required: Object.keys(required), properties: { ...required, ...optional } };
}

export const topicSchema = object(
  { name: topicNameSchema },
  {
    partition_count: countOrNull,
    replication_factor: countOrNull,
    config: configs,
    life_cycle: { enum: [...Object.values(LifeCycle), null] },
    columns: { type: ["array", "null"], items: { $ref: "#/$defs/column" } },
    destination: { type: ["object", "null"] },
    retention_period: { type: ["object", "null"] },
    max_message_bytes: { type: ["integer", "null"] },
    version: { type: ["string", "null"] },
  },
);

/** Fields of every operation on a topic, by its name. */
export const topicOperations = {
  CreateTopic: object({ topic: { $ref: "#/$defs/topic" } }),
  DropTopic: object({ topic: topicNameSchema }),
  AddTopicPartitions: object({
    topic: topicNameSchema,
    before_partition_count: count,
    after_partition_count: count,
  }),
  AlterTopicConfig: object(
    { topic: topicNameSchema },
    { before_config: configs, set: configs, reset: { type: ["array", "null"], items: { type: "string" } } },
  ),
} as const;
