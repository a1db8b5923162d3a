// moose dev counts the messages of the streams, and what has not been read of them.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServerStatus } from "../../src/status/server-status.js";
import { Moose } from "../dev/moose.js";
import { anyPort } from "../dev/project.js";
import { describeWithKafka, type LiveKafka, startLiveKafka } from "../live/live-kafka.js";
import { produce, readBy } from "./records.js";
import { WireProxy } from "./wire-proxy.js";

const code = `import { Stream } from "@514labs/moose-lib";
interface Event { id: string }
export const seen = new Stream<Event>("seen", { parallelism: 2 });
export const quiet = new Stream<Event>("quiet");
`;

const five = ["1", "2", "3", "4", "5"].map((value) => ({ value }));

describeWithKafka("messages in moose dev", () => {
  let live: LiveKafka;
  let proxy: WireProxy;

  beforeAll(async () => {
    live = await startLiveKafka();
    proxy = await WireProxy.start(live.local.port);
  });

  afterAll(async () => {
    await proxy?.stop();
    await live?.stop();
  });

  const files = (namespace: string) => ({
    "app/index.ts": code,
    "moose.config.toml": `${anyPort}[kafka_config]\nbroker = "${proxy.broker}"\nnamespace = "${namespace}"\n`,
  });

  test("counts and lag are shown when they change, and a Kafka that is away is said once", async () => {
    const moose = await Moose.start(files("a"));
    const messages = async (name: string) => {
      const { resources } = (await (await fetch(`${await moose.pageUrl()}/status`)).json()) as ServerStatus;
      return resources.find(({ address }) => address === name)?.messages;
    };
    await moose.line(/^2 topic changes applied.*$/m, 60_000);
    await produce(live.broker, "a.seen", five);
    expect(await moose.line(/^a\.seen 5 messages$/m, 60_000)).not.toContain("quiet");
    await readBy("report", live.broker, "a.seen", 3);
    await moose.line(/^a\.seen 5 messages, lag 2 \(report\)$/m, 60_000);
    await expect
      .poll(() => messages("a.seen"), { timeout: 60_000 })
      .toEqual({
        count: 5,
        groups: [{ id: "report", state: "EMPTY", lag: 2 }],
      });
    await proxy.refuse();
    await moose.line(/^the messages of the streams cannot be counted \(.*$/m, 60_000);
    expect(await messages("a.seen")).toEqual({ missing: expect.stringContaining(proxy.broker) });
    // The tables go on without.
    moose.project.save({
      "app/index.ts": `${code}import { OlapTable } from "@514labs/moose-lib";\nnew OlapTable<Event>("t", { orderByFields: ["id"] });\n`,
    });
    await moose.line(/^1 change applied.*$/m);
    await proxy.resume();
    await produce(live.broker, "a.quiet", five);
    const shown = await moose.line(/^a\.quiet 5 messages; a\.seen 5 messages, lag 2 \(report\)$/m, 60_000);
    expect(shown).not.toContain("cannot be counted");
    expect(await messages("a.quiet")).toEqual({ count: 5, groups: [] });
  });

  test("with --json a line has the streams that have changed", async () => {
    const moose = await Moose.start(files("b"), { args: ["--json"] });
    const streams = () => moose.events.filter(({ event }) => event === "messages").map((one) => one.streams);
    await expect.poll(streams, { timeout: 60_000 }).toHaveLength(1);
    await produce(live.broker, "b.seen", five);
    await expect.poll(streams, { timeout: 60_000 }).toHaveLength(2);
    expect(streams()).toEqual([
      [
        { name: "b.quiet", messages: 0, groups: [] },
        { name: "b.seen", messages: 0, groups: [] },
      ],
      [{ name: "b.seen", messages: 5, groups: [] }],
    ]);
  });

  test("on a terminal the line is written over", async () => {
    const moose = await Moose.start(files("c"), { onTerminal: true, env: { NO_COLOR: "1" } });
    await moose.line(/^2 topic changes applied.*$/m, 60_000);
    await produce(live.broker, "c.seen", five);
    await expect.poll(() => moose.stdout, { timeout: 60_000 }).toMatch(/\nc\.seen 5 messages$/);
    await produce(live.broker, "c.seen", five);
    const shown = () => moose.stdout;
    await expect.poll(shown, { timeout: 60_000 }).toContain(`messages\r\u001b[2Kc.seen 10 messages`);
  });
});
