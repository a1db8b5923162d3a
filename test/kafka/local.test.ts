import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka } from "../../runtime/kafka/client.js";
import { inspectTopics } from "../../runtime/kafka/inspect.js";
import { describeWithKafka, startLiveKafka } from "../live/live-kafka.js";

describeWithKafka("the local Kafka", () => {
  test("a new broker answers and has no topics", async () => {
    const live = await startLiveKafka();
    const kafka = connectKafka(plainKafka(live.broker));
    expect(await inspectTopics(kafka)).toMatchObject({ topics: [], unreadable: [] });
    await kafka.close();
    expect(readFileSync(join(live.folder, "kafka.log"), "utf8")).toContain(
      "Performing controller activation",
    );
    await live.stop();
  });
});
