// The Kafka of a dev session: a local one that ends is opened again, but not for ever; and brokers that make topics by themselves.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readState } from "../../runtime/clickhouse/state.js";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { readSettings } from "../../runtime/config/settings.js";
import { autoCreatesTopics } from "../../runtime/kafka/auto-create.js";
import { connectKafka } from "../../runtime/kafka/client.js";
import { inspectTopics } from "../../runtime/kafka/inspect.js";
import { type HostEvent, KafkaHost } from "../../runtime/reconcile/topics/kafka-host.js";
import { planProjectTopics } from "../../runtime/reconcile/topics/plan-topics.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { startLive } from "../live/live-engine.js";
import { describeWithKafka, startLiveKafka } from "../live/live-kafka.js";
import { stream } from "./topic-project.js";

describeWithKafka("the Kafka of a session", () => {
  test("a local Kafka that was killed is opened again, and after so many times no more", async () => {
    const folder = mkdtempSync(join(tmpdir(), "moose-kafka-host-"));
    const { settings } = await readSettings({ folder, mode: "dev", environment: process.env, overrides: {} });
    const events: HostEvent[] = [];
    let wakes = 0;
    const host = new KafkaHost((event) => {
      events.push(event);
      // Twice by force; the host is what opens it again.
      if (event.kind === "started") process.kill(event.pid, "SIGKILL");
    }, 2);
    onTestFinished(async () => {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    });
    host.onEnded = () => {
      wakes += 1;
      host.open(settings, folder).catch(() => undefined);
    };
    host.open(settings, folder).catch(() => undefined);
    const ends = () => events.flatMap((event) => (event.kind === "ended" ? [event.restartInMs] : []));
    await expect.poll(ends, { timeout: 120_000 }).toEqual([500, 1_000, undefined]);
    expect(wakes).toBe(2);
  });

  test("brokers that make topics by themselves are told in the plan, others are not", async () => {
    const engine = await startLive();
    const live = await startLiveKafka({ properties: { "auto.create.topics.enable": "true" } });
    const kafka = connectKafka(plainKafka(live.broker));
    onTestFinished(async () => {
      await kafka.close();
      await Promise.all([live.stop(), engine.stop()]);
    });
    expect(await autoCreatesTopics(kafka)).toBe(true);
    const state = await readState(engine.clickhouse, "nothing_yet");
    const code = infraMapOf([], [], [stream("a")]);
    const { report } = await planProjectTopics({ kafka, namespace: "" }, state, code);
    expect(report.diagnostics.map(({ code: name }) => name)).toEqual(["reconcile/auto-created-topics"]);
    // Nothing was made by looking.
    expect((await inspectTopics(kafka)).topics).toEqual([]);
    const none = await planProjectTopics({ kafka, namespace: "" }, state, infraMapOf([]));
    expect(none.report.diagnostics).toEqual([]);
  });
});
