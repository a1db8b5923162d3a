// The behaviours of a topic operator, one case each, against Apache Kafka.

import { describe, expect, test } from "vitest";
import type { Kafka } from "../../runtime/kafka/client.js";
import { addPartitions, alterConfigs, createTopic, deleteTopic } from "../../runtime/kafka/execute.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Topic } from "../../src/infra/topic.js";
import type { LiveEngine } from "../live/live-engine.js";
import { describeWithKafka } from "../live/live-kafka.js";
import { onKafkaAndEngine } from "./ground.js";
import { type RoundParts, stream, TopicProject } from "./topic-project.js";

const { DELETION_PROTECTED, EXTERNALLY_MANAGED } = LifeCycle;

/** What is done one after the other: a round with these streams, or something that somebody else does. */
type Act =
  | { readonly declare: readonly Topic[]; readonly parts?: RoundParts; readonly expect: readonly string[] }
  | { readonly others: (kafka: Kafka, name: (short: string) => string) => Promise<unknown> };

interface Case {
  readonly name: string;
  readonly acts: readonly Act[];
  /** The topics in the end. */
  readonly topics: readonly string[];
}

const round = (declare: readonly Topic[], ...expected: string[]): Act => ({ declare, expect: expected });
const adopting = (adopt: string, declare: readonly Topic[], ...expected: string[]): Act => ({
  declare,
  parts: { adopt: [adopt] },
  expect: expected,
});
const others = (work: (kafka: Kafka, name: (short: string) => string) => Promise<unknown>): Act => ({
  others: work,
});
const madeByOthers = (parts: Partial<Topic> = {}): Act =>
  others((kafka, name) => createTopic(kafka, stream(name("a"), { partitions: 1, ...parts })));
const kept = (ms: number) => ({ config: { "retention.ms": String(ms) } });

const paused = "AlterTopicConfig a blocked: externally-managed";

const creating: readonly Case[] = [
  {
    name: "a stream without settings has one partition",
    acts: [round([stream("a")], "CreateTopic a applied"), round([stream("a")])],
    topics: ["a: 1"],
  },
  {
    name: "partitions and configs are those of the stream",
    acts: [
      round(
        [stream("a", { partitions: 3, config: { "cleanup.policy": "compact", "retention.ms": "5000" } })],
        "CreateTopic a applied",
      ),
    ],
    topics: ["a: 3 cleanup.policy=compact retention.ms=5000"],
  },
  {
    name: "configs in another spelling than the brokers' are no difference",
    acts: [
      round(
        [stream("a", { config: { "cleanup.policy": "compact, delete", "retention.ms": "05000" } })],
        "CreateTopic a applied",
      ),
      round([stream("a", { config: { "cleanup.policy": "compact, delete", "retention.ms": "05000" } })]),
    ],
    topics: ["a: 1 cleanup.policy=compact,delete retention.ms=5000"],
  },
  {
    name: "a replication factor that the brokers have",
    acts: [round([stream("a", { replicationFactor: 1 })], "CreateTopic a applied")],
    topics: ["a: 1"],
  },
  {
    name: "a replication factor of more than the brokers is refused, and the others are made",
    acts: [
      round(
        [stream("a", { replicationFactor: 3 }), stream("b")],
        "CreateTopic a failed: INVALID_REPLICATION_FACTOR",
        "CreateTopic b applied",
      ),
    ],
    topics: ["b: 1"],
  },
  {
    name: "a refused topic is tried again, and made when it can be",
    acts: [
      round([stream("a", { replicationFactor: 3 })], "CreateTopic a failed: INVALID_REPLICATION_FACTOR"),
      round([stream("a", { replicationFactor: 1 })], "CreateTopic a applied"),
    ],
    topics: ["a: 1"],
  },
  {
    name: "an unknown config is refused, and nothing of the topic is made",
    acts: [round([stream("a", { config: { "retention.sm": "5" } })], "CreateTopic a failed: INVALID_CONFIG")],
    topics: [],
  },
  {
    name: "a config with an impossible value is refused",
    acts: [
      round([stream("a", { config: { "cleanup.policy": "shred" } })], "CreateTopic a failed: INVALID_CONFIG"),
    ],
    topics: [],
  },
  {
    name: "a protected stream is made",
    acts: [round([stream("a", { lifeCycle: DELETION_PROTECTED })], "CreateTopic a applied")],
    topics: ["a: 1"],
  },
  {
    name: "a stream that others manage is not made, and shown as missing each time",
    acts: [
      round([stream("a", { lifeCycle: EXTERNALLY_MANAGED })], "CreateTopic a blocked: externally-managed"),
      round([stream("a", { lifeCycle: EXTERNALLY_MANAGED })], "CreateTopic a blocked: externally-managed"),
    ],
    topics: [],
  },
  {
    name: "a name that Kafka takes for that of another topic is refused by it",
    acts: [
      others((kafka, name) => createTopic(kafka, stream(name("a.b"), { partitions: 1 }))),
      round([stream("a_b")], "CreateTopic a_b failed: INVALID_TOPIC_EXCEPTION"),
    ],
    topics: ["a.b: 1"],
  },
  {
    name: "many streams at once",
    acts: [
      round(
        Array.from({ length: 12 }, (_, index) => stream(`s${String.fromCharCode(97 + index)}`)),
        ...Array.from(
          { length: 12 },
          (_, index) => `CreateTopic s${String.fromCharCode(97 + index)} applied`,
        ),
      ),
    ],
    topics: Array.from({ length: 12 }, (_, index) => `s${String.fromCharCode(97 + index)}: 1`),
  },
  {
    name: "two versions of a stream stand side by side, and one can go",
    acts: [
      round([stream("a_1"), stream("a_2")], "CreateTopic a_1 applied", "CreateTopic a_2 applied"),
      round([stream("a_2")], "DropTopic a_1 (destroys) applied"),
    ],
    topics: ["a_2: 1"],
  },
  {
    name: "lists and numbers in other words are no difference once they are there",
    acts: [
      round([stream("a", { config: { "cleanup.policy": "compact,delete" } })], "CreateTopic a applied"),
      round([stream("a", { config: { "cleanup.policy": "compact, delete" } })]),
    ],
    topics: ["a: 1 cleanup.policy=compact,delete"],
  },
];

