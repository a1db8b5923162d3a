// Topics that others change behind the back of moose dev: what it does not put right is in its status.

import { afterAll, beforeAll, expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka } from "../../runtime/kafka/client.js";
import { alterConfigs, createTopic, deleteTopic } from "../../runtime/kafka/execute.js";
import type { ServerStatus } from "../../src/status/server-status.js";
import { Moose } from "../dev/moose.js";
import { anyPort } from "../dev/project.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { topicOf } from "./topics.js";

const code = `import { LifeCycle, Stream } from "@514labs/moose-lib";
interface Event { id: string }
export const clicks = new Stream<Event>("clicks", { retentionPeriod: 60 });
export const theirs = new Stream<Event>("theirs", { retentionPeriod: 60, lifeCycle: LifeCycle.EXTERNALLY_MANAGED });
`;

describeWithKafka("drift of topics in moose dev", () => {
  let live: LiveKafka;

  beforeAll(async () => {
    live = await startLiveKafka();
  });

  afterAll(() => live?.stop());

  test("a topic that moose may change is put right, and of one that it may not the drift is shown", async () => {
    const client = connectKafka(plainKafka(live.broker));
    const retention = (ms: string) => ({ set: { "retention.ms": ms }, reset: [] });
    await createTopic(client, topicOf({ name: "theirs", config: { "retention.ms": "60000" } }));
    const config = `${anyPort}[kafka_config]\nbroker = "${live.broker}"\n`;
    const moose = await Moose.start({ "app/index.ts": code, "moose.config.toml": config });
    const url = new URL(await moose.pageUrl()).origin;
    const status = async () => (await (await fetch(`${url}/admin/status`)).json()) as ServerStatus;
    const states = async () => (await status()).resources.map(({ address, state }) => `${address} ${state}`);
    await expect.poll(states, { timeout: 60_000 }).toEqual(["clicks in-sync", "theirs in-sync"]);
    expect((await status()).drift).toEqual([]);
    for (const name of ["clicks", "theirs"]) await alterConfigs(client, name, retention("1000"));
    await fetch(`${url}/admin/reconcile`, { method: "POST" });
    await expect.poll(states, { timeout: 60_000 }).toEqual(["clicks in-sync", "theirs drifted"]);
    expect((await status()).drift).toEqual([
      { address: "topic:theirs", parts: [{ what: "retention.ms", before: "60000", after: "1000" }] },
    ]);
    await deleteTopic(client, { name: "theirs" });
    await fetch(`${url}/admin/reconcile`, { method: "POST" });
    await expect
      .poll(async () => (await status()).drift, { timeout: 60_000 })
      .toEqual([{ address: "topic:theirs", parts: [{ what: "topic", before: "theirs", after: "" }] }]);
    await createTopic(client, topicOf({ name: "theirs", config: { "retention.ms": "60000" } }));
    await fetch(`${url}/admin/reconcile`, { method: "POST" });
    await expect.poll(states, { timeout: 60_000 }).toEqual(["clicks in-sync", "theirs in-sync"]);
    await client.close();
  });
});
