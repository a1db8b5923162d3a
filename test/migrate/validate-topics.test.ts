// moose migrate --validate on topics: the files of a single plan against each other and the code, without any Kafka.

import { expect, test } from "vitest";
import { validatePlan } from "../../runtime/reconcile/validate-plan.js";
import type { TopicMigrationOperation } from "../../src/format/topic-operation.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Topic } from "../../src/infra/topic.js";
import { stream } from "../kafka/topic-project.js";

const mapOf = (...topics: readonly Topic[]) => infraMapOf([], [], topics);
const set = (value: string, more: Partial<Topic> = {}) =>
  stream("orders", { partitions: 2, config: { "retention.ms": value }, ...more });
const alter: TopicMigrationOperation = {
  ...{ kind: "AlterTopicConfig", name: "orders", before: { "retention.ms": "5" } },
  ...{ set: { "retention.ms": "9" }, reset: [] },
};

async function found(
  operations: readonly TopicMigrationOperation[],
  maps: readonly [before: Topic[], after: Topic[], code: Topic[]],
): Promise<readonly string[]> {
  const [before, after, code] = maps.map((topics) => mapOf(...topics));
  const files = {
    plan: { createdAt: "2026-01-01T00:00:00Z", operations },
    remoteState: before ?? mapOf(),
    localInfraMap: after ?? mapOf(),
    defaultDatabase: "local",
  };
  const problems = await validatePlan(files, code, undefined);
  return problems.map(({ code: name, severity, detail }) => `${severity} ${name} ${detail}`);
}

test("files that lead to the code are valid, also with configs that others have set", async () => {
  const others = set("5", { config: { "retention.ms": "5", "segment.ms": "1" } });
  expect(await found([alter], [[others], [set("9")], [set("9")]])).toEqual([]);
});

test("an operation that is missing is an error, and so is one that does not fit", async () => {
  const missing = await found([], [[set("5")], [set("9")], [set("9")]]);
  expect(missing).toEqual([expect.stringMatching(/^error .*~ retention.ms: 5 -> 9$/)]);
  const unfitting = await found([alter], [[set("7")], [set("9")], [set("9")]]);
  expect(unfitting).toEqual([expect.stringContaining("error reconcile/unfitting-operation")]);
});

test("code that has changed since is told by topic, its lifecycle too", async () => {
  const changed = await found([alter], [[set("5")], [set("9")], [set("8")]]);
  expect(changed).toEqual(["error reconcile/code-changed ~ retention.ms: 9 -> 8"]);
  const safe = set("9", { lifeCycle: LifeCycle.DELETION_PROTECTED });
  expect(await found([alter], [[set("5")], [set("9")], [safe]])).toEqual([
    "error reconcile/code-changed ~ lifeCycle: FULLY_MANAGED -> DELETION_PROTECTED",
  ]);
});

test("what Kafka cannot do, and what a lifecycle keeps, is no fault of the files", async () => {
  const fewer = await found([], [[set("5")], [set("5", { partitions: 1 })], [set("5", { partitions: 1 })]]);
  expect(fewer).toEqual([expect.stringMatching(/^warning .*partitions: 2 -> 1$/)]);
  const kept = set("5", { lifeCycle: LifeCycle.DELETION_PROTECTED });
  expect(await found([], [[kept], [], []])).toEqual([]);
});