const adoptingCases: readonly Case[] = [
  {
    name: "a topic that is there as the code says is no difference",
    acts: [madeByOthers(kept(5_000)), round([stream("a", { partitions: 1, ...kept(5_000) })])],
    topics: ["a: 1 retention.ms=5000"],
  },
  {
    name: "a topic that is there and differs is not touched",
    acts: [
      madeByOthers(),
      round([stream("a", { partitions: 3 })], "AddTopicPartitions a blocked: not-made-by-moose"),
    ],
    topics: ["a: 1"],
  },
  {
    name: "an adopted topic is brought into line",
    acts: [
      madeByOthers(),
      adopting("a", [stream("a", { partitions: 3 })], "AddTopicPartitions a applied"),
      round([stream("a", { partitions: 3 })]),
    ],
    topics: ["a: 3"],
  },
  {
    name: "an adopted topic keeps the configs that others have set",
    acts: [
      madeByOthers({ config: { "segment.ms": "60000" } }),
      adopting("a", [stream("a", kept(5_000))], "AlterTopicConfig a (destroys) applied"),
      round([stream("a", kept(5_000))]),
    ],
    topics: ["a: 1 retention.ms=5000 segment.ms=60000"],
  },
  {
    name: "a retention that nobody wrote is not imposed on an adopted topic",
    acts: [
      madeByOthers(kept(-1)),
      adopting("a", [stream("a", { ...kept(604_800_000), implied: ["retention.ms"] })]),
      round([stream("a", { ...kept(604_800_000), implied: ["retention.ms"] })]),
    ],
    topics: ["a: 1 retention.ms=-1"],
  },
  {
    name: "an adopted topic that leaves the code is deleted",
    acts: [madeByOthers(), adopting("a", [stream("a")]), round([], "DropTopic a (destroys) applied")],
    topics: [],
  },
  {
    name: "a topic that was only declared and leaves the code stays",
    acts: [madeByOthers(), round([stream("a")]), round([])],
    topics: ["a: 1"],
  },
  {
    name: "only what is declared can be adopted",
    acts: [madeByOthers(), adopting("a", []), round([])],
    topics: ["a: 1"],
  },
  {
    name: "a topic that others manage is no difference where the broker's default is what the code says",
    acts: [madeByOthers(), round([stream("a", { ...kept(604_800_000), lifeCycle: EXTERNALLY_MANAGED })])],
    topics: ["a: 1"],
  },
  {
    name: "a topic that others manage and that differs is shown, not changed",
    acts: [
      madeByOthers(),
      round(
        [stream("a", { ...kept(5_000), lifeCycle: EXTERNALLY_MANAGED })],
        "AlterTopicConfig a (destroys) blocked: externally-managed",
      ),
    ],
    topics: ["a: 1"],
  },
];

