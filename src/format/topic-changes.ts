// The differences between topics in the JSON of the existing tool, for what reads `moose plan --json`.

import type { Topic } from "../infra/topic.js";
import type { TopicOperation } from "../plan/topic-operation.js";
import { writeTopic } from "./topic-json.js";
import type { PlainObject } from "./value.js";

interface Judged {
  readonly operation: TopicOperation;
  readonly verdict: { readonly decision: "apply" | "blocked" };
}

/** One entry for each topic that something is done to. */
export function writeTopicChanges(
  judged: readonly Judged[],
  defaultDatabase: string,
): readonly PlainObject[] {
  const applied = judged.filter(({ verdict }) => verdict.decision === "apply");
  const json = (topic: Topic) => writeTopic(topic, defaultDatabase);
  const names = [...new Set(applied.map(({ operation }) => operation.topic.name))];
  return names.flatMap((name): readonly PlainObject[] => {
    const operations = applied.flatMap(({ operation }) => (operation.topic.name === name ? [operation] : []));
    const [first] = operations;
    if (first === undefined) return [];
    if (first.kind === "CreateTopic") return [{ Topic: { Added: json(first.topic) } }];
    if (first.kind === "DropTopic") return [{ Topic: { Removed: json(first.topic) } }];
    return [
      { Topic: { Updated: { before: json(before(first.topic, operations)), after: json(first.topic) } } },
    ];
  });
}

/** The topic before all of them. */
function before(after: Topic, operations: readonly TopicOperation[]): Topic {
  let { config, partitions } = after;
  for (const operation of operations) {
    if (operation.kind === "AlterTopicConfig") config = operation.before.config;
    if (operation.kind === "AddTopicPartitions") partitions = operation.from;
  }
  return { ...after, config, partitions };
}
