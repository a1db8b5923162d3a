// Topics as they are and as the code wants them: differences, operations, verdicts.

import { describe, expect, test } from "vitest";
import { diffTopics, unmanagedConfigs } from "../../src/diff/diff-topics.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, Table } from "../../src/infra/table.js";
import type { Topic } from "../../src/infra/topic.js";
import type { Operation } from "../../src/plan/operation.js";
import { planTopics } from "../../src/plan/plan-topics.js";
import { streamChecks } from "../../src/plan/stream-checks.js";
import { judgeTopics, type TopicOwnership } from "../../src/policy/judge-topics.js";
import { column as columnOf, table as tableOf } from "../live/tables.js";

const topic = (name: string, rest: Partial<Topic> = {}): Topic => ({
  name,
  partitions: undefined,
  replicationFactor: undefined,
  config: {},
  lifeCycle: LifeCycle.FULLY_MANAGED,
  ...rest,
});
const live = (name: string, rest: Partial<Topic> = {}): Topic =>
  topic(name, { partitions: 1, replicationFactor: 1, ...rest });

const mapOf = (topics: readonly Topic[]) => new Map(topics.map((one) => [one.name, one]));

interface Given {
  readonly before?: readonly Topic[];
  readonly after?: readonly Topic[];
  /** Configs that moose has set, by topic; of a topic that is not named nothing is moose's. */
  readonly own?: Readonly<Record<string, readonly string[]>>;
  readonly lifeCycles?: Readonly<Record<string, LifeCycle>>;
}

function decide({ before = [], after = [], own = {}, lifeCycles = {} }: Given) {
  const owned: TopicOwnership = new Map(
    Object.entries(own).map(([name, configs]) => [
      name,
      { lifeCycle: lifeCycles[name] ?? LifeCycle.FULLY_MANAGED, configs: new Set(configs) },
    ]),
  );
  const configs = (name: string) => owned.get(name)?.configs ?? new Set<string>();
  const evidence = new Map(
    before.map(({ name }) => [name, { messages: 7, readers: [{ group: "app", lag: 2 }] }]),
  );
  const changes = diffTopics(mapOf(before), mapOf(after), configs);
  return judgeTopics(planTopics(changes, evidence), owned);
}

const inShort = (given: Given) =>
  decide(given).map(({ operation, verdict }) =>
    [
      operation.kind,
      operation.topic.name,
      ...(operation.destructive ? ["destroys"] : []),
      ...(verdict.decision === "blocked" ? [verdict.code] : []),
    ].join(" "),
  );

