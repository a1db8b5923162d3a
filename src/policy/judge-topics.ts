// judgeTopics: sets a verdict beside each operation on a topic, as judge does for tables.

import { LifeCycle } from "../infra/lifecycle.js";
import { sha256 } from "../infra/sha256.js";
import type { TopicOperation, TopicPlan } from "../plan/topic-operation.js";
import { type ApprovalPolicy, unlessApproved } from "./approval.js";
import type { Verdict } from "./verdict.js";

/** What moose knows of a topic that it made or was told to adopt. */
export interface OwnedTopic {
  /** The lifecycle under which it was last applied. */
  readonly lifeCycle: LifeCycle;
  /** Configs that moose has set. */
  readonly configs: ReadonlySet<string>;
}

/** By name. */
export type TopicOwnership = ReadonlyMap<string, OwnedTopic>;

export interface JudgedTopicOperation {
  readonly operation: TopicOperation;
  readonly verdict: Verdict;
}

/** @param approvals - as for tables; without, nobody is asked */
export function judgeTopics(
  plan: TopicPlan,
  owned: TopicOwnership,
  approvals?: ApprovalPolicy,
): readonly JudgedTopicOperation[] {
  return plan.operations.map((operation) => ({
    operation,
    verdict: verdictOn(operation, owned, approvals),
  }));
}

/** Names an operation by what is asked of Kafka. */
export function topicFingerprint({ kind, cause, request, topic }: TopicOperation): string {
  const text = JSON.stringify([kind, cause, request, topic.lifeCycle]);
  return sha256(text, 32);
}

function awaitsApproval(
  operation: TopicOperation,
  { decisions, allowDestructive }: ApprovalPolicy,
): Verdict | undefined {
  if (!operation.destructive || allowDestructive) return undefined;
  const why = `this destroys messages of topic ${operation.topic.name}`;
  return unlessApproved(why, decisions.get(topicFingerprint(operation)));
}

function verdictOn(
  operation: TopicOperation,
  owned: TopicOwnership,
  approvals: ApprovalPolicy | undefined,
): Verdict {
  return (
    externallyManaged(operation, owned) ??
    notMadeByMoose(operation, owned) ??
    notPossible(operation) ??
    deletionProtected(operation, owned) ??
    hasSuccessor(operation) ??
    (approvals && awaitsApproval(operation, approvals)) ?? { decision: "apply" }
  );
}

/** Removal from code is judged by the lifecycle last applied, everything else by the code's. */
function lifeCycleOf({ kind, topic }: TopicOperation, owned: TopicOwnership): LifeCycle {
  const applied = owned.get(topic.name)?.lifeCycle;
  return kind === "DropTopic" && applied !== undefined ? applied : topic.lifeCycle;
}

function externallyManaged(operation: TopicOperation, owned: TopicOwnership): Verdict | undefined {
  if (lifeCycleOf(operation, owned) !== LifeCycle.EXTERNALLY_MANAGED) return undefined;
  const says = operation.kind === "CreateTopic" ? "does not exist" : "differs from the code";
  return {
    decision: "blocked",
    code: "externally-managed",
    reason: `topic ${operation.topic.name} is EXTERNALLY_MANAGED and ${says}`,
    unblock: "change it in Kafka yourself, or give it another lifeCycle",
  };
}

function notMadeByMoose(operation: TopicOperation, owned: TopicOwnership): Verdict | undefined {
  const { kind, address, topic } = operation;
  if (kind === "CreateTopic" || owned.has(topic.name)) return undefined;
  return {
    decision: "blocked",
    code: "not-made-by-moose",
    reason: `topic ${topic.name} exists already and was not made by moose`,
    unblock: `adopt it with --adopt ${address}, or declare it LifeCycle.EXTERNALLY_MANAGED`,
    adopts: address,
  };
}

function notPossible(operation: TopicOperation): Verdict | undefined {
  const { topic } = operation;
  if (operation.kind === "RemoveTopicPartitions") {
    const { from, to } = operation;
    return {
      decision: "blocked",
      code: "not-possible",
      reason: `Kafka cannot take partitions away: topic ${topic.name} has ${from}, and the code says ${to}`,
      unblock: `set parallelism: ${from}, or declare another version of the stream with ${to} and have its messages written again`,
    };
  }
  if (operation.kind !== "ChangeTopicReplication") return undefined;
  const { from, to } = operation;
  return {
    decision: "blocked",
    code: "not-possible",
    reason: `topic ${topic.name} has ${from} ${from === 1 ? "replica" : "replicas"}, and the code says ${to}: moose does not move replicas`,
    unblock: `reassign them with kafka-reassign-partitions, or set replicationFactor: ${from}`,
  };
}

function deletionProtected(operation: TopicOperation, owned: TopicOwnership): Verdict | undefined {
  if (!operation.destructive || lifeCycleOf(operation, owned) !== LifeCycle.DELETION_PROTECTED)
    return undefined;
  return {
    decision: "blocked",
    code: "deletion-protected",
    reason: `topic ${operation.topic.name} is DELETION_PROTECTED and this would destroy messages`,
    unblock:
      operation.kind === "DropTopic"
        ? "declare it again as LifeCycle.FULLY_MANAGED and save, then remove it"
        : "set lifeCycle: LifeCycle.FULLY_MANAGED on the stream",
  };
}

/** Kafka cannot rename a topic, and nobody said that the messages under the old name may go. */
function hasSuccessor(operation: TopicOperation): Verdict | undefined {
  if (operation.kind !== "DropTopic" || operation.successor === undefined) return undefined;
  const { successor, topic } = operation;
  return {
    decision: "blocked",
    code: "new-name-taken",
    reason: `Kafka cannot rename ${topic.name}: ${successor} stands beside it, and its messages stay where they are`,
    unblock: `when they are read, or copied into ${successor}, take out renamedFrom to have ${topic.name} deleted`,
  };
}
