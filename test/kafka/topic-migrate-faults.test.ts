// Migrations whose requests to Kafka meet a fault on the way: they come to their end, and nothing is done twice or lost.

import { expect, test } from "vitest";
import type { Kafka } from "../../runtime/kafka/client.js";
import type { LiveEngine } from "../live/live-engine.js";
import { describeWithKafka } from "../live/live-kafka.js";
import type { Processes } from "../migrate/processes.js";
import { onMigrations } from "./ground.js";
import { TopicTrial } from "./topic-kill-trial.js";
import type { Changing, WireFault } from "./wire-proxy.js";

type Faults = readonly (readonly [Changing, WireFault])[];

const all = (fault: WireFault): Faults =>
  (["CreateTopics", "DeleteTopics", "CreatePartitions", "IncrementalAlterConfigs"] as const).map(
    (kind) => [kind, fault] as const,
  );

/** An answer names the one topic that the request was about. */
const told =
  (code: number, after = false) =>
  (name: (short: string) => string): Faults => [
    ["CreateTopics", { kind: after ? "error-after" : "error", code, name: name("made") }],
    ...(after ? [] : [["DeleteTopics", { kind: "error", code, name: name("gone") }] as const]),
  ];

const cases: readonly (readonly [string, (name: (short: string) => string) => Faults])[] = [
  ["every kind of request is reset before the broker hears of it", () => all({ kind: "reset-before" })],
  ["every kind of answer is reset", () => all({ kind: "reset-after" })],
  ["requests arrive after their connection was given up", () => all({ kind: "late", ms: 300 })],
  ["a request is swallowed", () => [["CreateTopics", { kind: "silence-before" }]]],
  ["an answer is swallowed", () => [["DeleteTopics", { kind: "silence-after" }]]],
  ["the controller has moved", told(41)],
  ["the broker gives up in the middle", told(7)],
  ["the broker says so although it has done it", told(7, true)],
  ["the user has no right, the first time", told(29)],
];

describeWithKafka("faults under a migration of topics", () => {
  let engine: LiveEngine;
  let kafka: Kafka;
  let processes: Processes;

  onMigrations((ground) => {
    ({ engine, kafka, processes } = ground);
  });

  test.each(cases)("%s", { timeout: 180_000 }, async (_, faults) => {
    const trial = await TopicTrial.prepare(engine, kafka, processes);
    try {
      const injected = faults((short) => trial.topic(short));
      expect(await trial.runUnder(injected)).toBeLessThanOrEqual(3);
      for (const [kind] of injected) expect(trial.proxies.kafka.changes(kind)).toBeGreaterThan(0);
      await trial.check();
    } finally {
      await trial.close();
    }
  });
});