const changing: readonly Case[] = [
  {
    name: "more partitions",
    acts: [
      round([stream("a", { partitions: 2 })], "CreateTopic a applied"),
      round([stream("a", { partitions: 5 })], "AddTopicPartitions a applied"),
      round([stream("a", { partitions: 5 })]),
    ],
    topics: ["a: 5"],
  },
  {
    name: "fewer partitions are not possible, and shown each time",
    acts: [
      round([stream("a", { partitions: 4 })], "CreateTopic a applied"),
      round([stream("a", { partitions: 2 })], "RemoveTopicPartitions a blocked: not-possible"),
      round([stream("a", { partitions: 2 })], "RemoveTopicPartitions a blocked: not-possible"),
    ],
    topics: ["a: 4"],
  },
  {
    name: "a number of partitions that leaves the code is no difference",
    acts: [round([stream("a", { partitions: 4 })], "CreateTopic a applied"), round([stream("a")])],
    topics: ["a: 4"],
  },
  {
    name: "another replication factor is not possible",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      round([stream("a", { replicationFactor: 3 })], "ChangeTopicReplication a blocked: not-possible"),
    ],
    topics: ["a: 1"],
  },
  {
    name: "what is not possible does not keep the rest from being done",
    acts: [
      round([stream("a", { partitions: 4 })], "CreateTopic a applied"),
      round(
        [stream("a", { partitions: 2, config: { "segment.ms": "60000" } })],
        "RemoveTopicPartitions a blocked: not-possible",
        "AlterTopicConfig a applied",
      ),
    ],
    topics: ["a: 4 segment.ms=60000"],
  },
  {
    name: "a longer retention destroys nothing",
    acts: [
      round([stream("a", kept(5_000))], "CreateTopic a applied"),
      round([stream("a", kept(9_000))], "AlterTopicConfig a applied"),
    ],
    topics: ["a: 1 retention.ms=9000"],
  },
  {
    name: "a shorter retention destroys",
    acts: [
      round([stream("a", kept(9_000))], "CreateTopic a applied"),
      round([stream("a", kept(5_000))], "AlterTopicConfig a (destroys) applied"),
    ],
    topics: ["a: 1 retention.ms=5000"],
  },
  {
    name: "a config is set, changed, and goes back to the default when it leaves the code",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      round([stream("a", { config: { "segment.ms": "60000" } })], "AlterTopicConfig a applied"),
      round([stream("a", { config: { "segment.ms": "70000" } })], "AlterTopicConfig a applied"),
      round([stream("a")], "AlterTopicConfig a applied"),
      round([stream("a")]),
    ],
    topics: ["a: 1"],
  },
  {
    name: "one config that is set leaves all others as they are",
    acts: [
      round(
        [stream("a", { config: { "cleanup.policy": "compact", ...kept(5_000).config } })],
        "CreateTopic a applied",
      ),
      round(
        [stream("a", { config: { "cleanup.policy": "compact", ...kept(6_000).config } })],
        "AlterTopicConfig a applied",
      ),
    ],
    topics: ["a: 1 cleanup.policy=compact retention.ms=6000"],
  },
  {
    name: "partitions and configs at once",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      round(
        [stream("a", { partitions: 2, config: { "segment.ms": "60000" } })],
        "AddTopicPartitions a applied",
        "AlterTopicConfig a applied",
      ),
    ],
    topics: ["a: 2 segment.ms=60000"],
  },
  {
    name: "a refused config leaves the topic as it was, and its partitions grow all the same",
    acts: [
      round([stream("a", kept(5_000))], "CreateTopic a applied"),
      round(
        [stream("a", { partitions: 2, config: { ...kept(5_000).config, "segment.ms": "never" } })],
        "AddTopicPartitions a applied",
        "AlterTopicConfig a failed: INVALID_CONFIG",
      ),
    ],
    topics: ["a: 2 retention.ms=5000"],
  },
  {
    name: "one topic that fails does not stop another",
    acts: [
      round([stream("a"), stream("b")], "CreateTopic a applied", "CreateTopic b applied"),
      round(
        [stream("a", { config: { "segment.ms": "never" } }), stream("b", { partitions: 2 })],
        "AlterTopicConfig a failed: INVALID_CONFIG",
        "AddTopicPartitions b applied",
      ),
    ],
    topics: ["a: 1", "b: 2"],
  },
  {
    name: "from compacting to deleting destroys",
    acts: [
      round([stream("a", { config: { "cleanup.policy": "compact" } })], "CreateTopic a applied"),
      round(
        [stream("a", { config: { "cleanup.policy": "delete" } })],
        "AlterTopicConfig a (destroys) applied",
      ),
    ],
    topics: ["a: 1 cleanup.policy=delete"],
  },
];

