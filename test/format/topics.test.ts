// Topics in the files under migrations/: written and read back, folded, refused.

import { describe, expect, test } from "vitest";
import { readPlanTexts } from "../../runtime/migrations/plan-files.js";
import { foldAll } from "../../src/format/fold.js";
import { fingerprint, readInfraMap, writeInfraMap } from "../../src/format/inframap-json.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { planText, readPlan, writePlan } from "../../src/format/plan-document.js";
import { emptyInfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Topic } from "../../src/infra/topic.js";

const topic = (rest: Partial<Topic> = {}): Topic => ({
  name: "shop.events_1_0",
  partitions: 3,
  replicationFactor: 1,
  config: { "cleanup.policy": "compact", "retention.ms": "60000" },
  implied: [],
  lifeCycle: LifeCycle.DELETION_PROTECTED,
  columns: [{ name: "id", type: "String", default: undefined, comment: "", codec: "", ttl: "" }],
  destination: { database: "local", name: "rows" },
  isKeyed: true,
  version: "1.0",
  ...rest,
});

const operations: readonly MigrationOperation[] = [
  { kind: "CreateTopic", topic: topic() },
  { kind: "AddTopicPartitions", name: "shop.events_1_0", before: 3, after: 6 },
  {
    kind: "AlterTopicConfig",
    name: "shop.events_1_0",
    before: { "retention.ms": "60000" },
    set: { "retention.ms": "90000", "segment.ms": "5" },
    reset: [],
  },
  {
    kind: "AlterTopicConfig",
    name: "shop.events_1_0",
    before: { "segment.ms": "5" },
    set: {},
    reset: ["segment.ms"],
  },
  { kind: "DropTopic", name: "shop.events_1_0" },
];

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("operations on topics are written and read back", async () => {
  const written = json(writePlan({ createdAt: "2026-01-01T00:00:00Z", operations }, "local"));
  expect(readPlan(written, "local")).toEqual({
    plan: { createdAt: "2026-01-01T00:00:00Z", operations },
    problems: [],
  });
  const plan = planText({ createdAt: "2026-01-01T00:00:00Z", operations }, "local");
  const state = JSON.stringify(writeInfraMap(emptyInfraMap, "local"));
  expect(await readPlanTexts({ plan, remote: state, local: state })).toMatchObject({
    files: { plan: { operations } },
  });
});

test("a map with topics is written and read back", () => {
  const open = topic({
    name: "open",
    partitions: undefined,
    replicationFactor: undefined,
    version: undefined,
    destination: undefined,
    isKeyed: false,
  });
  const map = infraMapOf([], [], [topic(), open]);
  const read = readInfraMap(json(writeInfraMap(map, "local")));
  expect(read.problems).toEqual([]);
  expect(read.map).toEqual(map);
  expect(fingerprint(read.map)).toBe(fingerprint(map));
  expect(fingerprint(map)).not.toBe(fingerprint(infraMapOf([], [], [topic()])));
});

test("a topic as the existing tool writes it is read with its retention", () => {
  const written = {
    default_database: "local",
    tables: {},
    topics: {
      events: {
        name: "events",
        partition_count: 2,
        replication_factor: 1,
        retention_period: { secs: 604_800, nanos: 0 },
        max_message_bytes: 1_048_576,
        columns: [],
        life_cycle: "FULLY_MANAGED",
      },
    },
  };
  const { map, problems } = readInfraMap(written);
  expect(problems).toEqual([]);
  expect(map.topics.get("events")).toMatchObject({ partitions: 2, config: { "retention.ms": "604800000" } });
});

test("operations fold into the topic that they lead to", () => {
  const folded = foldAll(emptyInfraMap, operations.slice(0, 4));
  expect("map" in folded && folded.map.topics.get("shop.events_1_0")).toEqual(
    topic({ partitions: 6, config: { "cleanup.policy": "compact", "retention.ms": "90000" } }),
  );
});

describe("operations that do not apply", () => {
  test.each<[string, readonly MigrationOperation[], string]>([
    ["a second CreateTopic", [operations[0], operations[0]].flatMap((one) => one ?? []), "is there already"],
    ["a drop of nothing", [{ kind: "DropTopic", name: "x" }], "there is no such topic"],
    [
      "partitions of another number",
      [
        { kind: "CreateTopic", topic: topic() },
        { kind: "AddTopicPartitions", name: "shop.events_1_0", before: 4, after: 5 },
      ],
      "it has 3 partitions",
    ],
    [
      "a config of another value",
      [
        { kind: "CreateTopic", topic: topic() },
        {
          kind: "AlterTopicConfig",
          name: "shop.events_1_0",
          before: {},
          set: { "retention.ms": "5" },
          reset: [],
        },
      ],
      "retention.ms is not what",
    ],
  ])("%s", (_, list, problem) => {
    expect(foldAll(emptyInfraMap, list)).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});

describe("files that are wrong", () => {
  const codes = (kind: string, fields: unknown) =>
    readPlan({ created_at: "x", operations: [{ [kind]: fields }] }, "local").problems.map(({ code }) => code);
  test.each([
    ["DropTopic", { topic: "__consumer_offsets" }, "format/bad-topic-name"],
    ["DropTopic", { topic: "a b" }, "format/bad-topic-name"],
    ["DropTopic", {}, "format/missing-field"],
    [
      "AddTopicPartitions",
      { topic: "a", before_partition_count: 4, after_partition_count: 2 },
      "format/contradicting-operation",
    ],
    ["AlterTopicConfig", { topic: "a", set: { "A B": "1" } }, "format/bad-topic-config"],
    ["AlterTopicConfig", { topic: "a", set: { "retention.ms": 5 } }, "format/wrong-type"],
    ["CreateTopic", { topic: { name: "a", life_cycle: "SOME" } }, "format/wrong-type"],
  ])("%s %j", (kind, fields, code) => {
    expect(codes(kind, fields)).toEqual([code]);
  });
});