describe("what is done", () => {
  test("a stream without a topic gets one", () => {
    const [one] = decide({ after: [topic("a", { partitions: 3, config: { "retention.ms": "5" } })] });
    expect(one).toMatchObject({
      operation: {
        kind: "CreateTopic",
        cost: "topic",
        request: "CreateTopics a partitions=3 retention.ms=5",
      },
      verdict: { decision: "apply" },
    });
  });

  test("nothing where the topic is as the code says", () => {
    const config = { "retention.ms": "5" };
    expect(
      inShort({ before: [live("a", { config })], after: [topic("a", { partitions: 1, config })] }),
    ).toEqual([]);
  });

  test("what the code leaves open is no difference", () => {
    expect(
      inShort({
        before: [live("a", { partitions: 6, replicationFactor: 3 })],
        after: [topic("a")],
        own: { a: [] },
      }),
    ).toEqual([]);
  });

  test("configs of others are left alone and shown", () => {
    const before = [live("a", { config: { "segment.ms": "100", "retention.ms": "9" } })];
    const after = [topic("a", { config: { "retention.ms": "9" } })];
    expect(inShort({ before, after, own: { a: ["retention.ms"] } })).toEqual([]);
    expect([...unmanagedConfigs(mapOf(before), mapOf(after), () => new Set(["retention.ms"]))]).toEqual([
      ["a", { "segment.ms": "100" }],
    ]);
  });

  test("a config that moose has set and the code no longer has goes back to the default", () => {
    const before = [live("a", { config: { "segment.ms": "100" } })];
    expect(decide({ before, after: [topic("a")], own: { a: ["segment.ms"] } })[0]?.operation).toMatchObject({
      kind: "AlterTopicConfig",
      set: {},
      reset: ["segment.ms"],
      destructive: false,
    });
  });

  test("a retention that nobody wrote is not imposed on a topic that was there", () => {
    const after = [topic("a", { config: { "retention.ms": "604800000" }, implied: ["retention.ms"] })];
    const before = [live("a", { config: { "retention.ms": "-1" } })];
    expect(inShort({ before, after, own: { a: [] } })).toEqual([]);
    expect(inShort({ before, after, own: { a: ["retention.ms"] } })).toEqual(["AlterTopicConfig a destroys"]);
    expect([...unmanagedConfigs(mapOf(before), mapOf(after), () => new Set())]).toEqual([
      ["a", { "retention.ms": "-1" }],
    ]);
  });

  test("values are compared as a broker prints them", () => {
    const before = [
      live("a", { config: { "cleanup.policy": "compact,delete", "min.cleanable.dirty.ratio": "0.5" } }),
    ];
    const after = [
      topic("a", { config: { "cleanup.policy": "compact, delete", "min.cleanable.dirty.ratio": "0.50" } }),
    ];
    expect(inShort({ before, after, own: { a: [] } })).toEqual([]);
  });

  test("what is deleted comes last, with messages and readers at stake", () => {
    const judged = decide({ before: [live("a")], after: [topic("b")], own: { a: [] } });
    expect(judged.map(({ operation }) => [operation.id, operation.kind])).toEqual([
      ["topic-1", "CreateTopic"],
      ["topic-2", "DropTopic"],
    ]);
    expect(judged[1]?.operation).toMatchObject({
      destructive: true,
      stake: { messages: 7, readers: [{ group: "app", lag: 2 }] },
    });
  });

  test("more partitions warn where messages have keys or are compacted", () => {
    const warnings = (rest: Partial<Topic>) =>
      decide({ before: [live("a")], after: [topic("a", { partitions: 4, ...rest })], own: { a: [] } })[0]
        ?.operation.warnings;
    expect(warnings({})).toEqual([]);
    expect(warnings({ isKeyed: true })).toEqual([expect.stringContaining("the stream is keyed")]);
    expect(warnings({ config: { "cleanup.policy": "compact" } })).toEqual([
      expect.stringContaining("compacted"),
    ]);
  });

  test("larger messages warn of what else has to allow them", () => {
    const before = [live("a", { defaults: { "max.message.bytes": "1048588" } })];
    const after = [topic("a", { config: { "max.message.bytes": "9000000" } })];
    expect(decide({ before, after, own: { a: [] } })[0]?.operation.warnings).toHaveLength(1);
  });
});