const protecting: readonly Case[] = [
  {
    name: "a protected stream grows and keeps longer",
    acts: [
      round([stream("a", { ...kept(5_000), lifeCycle: DELETION_PROTECTED })], "CreateTopic a applied"),
      round(
        [stream("a", { ...kept(9_000), partitions: 2, lifeCycle: DELETION_PROTECTED })],
        "AddTopicPartitions a applied",
        "AlterTopicConfig a applied",
      ),
    ],
    topics: ["a: 2 retention.ms=9000"],
  },
  {
    name: "a protected stream does not keep for a shorter time",
    acts: [
      round([stream("a", { ...kept(9_000), lifeCycle: DELETION_PROTECTED })], "CreateTopic a applied"),
      round(
        [stream("a", { ...kept(5_000), lifeCycle: DELETION_PROTECTED })],
        "AlterTopicConfig a (destroys) blocked: deletion-protected",
      ),
    ],
    topics: ["a: 1 retention.ms=9000"],
  },
  {
    name: "a protected stream that leaves the code stays, and is shown each time",
    acts: [
      round([stream("a", { lifeCycle: DELETION_PROTECTED })], "CreateTopic a applied"),
      round([], "DropTopic a (destroys) blocked: deletion-protected"),
      round([], "DropTopic a (destroys) blocked: deletion-protected"),
    ],
    topics: ["a: 1"],
  },
  {
    name: "a protection that is taken away first lets it be deleted",
    acts: [
      round([stream("a", { lifeCycle: DELETION_PROTECTED })], "CreateTopic a applied"),
      round([stream("a")]),
      round([], "DropTopic a (destroys) applied"),
    ],
    topics: [],
  },
  {
    name: "a stream that is handed over to others is left alone from then on",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      round([stream("a", { lifeCycle: EXTERNALLY_MANAGED })]),
      round([], "DropTopic a (destroys) blocked: externally-managed"),
    ],
    topics: ["a: 1"],
  },
  {
    name: "a stream that is handed over for a while is worked on again when it comes back",
    acts: [
      round([stream("a", kept(5_000))], "CreateTopic a applied"),
      round([stream("a", { ...kept(9_000), lifeCycle: EXTERNALLY_MANAGED })], paused),
      others((kafka, name) => alterConfigs(kafka, name("a"), { set: { "retention.ms": "7000" }, reset: [] })),
      round([stream("a", { ...kept(9_000), lifeCycle: EXTERNALLY_MANAGED })], paused),
      round([stream("a", kept(9_000))], "AlterTopicConfig a applied"),
      round([stream("a", kept(9_000))]),
    ],
    topics: ["a: 1 retention.ms=9000"],
  },
];

const deleting: readonly Case[] = [
  {
    name: "a stream that leaves the code is deleted",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      round([], "DropTopic a (destroys) applied"),
      round([]),
    ],
    topics: [],
  },
  {
    name: "a stream that comes back is made anew",
    acts: [
      round([stream("a", { partitions: 3 })], "CreateTopic a applied"),
      round([], "DropTopic a (destroys) applied"),
      round([stream("a")], "CreateTopic a applied"),
    ],
    topics: ["a: 1"],
  },
  {
    name: "a stream that is renamed leaves the old topic until nobody says so any more",
    acts: [
      round([stream("old")], "CreateTopic old applied"),
      round(
        [stream("new", { renamedFrom: "old" })],
        "CreateTopic new applied",
        "DropTopic old (destroys) blocked: new-name-taken",
      ),
      round([stream("new")], "DropTopic old (destroys) applied"),
    ],
    topics: ["new: 1"],
  },
  {
    name: "topics of another namespace were not taken out of the code",
    acts: [
      { declare: [stream("a")], parts: { namespace: "one" }, expect: ["CreateTopic a applied"] },
      { declare: [], parts: { namespace: "two" }, expect: [] },
    ],
    topics: ["a: 1"],
  },
  {
    name: "topics that nobody declared are left alone",
    acts: [
      madeByOthers(),
      round([stream("b")], "CreateTopic b applied"),
      round([], "DropTopic b (destroys) applied"),
    ],
    topics: ["a: 1"],
  },
];

