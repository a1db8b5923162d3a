// planTopics: changes of topics in, ordered operations out.

import { nameOfChange, type TopicChange, topicChangeKey } from "../diff/topic-change.js";
import { effectiveConfig, type Topic, topicAddress } from "../infra/topic.js";
import { losingConfigs } from "./topic-loss.js";
import type { TopicEvidence, TopicOperation, TopicPlan } from "./topic-operation.js";

/** A topic that code leaves open has so many. */
export const defaultPartitions = 1;

/** What is made and changed comes before what is deleted. */
export function planTopics(changes: readonly TopicChange[], evidence: TopicEvidence): TopicPlan {
  const operations = changes.map((change) => operationFor(change, evidence));
  const isDrop = ({ kind }: TopicOperation) => kind === "DropTopic";
  const ordered = [...operations.filter((one) => !isDrop(one)), ...operations.filter(isDrop)];
  return { operations: ordered.map((operation, index) => ({ ...operation, id: `topic-${index + 1}` })) };
}

function operationFor(change: TopicChange, evidence: TopicEvidence): TopicOperation {
  switch (change.kind) {
    case "TopicAdded":
      return {
        ...base(change, change.topic, "declared in code"),
        kind: "CreateTopic",
        request: createRequest(change.topic),
      };
    case "TopicRemoved":
      return {
        ...base(change, change.topic, "no longer in code", evidence),
        kind: "DropTopic",
        successor: change.successor,
        destructive: true,
        request: `DeleteTopics ${change.topic.name}`,
      };
    case "TopicPartitionsChanged":
      return partitionsOperation(change, evidence);
    case "TopicReplicationChanged": {
      const { after, from, to } = change;
      return {
        ...base(change, after, "the replication factor differs"),
        ...{ kind: "ChangeTopicReplication", from, to },
      };
    }
    case "TopicConfigChanged":
      return configOperation(change, evidence);
  }
}

function base(change: TopicChange, topic: Topic, reason: string, evidence?: TopicEvidence) {
  return {
    id: "",
    cause: topicChangeKey(change),
    address: topicAddress(topic.name),
    topic,
    cost: "topic",
    destructive: false,
    reason,
    stake: evidence?.get(nameOfChange(change)),
    warnings: [],
    request: "",
  } as const;
}

function createRequest({ name, partitions, replicationFactor, config }: Topic): string {
  const parts = [`partitions=${partitions ?? defaultPartitions}`];
  if (replicationFactor !== undefined) parts.push(`replicas=${replicationFactor}`);
  return `CreateTopics ${name} ${[...parts, ...pairs(config)].join(" ")}`;
}

function pairs(config: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(config).map(([key, value]) => `${key}=${value}`);
}

type ChangeOf<K extends TopicChange["kind"]> = Extract<TopicChange, { kind: K }>;

function partitionsOperation(
  change: ChangeOf<"TopicPartitionsChanged">,
  evidence: TopicEvidence,
): TopicOperation {
  const { before, after, from, to } = change;
  const common = { ...base(change, after, "the number of partitions differs", evidence), from, to };
  if (to < from) return { ...common, kind: "RemoveTopicPartitions" };
  return {
    ...common,
    kind: "AddTopicPartitions",
    request: `CreatePartitions ${after.name} total=${to}`,
    warnings: orderWarnings(before, after),
  };
}

function orderWarnings(before: Topic, after: Topic): readonly string[] {
  const policy = after.config["cleanup.policy"] ?? effectiveConfig(before, "cleanup.policy") ?? "";
  const moves = "from now on a key may go to another partition than its earlier messages";
  return [
    ...(after.isKeyed === true ? [`the stream is keyed: ${moves}, so their order is lost`] : []),
    ...(policy.includes("compact")
      ? [`the topic is compacted: ${moves}, and the last value of a key may then be there twice`]
      : []),
  ];
}

function configOperation(change: ChangeOf<"TopicConfigChanged">, evidence: TopicEvidence): TopicOperation {
  const { before, after, set, reset } = change;
  const losing = losingConfigs(change);
  const names = [...Object.keys(set), ...reset].sort();
  const loses = losing.length === 0 ? "" : `; messages go by ${losing.join(", ")}`;
  return {
    ...base(
      change,
      after,
      `${names.join(", ")} ${names.length === 1 ? "differs" : "differ"}${loses}`,
      evidence,
    ),
    kind: "AlterTopicConfig",
    before,
    set,
    reset,
    destructive: losing.length > 0,
    warnings: sizeWarnings(change),
    request: `IncrementalAlterConfigs ${[after.name, ...pairs(set), ...reset.map((key) => `-${key}`)].join(" ")}`,
  };
}

function sizeWarnings({ before, set }: ChangeOf<"TopicConfigChanged">): readonly string[] {
  const [from, to] = [effectiveConfig(before, "max.message.bytes"), set["max.message.bytes"]];
  if (from === undefined || to === undefined || Number(to) <= Number(from)) return [];
  return [
    "larger messages: fetch.max.bytes of the consumers and replica.fetch.max.bytes of the brokers have to allow them",
  ];
}