describe("what destroys messages", () => {
  const week = "604800000";
  test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>, boolean]>([
    ["a shorter retention", { "retention.ms": "10" }, { "retention.ms": "5" }, {}, true],
    ["a longer one", { "retention.ms": "10" }, { "retention.ms": "50" }, {}, false],
    ["from for ever to a time", { "retention.ms": "-1" }, { "retention.ms": "50" }, {}, true],
    ["from a time to for ever", { "retention.ms": "50" }, { "retention.ms": "-1" }, {}, false],
    ["below the broker's default", {}, { "retention.ms": "50" }, { "retention.ms": week }, true],
    ["above the broker's default", {}, { "retention.ms": "50" }, { "retention.ms": "40" }, false],
    ["a limit in bytes", {}, { "retention.bytes": "1000" }, {}, true],
    [
      "a shorter retention of what is only compacted",
      { "cleanup.policy": "compact" },
      { "cleanup.policy": "compact", "retention.ms": "5" },
      {},
      false,
    ],
    ["compacting what was kept", {}, { "cleanup.policy": "compact" }, {}, true],
    [
      "deleting what was compacted",
      { "cleanup.policy": "compact" },
      { "cleanup.policy": "delete" },
      {},
      true,
    ],
    ["deleting too", { "cleanup.policy": "compact" }, { "cleanup.policy": "compact,delete" }, {}, true],
    [
      "only compacting what was deleted too",
      { "cleanup.policy": "compact,delete" },
      { "cleanup.policy": "compact" },
      {},
      false,
    ],
    ["a value that is no number", { "retention.ms": "10" }, { "retention.ms": "soon" }, {}, true],
    ["another config", {}, { "segment.bytes": "1000000" }, {}, false],
  ])("%s", (_, was, is, defaults, destroys) => {
    const judged = decide({
      before: [live("a", { config: was, defaults })],
      after: [topic("a", { config: is })],
      own: { a: Object.keys(was) },
    });
    expect(judged.map(({ operation }) => operation.destructive)).toEqual([destroys]);
  });

  test("a config that goes back to a shorter default of the broker", () => {
    const before = [live("a", { config: { "retention.ms": "1000" }, defaults: { "retention.ms": "500" } })];
    expect(inShort({ before, after: [topic("a")], own: { a: ["retention.ms"] } })).toEqual([
      "AlterTopicConfig a destroys",
    ]);
  });
});

describe("what the lifecycles allow", () => {
  const shorter: Given = {
    before: [live("a", { config: { "retention.ms": "10" } })],
    after: [topic("a", { config: { "retention.ms": "5" } })],
    own: { a: ["retention.ms"] },
  };
  const under = (lifeCycle: LifeCycle, given: Given): Given => ({
    ...given,
    after: given.after?.map((one) => ({ ...one, lifeCycle })) ?? [],
    lifeCycles: { a: lifeCycle },
  });
  const { FULLY_MANAGED, DELETION_PROTECTED, EXTERNALLY_MANAGED } = LifeCycle;
  const creation: Given = { after: [topic("a")] };
  const growth: Given = { before: [live("a")], after: [topic("a", { partitions: 2 })], own: { a: [] } };
  const removal: Given = { before: [live("a")], own: { a: [] } };

  test.each<[string, Given, LifeCycle, string]>([
    ["create", creation, FULLY_MANAGED, "CreateTopic a"],
    ["create", creation, DELETION_PROTECTED, "CreateTopic a"],
    ["create", creation, EXTERNALLY_MANAGED, "CreateTopic a externally-managed"],
    ["grow", growth, FULLY_MANAGED, "AddTopicPartitions a"],
    ["grow", growth, DELETION_PROTECTED, "AddTopicPartitions a"],
    ["grow", growth, EXTERNALLY_MANAGED, "AddTopicPartitions a externally-managed"],
    ["shorten", shorter, FULLY_MANAGED, "AlterTopicConfig a destroys"],
    ["shorten", shorter, DELETION_PROTECTED, "AlterTopicConfig a destroys deletion-protected"],
    ["shorten", shorter, EXTERNALLY_MANAGED, "AlterTopicConfig a destroys externally-managed"],
    ["remove", removal, FULLY_MANAGED, "DropTopic a destroys"],
    ["remove", removal, DELETION_PROTECTED, "DropTopic a destroys deletion-protected"],
    ["remove", removal, EXTERNALLY_MANAGED, "DropTopic a destroys externally-managed"],
  ])("%s %#", (_, given, lifeCycle, expected) => {
    expect(inShort(under(lifeCycle, given))).toEqual([expected]);
  });

  test("a topic that others manage is as it should be where the broker's default says so", () => {
    const before = [live("a", { defaults: { "retention.ms": "5" } })];
    const after = [topic("a", { config: { "retention.ms": "5" }, lifeCycle: EXTERNALLY_MANAGED })];
    expect(inShort({ before, after })).toEqual([]);
  });

  test("a topic that was there is not changed before it is adopted", () => {
    const given = { before: [live("a")], after: [topic("a", { partitions: 2 })] };
    expect(inShort(given)).toEqual(["AddTopicPartitions a not-made-by-moose"]);
    expect(decide(given)[0]?.verdict).toMatchObject({ unblock: expect.stringContaining("--adopt topic:a") });
  });

  test("fewer partitions and another replication factor stay in the plan, blocked, with the way out", () => {
    const before = [live("a", { partitions: 4, replicationFactor: 1 })];
    const judged = decide({
      before,
      after: [topic("a", { partitions: 2, replicationFactor: 3 })],
      own: { a: [] },
    });
    expect(judged.map(({ operation, verdict }) => [operation.kind, verdict])).toEqual([
      [
        "RemoveTopicPartitions",
        expect.objectContaining({ code: "not-possible", unblock: expect.stringContaining("parallelism: 4") }),
      ],
      [
        "ChangeTopicReplication",
        expect.objectContaining({
          code: "not-possible",
          unblock: expect.stringContaining("kafka-reassign-partitions"),
        }),
      ],
    ]);
  });

  test("the old topic of a rename stays until nobody says it was renamed", () => {
    const given = { before: [live("old")], after: [topic("new", { renamedFrom: "old" })], own: { old: [] } };
    expect(inShort(given)).toEqual(["CreateTopic new", "DropTopic old destroys new-name-taken"]);
  });
});

