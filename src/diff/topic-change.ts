// What differs between a topic of the code and one of Kafka. A change keeps both sides.

import type { Topic } from "../infra/topic.js";
import { topicAddress } from "../infra/topic.js";

interface OfTopic {
  /** The topic as it is. */
  readonly before: Topic;
  /** As the code wants it. */
  readonly after: Topic;
}

export type TopicChange =
  | { readonly kind: "TopicAdded"; readonly topic: Topic }
  | {
      readonly kind: "TopicRemoved";
      readonly topic: Topic;
      /** The topic that is said to take its place. */
      readonly successor: string | undefined;
    }
  | ({ readonly kind: "TopicPartitionsChanged"; readonly from: number; readonly to: number } & OfTopic)
  | ({ readonly kind: "TopicReplicationChanged"; readonly from: number; readonly to: number } & OfTopic)
  | ({
      readonly kind: "TopicConfigChanged";
      readonly set: Readonly<Record<string, string>>;
      /** Configs that go back to the broker's default. */
      readonly reset: readonly string[];
    } & OfTopic);

export function nameOfChange(change: TopicChange): string {
  return "topic" in change ? change.topic.name : change.after.name;
}

/** Names a change: two plans that hold the same key mean the same difference. */
export function topicChangeKey(change: TopicChange): string {
  return `${change.kind} ${topicAddress(nameOfChange(change))}`;
}
