// Operations on topics in words for people.

import type { TopicOperation, TopicStake } from "../plan/topic-operation.js";

/** `1,204 messages; read by billing (20 behind)` */
export function stakeText({ messages, readers }: TopicStake): string {
  const count = `${messages.toLocaleString("en-GB")} ${messages === 1 ? "message" : "messages"}`;
  if (readers === undefined) return `${count}; who reads them cannot be seen`;
  const groups = readers.map(({ group, lag }) => (lag === 0 ? group : `${group} (${lag} behind)`));
  return groups.length === 0 ? count : `${count}; read by ${groups.join(", ")}`;
}

/** `+ topic events  3 partitions, retention.ms 60000` */
export function topicOperationText(operation: TopicOperation): string {
  const { topic } = operation;
  switch (operation.kind) {
    case "CreateTopic": {
      const { partitions = 1, replicationFactor, config } = topic;
      const parts = [
        `${partitions} ${partitions === 1 ? "partition" : "partitions"}`,
        ...(replicationFactor === undefined ? [] : [`${replicationFactor} replicas`]),
        ...Object.entries(config).map(([key, value]) => `${key} ${value}`),
      ];
      return `+ topic ${topic.name}  ${parts.join(", ")}`;
    }
    case "DropTopic":
      return `- topic ${topic.name}`;
    case "AddTopicPartitions":
    case "RemoveTopicPartitions":
      return `~ topic ${topic.name}  partitions ${operation.from} -> ${operation.to}`;
    case "ChangeTopicReplication":
      return `~ topic ${topic.name}  replicas ${operation.from} -> ${operation.to}`;
    case "AlterTopicConfig": {
      const { before, set, reset } = operation;
      const now = (key: string) => before.config[key] ?? "default";
      const parts = [
        ...Object.entries(set).map(([key, value]) => `${key} ${now(key)} -> ${value}`),
        ...reset.map((key) => `${key} ${now(key)} -> default`),
      ];
      return `~ topic ${topic.name}  ${parts.join(", ")}`;
    }
  }
}
