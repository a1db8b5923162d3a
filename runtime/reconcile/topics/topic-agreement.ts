// Whether the operations of a plan file lead to the topics that local_infra_map.json has. No Kafka is asked.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { diffTopics } from "../../../src/diff/diff-topics.js";
import { nameOfChange, type TopicChange, topicChangeKey } from "../../../src/diff/topic-change.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import { topicAddress } from "../../../src/infra/topic.js";
import { planTopics } from "../../../src/plan/plan-topics.js";
import { judgeTopics, type TopicOwnership } from "../../../src/policy/judge-topics.js";
import type { StateRecords } from "../../clickhouse/state.js";
import type { PlanFiles } from "../../migrations/plan-files.js";
import { sourceOf } from "../migration.js";
import { topicChangeText } from "./chain-topics.js";
import { recordedTopics } from "./records.js";
import { topicHistories } from "./topic-history.js";

/**
 * One diagnostic for each topic that the operations do not make what the code was. What lifecycles, ownership and Kafka
 * itself keep out of a plan may be left over.
 */
export async function topicDisagreements(
  { remoteState, localInfraMap, plan }: PlanFiles,
  readRecords: () => Promise<StateRecords>,
): Promise<readonly Diagnostic[]> {
  if (remoteState.topics.size + localInfraMap.topics.size === 0 && plan.operations.length === 0) return [];
  const found = topicHistories(sourceOf(plan.operations, remoteState, localInfraMap), false);
  // Executing it says what does not fit.
  if ("problem" in found) return [];
  const owned = assumedOwnership(await readRecords(), localInfraMap);
  const own = (name: string) => owned.get(name)?.configs ?? new Set<string>();
  const left = diffTopics(found.after, localInfraMap.topics, own);
  const all = diffTopics(remoteState.topics, localInfraMap.topics, own);
  const leftOut = new Set(blockedOf(all, owned).map(identity));
  const open = left.filter((change) => !leftOut.has(identity(change)));
  return [...new Set(open.map(nameOfChange))].map((name) => ({
    code: "reconcile/plan-disagrees",
    severity: "error",
    summary: `migrations/plan.yaml does not lead to ${topicAddress(name)} as local_infra_map.json has it`,
    detail: open
      .filter((change) => nameOfChange(change) === name)
      .map(topicChangeText)
      .join("\n"),
    hint: "generate the migration anew; operations that are edited by hand have to lead to the same topics",
  }));
}

/** Whoever generated the plan has seen what it does to declared topics. */
function assumedOwnership(records: StateRecords, { topics }: InfraMap): TopicOwnership {
  const declared = [...topics].map(
    ([name, { lifeCycle }]) => [name, { lifeCycle, configs: new Set<string>() }] as const,
  );
  return new Map([...declared, ...recordedTopics(records)]);
}

function blockedOf(changes: readonly TopicChange[], owned: TopicOwnership): readonly TopicChange[] {
  const judged = judgeTopics(planTopics(changes, new Map()), owned);
  const causes = new Set(
    judged.flatMap(({ operation, verdict }) => (verdict.decision === "blocked" ? [operation.cause] : [])),
  );
  return changes.filter((change) => causes.has(topicChangeKey(change)));
}

function identity(change: TopicChange): string {
  return `${topicChangeKey(change)}\n${topicChangeText(change)}`;
}
