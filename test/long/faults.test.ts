import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../runtime/clickhouse/client.js";
import { send } from "../../runtime/clickhouse/send.js";
import { faultStory } from "../faults/fault-story.js";
import { FaultProxy } from "../faults/proxy.js";
import { random } from "../faults/random.js";
import { counted, kinds } from "../faults/statements.js";
import { startLive, uniqueName } from "../live/live-engine.js";

const chance = random();

test(`800 statements through random faults are executed as often as is said (MOOSE_TEST_SEED=${chance.seed})`, {
  timeout: 1_800_000,
}, async () => {
  await faultStory(chance, 800);
});

test("an answer that is held up longer than the connection's 60 s leaves the outcome unknown", {
  timeout: 180_000,
}, async () => {
  const live = await startLive();
  const proxy = await FaultProxy.start(live.url);
  const through = await connect({ url: proxy.url, user: "default", password: "" });
  onTestFinished(async () => {
    await through.close();
    await proxy.stop();
    await live.stop();
  });
  const database = uniqueName("held");
  await live.clickhouse.command(`CREATE DATABASE ${database}`);
  await Promise.all(
    kinds.map(async (kind) => {
      const statement = await counted(live.clickhouse, database, kind);
      proxy.inject(statement.queryId, { kind: "delay-answer", ms: 62_000 });
      const outcome = await send(through, statement, { deadlineMs: 120_000 });
      expect(outcome).toEqual({ state: "unknown", running: false, reason: "Timeout error." });
      expect(proxy.sendsOf(statement.queryId)).toBe(1);
      expect(await statement.executions()).toBe(1);
    }),
  );
});