const behindOurBack: readonly Case[] = [
  {
    name: "a topic that somebody deleted is made again",
    acts: [
      round([stream("a", { partitions: 2 })], "CreateTopic a applied"),
      others((kafka, name) => deleteTopic(kafka, { name: name("a") })),
      round([stream("a", { partitions: 2 })], "CreateTopic a applied"),
    ],
    topics: ["a: 2"],
  },
  {
    name: "a topic that somebody deleted and that left the code is no more to do",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      others((kafka, name) => deleteTopic(kafka, { name: name("a") })),
      round([]),
    ],
    topics: [],
  },
  {
    name: "a topic that somebody deleted and made again is somebody else's",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      others((kafka, name) => deleteTopic(kafka, { name: name("a") })),
      madeByOthers({ partitions: 2 }),
      round([stream("a", { partitions: 3 })], "AddTopicPartitions a blocked: not-made-by-moose"),
      round([]),
    ],
    topics: ["a: 2"],
  },
  {
    name: "a declared config that somebody changed is put back",
    acts: [
      round([stream("a", kept(9_000))], "CreateTopic a applied"),
      others((kafka, name) => alterConfigs(kafka, name("a"), { set: { "retention.ms": "5000" }, reset: [] })),
      round([stream("a", kept(9_000))], "AlterTopicConfig a applied"),
    ],
    topics: ["a: 1 retention.ms=9000"],
  },
  {
    name: "a declared config that somebody took back is set again",
    acts: [
      round([stream("a", { config: { "segment.ms": "60000" } })], "CreateTopic a applied"),
      others((kafka, name) => alterConfigs(kafka, name("a"), { set: {}, reset: ["segment.ms"] })),
      round([stream("a", { config: { "segment.ms": "60000" } })], "AlterTopicConfig a applied"),
    ],
    topics: ["a: 1 segment.ms=60000"],
  },
  {
    name: "a config that somebody added stays",
    acts: [
      round([stream("a")], "CreateTopic a applied"),
      others((kafka, name) => alterConfigs(kafka, name("a"), { set: { "segment.ms": "60000" }, reset: [] })),
      round([stream("a")]),
      round([stream("a", kept(9_000))], "AlterTopicConfig a (destroys) applied"),
    ],
    topics: ["a: 1 retention.ms=9000 segment.ms=60000"],
  },
  {
    name: "partitions that somebody added cannot be taken away",
    acts: [
      round([stream("a", { partitions: 2 })], "CreateTopic a applied"),
      others((kafka, name) => addPartitions(kafka, name("a"), 4)),
      round([stream("a", { partitions: 2 })], "RemoveTopicPartitions a blocked: not-possible"),
      round([stream("a", { partitions: 4 })]),
    ],
    topics: ["a: 4"],
  },
];

describeWithKafka("streams and their topics", () => {
  let engine: LiveEngine;
  let kafka: Kafka;

  onKafkaAndEngine((ground) => {
    ({ engine, kafka } = ground);
  });

  async function play({ acts, topics }: Case): Promise<void> {
    const project = new TopicProject(kafka, engine.clickhouse);
    try {
      for (const act of acts) {
        if ("others" in act) await act.others(kafka, (short) => project.fullName(short));
        else expect(await project.round(act.declare, act.parts)).toEqual(act.expect);
      }
      expect(await project.topics()).toEqual(topics);
    } finally {
      await project.close();
    }
  }

  const titled = (cases: readonly Case[]) => cases.map((one) => [one.name, one] as const);
  describe("are made", () => void test.each(titled(creating))("%s", (_, one) => play(one)));
  describe("are adopted", () => void test.each(titled(adoptingCases))("%s", (_, one) => play(one)));
  describe("are changed", () => void test.each(titled(changing))("%s", (_, one) => play(one)));
  describe("are protected", () => void test.each(titled(protecting))("%s", (_, one) => play(one)));
  describe("are deleted", () => void test.each(titled(deleting))("%s", (_, one) => play(one)));
  describe("are changed by others", () => void test.each(titled(behindOurBack))("%s", (_, one) => play(one)));
});