describe("streams beside their tables", () => {
  const column = (name: string, type = "String", rest: Partial<Column> = {}) => columnOf(name, type, rest);
  const table = (...columns: Column[]): Table =>
    tableOf("local", columns, { name: "rows", orderBy: "id", primaryKey: "id" });
  const destination = { database: "local", name: "rows" };
  const check = (
    columns: readonly Column[],
    fields: readonly Column[],
    operations: readonly Operation[] = [],
  ) =>
    streamChecks(
      infraMapOf([table(...columns)], [], [topic("a", { destination, columns: fields })]),
      operations,
    );

  test("the same fields fit, and so do narrower ones and columns with a default", () => {
    const value = { default: { kind: "DEFAULT", expression: "1" } } as const;
    const columns = [
      column("id"),
      column("n", "Int64"),
      column("more", "UInt8", value),
      column("maybe", "Nullable(String)"),
    ];
    expect(check(columns, [column("id", "LowCardinality(String)"), column("n", "Int32")])).toEqual([]);
  });

  test("each field that does not fit is named", () => {
    const computed = { default: { kind: "MATERIALIZED", expression: "1" } } as const;
    const columns = [column("id"), column("n", "Int32"), column("c", "UInt8", computed), column("must")];
    const fields = [
      column("id", "Nullable(String)"),
      column("n", "Int64"),
      column("c", "UInt8"),
      column("extra"),
    ];
    const [one, ...others] = check(columns, fields);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ code: "plan/stream-does-not-fit", severity: "warning" });
    expect(one?.detail?.split("\n")).toEqual([
      "field id can be missing, and its column is String",
      "field n is Int64, and its column Int32",
      "field c cannot be written: its column is MATERIALIZED",
      "field extra has no column",
      "column must String is in no message",
    ]);
  });

  test("a column that is dropped while the stream still writes it", () => {
    const drop = {
      kind: "DropTableColumn",
      address: "local.rows",
      column: column("old"),
    } as unknown as Operation;
    expect(check([column("id")], [column("id"), column("old")], [drop]).map(({ code }) => code)).toEqual([
      "plan/column-still-written",
    ]);
  });

  test("a destination that is not declared", () => {
    const map = infraMapOf([], [], [topic("a", { destination })]);
    expect(streamChecks(map, []).map(({ code }) => code)).toEqual(["plan/no-destination"]);
  });
});
