// Operations on topics: what is done, why, and which messages it concerns.

import type { Topic } from "../infra/topic.js";

/** A consumer group that reads a topic. */
export interface TopicReader {
  readonly group: string;
  /** Messages that it has not read yet. */
  readonly lag: number;
}

/** What an operation concerns. */
export interface TopicStake {
  /** By the offsets of all partitions; of a compacted topic there are fewer. */
  readonly messages: number;
  /** Undefined where the user may not see consumer groups. */
  readonly readers: readonly TopicReader[] | undefined;
}

/** By topic; one that is not named was not looked at. */
export type TopicEvidence = ReadonlyMap<string, TopicStake>;

interface TopicOperationBase {
  readonly id: string;
  /** Key of the change that it brings about. */
  readonly cause: string;
  /** `topic:events` */
  readonly address: string;
  /** The topic as the code wants it; for a removed one, as it is. */
  readonly topic: Topic;
  readonly cost: "topic";
  /** True when messages are lost, or can be. */
  readonly destructive: boolean;
  /** Why, in one clause. */
  readonly reason: string;
  readonly stake: TopicStake | undefined;
  /** What else it brings about that not everybody expects. */
  readonly warnings: readonly string[];
  /** What is asked of Kafka, in words. */
  readonly request: string;
}

export type TopicOperation = TopicOperationBase &
  (
    | { readonly kind: "CreateTopic" }
    | {
        readonly kind: "DropTopic";
        /** The topic that is said to take its place. */
        readonly successor: string | undefined;
      }
    | { readonly kind: "AddTopicPartitions"; readonly from: number; readonly to: number }
    | {
        readonly kind: "AlterTopicConfig";
        readonly before: Topic;
        readonly set: Readonly<Record<string, string>>;
        readonly reset: readonly string[];
      }
    /** Kafka cannot; it stays in the plan as blocked. */
    | { readonly kind: "RemoveTopicPartitions"; readonly from: number; readonly to: number }
    | { readonly kind: "ChangeTopicReplication"; readonly from: number; readonly to: number }
  );

export interface TopicPlan {
  readonly operations: readonly TopicOperation[];
}
