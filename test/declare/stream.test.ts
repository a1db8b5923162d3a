// What user code declares as streams becomes topics, or says what is wrong with them.

import { describe, expect, test } from "vitest";
import { desired } from "../../src/declare/desired.js";
import type { Registration } from "../../src/declare/registration.js";
import { setRegistry } from "../../src/declare/registry.js";
import type { RowField, RowSchema } from "../../src/declare/row-schema.js";
import { DeadLetterQueue, LifeCycle, OlapTable, Stream } from "../../src/index.js";

const place = { file: "app/index.ts", line: 9, column: 1 };
const field = (name: string): RowField => ({
  name,
  type: { kind: "simple", name: "String" },
  key: false,
  default: undefined,
  comment: "",
  codec: "",
  ttl: "",
  place,
});
const schema: RowSchema = { fields: [field("id"), field("text")], place };

interface Project {
  readonly namespace?: string;
  readonly replicationFactor?: number;
}

function stream(name: string, config: Record<string, unknown> = {}) {
  return { registration: { kind: "Stream", name, config, sites: [], file: "app/index.ts" } as const, schema };
}

const read = (streams: readonly ReturnType<typeof stream>[], project: Project = {}) =>
  desired(streams, { database: "local", ...project });

const codes = (config: Record<string, unknown>, name = "events", project: Project = {}) =>
  read([stream(name, config)], project).diagnostics.map(({ code }) => code);

describe("the topic of a stream", () => {
  test("without options keeps messages for a week, and leaves the rest open", () => {
    expect(read([stream("events")]).map.topics.get("events")).toMatchObject({
      partitions: undefined,
      replicationFactor: undefined,
      config: { "retention.ms": "604800000" },
      implied: ["retention.ms"],
      lifeCycle: LifeCycle.FULLY_MANAGED,
      isKeyed: false,
      place,
    });
  });

  test("has what the options say", () => {
    const { map, diagnostics } = read([
      stream("events", {
        parallelism: 3,
        retentionPeriod: 60,
        replicationFactor: 2,
        config: {
          "cleanup.policy": "compact, delete",
          "min.cleanable.dirty.ratio": "0.50",
          preallocate: true,
        },
        keyedBy: "id",
        lifeCycle: "DELETION_PROTECTED",
        destination: { name: "rows" },
      }),
    ]);
    expect(diagnostics).toEqual([]);
    expect(map.topics.get("events")).toMatchObject({
      partitions: 3,
      replicationFactor: 2,
      config: {
        "cleanup.policy": "compact,delete",
        "min.cleanable.dirty.ratio": "0.5",
        preallocate: "true",
        "retention.ms": "60000",
      },
      implied: [],
      isKeyed: true,
      lifeCycle: LifeCycle.DELETION_PROTECTED,
      destination: { database: "local", name: "rows" },
    });
  });

  test("is named by namespace, name and version; two versions stand side by side", () => {
    const streams = [
      stream("events", { version: "1.0" }),
      stream("events", { version: "2.0" }),
      stream("events"),
    ];
    expect([...read(streams, { namespace: "shop" }).map.topics.keys()]).toEqual([
      "shop.events",
      "shop.events_1_0",
      "shop.events_2_0",
    ]);
  });

  test("has the project's replicas, but for one that others manage", () => {
    const streams = [
      stream("ours"),
      stream("theirs", { lifeCycle: "EXTERNALLY_MANAGED" }),
      stream("own", { replicationFactor: 1 }),
    ];
    const { topics } = read(streams, { replicationFactor: 3 }).map;
    expect([...topics.values()].map(({ name, replicationFactor }) => [name, replicationFactor])).toEqual([
      ["ours", 3],
      ["own", 1],
      ["theirs", undefined],
    ]);
  });

  test("retentionPeriod: -1 keeps messages for ever", () => {
    expect(read([stream("events", { retentionPeriod: -1 })]).map.topics.get("events")?.config).toEqual({
      "retention.ms": "-1",
    });
  });
});

describe("what is wrong with a stream", () => {
  test.each([
    ["a b", "declare/bad-topic-name"],
    ["über", "declare/bad-topic-name"],
    ["..", "declare/bad-topic-name"],
    ["__consumer_offsets", "declare/internal-topic"],
    ["x".repeat(250), "declare/topic-name-too-long"],
  ])("the name %s", (name, code) => {
    expect(codes({}, name)).toEqual([code]);
  });

  test("the namespace counts for the length of the name", () => {
    expect(codes({}, "x".repeat(245), { namespace: "shop" })).toEqual(["declare/topic-name-too-long"]);
    expect(codes({}, "x".repeat(244), { namespace: "shop" })).toEqual([]);
  });

  test.each([
    [{ parallelism: 0 }],
    [{ parallelism: 1.5 }],
    [{ parallelism: "3" }],
    [{ replicationFactor: 0 }],
    [{ retentionPeriod: 0 }],
    [{ retentionPeriod: -2 }],
    [{ retentionPeriod: "1d" }],
  ])("the option %j", (config) => {
    expect(codes(config)).toEqual(["declare/bad-stream-option"]);
  });

  test.each([
    [{ config: [] }, "declare/bad-topic-config"],
    [{ config: { "cleanup policy": "compact" } }, "declare/bad-topic-config"],
    [{ config: { "cleanup.policy": {} } }, "declare/bad-topic-config"],
    [{ config: { "cleanup.policy": "" } }, "declare/bad-topic-config"],
    [{ retentionPeriod: 60, config: { "retention.ms": 5 } }, "declare/two-retentions"],
    [{ replicationFactor: 1, config: { "min.insync.replicas": 2 } }, "declare/too-many-replicas"],
    [{ keyedBy: "nothing" }, "declare/unknown-field"],
  ])("%j", (config, code) => {
    expect(codes(config)).toEqual([code]);
  });

  test("a topic that is declared twice, and two that differ in . and _ only", () => {
    const diagnostics = read([stream("a.b"), stream("a_b"), stream("c"), stream("c")]).diagnostics;
    expect(diagnostics.map(({ code }) => code)).toEqual([
      "declare/colliding-streams",
      "declare/duplicate-stream",
    ]);
  });

  test("a rename from a stream that is still there", () => {
    const diagnostics = read([stream("new", { renamedFrom: "old" }), stream("old")]).diagnostics;
    expect(diagnostics.map(({ code }) => code)).toEqual(["declare/ambiguous-rename"]);
  });
});

describe("the classes", () => {
  interface Event {
    id: string;
  }
  function registered(work: () => void): readonly Omit<Registration, "sites" | "file">[] {
    const seen: Omit<Registration, "sites" | "file">[] = [];
    setRegistry({ register: (one) => void seen.push(one) });
    try {
      work();
    } finally {
      setRegistry(undefined);
    }
    return seen;
  }

  test("register what they were given, tables and queues by name", () => {
    const seen = registered(() => {
      const destination = new OlapTable<Event>("rows", { orderByFields: ["id"], database: "other" });
      const queue = new DeadLetterQueue<Event>("refused");
      new Stream<Event>("events", { parallelism: 2, destination, defaultDeadLetterQueue: queue });
    });
    expect(seen.slice(1)).toEqual([
      { kind: "Stream", name: "refused", config: { holdsDeadLetters: true } },
      {
        kind: "Stream",
        name: "events",
        config: {
          parallelism: 2,
          destination: { name: "rows", database: "other" },
          defaultDeadLetterQueue: { name: "refused", version: undefined },
        },
      },
    ]);
  });

  test("a stream without a name is refused at once", () => {
    expect(() => new Stream("")).toThrow("Stream needs a name");
  });

  test("sending says that nothing was written", () => {
    expect(() => new Stream<Event>("events").send({ id: "1" })).toThrow("events.send() has written nothing");
  });

  test("handlers register, and one line says that they are not run", () => {
    const seen = registered(() => {
      const [from, to] = [new Stream<Event>("from"), new Stream<Event>("to")];
      from.addTransform(to, (event) => event);
      from.addConsumer(() => {});
      from.addMultiTransform((event) => [to.routed(event)]);
    });
    const handlers = seen.map((one) => ({
      registration: { ...one, sites: [], file: "" },
      schema: undefined,
    }));
    expect(
      desired(handlers, { database: "local" }).diagnostics.map(({ severity, summary }) => [
        severity,
        summary,
      ]),
    ).toEqual([
      [
        "warning",
        "the consumers and multi-transforms and transforms of from are not run yet: only their topics are managed",
      ],
    ]);
  });
});
