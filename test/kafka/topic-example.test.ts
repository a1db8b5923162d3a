// The example with a stream and its table, run by the real `moose dev` with a Kafka of its own.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { Project } from "../dev/project.js";
import { describeWithKafka } from "../live/live-kafka.js";
import { moose as command } from "../migrate/moose-once.js";

const source = readFileSync(
  new URL("../../examples/02-stream-and-table/app/index.ts", import.meta.url),
  "utf8",
);

describeWithKafka("the example with a stream and its table", () => {
  let moose: Moose;

  beforeAll(async () => {
    moose = startNow(new Project({ "app/index.ts": source }));
    await moose.ready();
  });

  afterAll(() => moose.remove());

  test("makes the table, starts a Kafka and makes the topics", async () => {
    await moose.line(/^2 topic changes applied.*$/m, 60_000);
    expect(moose.stdout).toContain("+ local.clicks");
    expect(moose.stdout).toContain("+ topic clicks  3 partitions");
    expect(moose.stdout).toContain("+ topic clicks_refused  1 partition");
  });

  test("there is nothing left to plan", async () => {
    expect(await command(moose.project, "plan")).toMatchObject({ code: 0 });
  });

  test("more partitions are added, and a shorter retention of a protected stream is not", async () => {
    moose.project.save({
      "app/index.ts": source.replace("parallelism: 3", "parallelism: 4").replace("86_400", "3_600"),
    });
    const shown = await moose.line(/^1 topic change applied.*$/m, 60_000);
    expect(shown).toContain("partitions 3 -> 4");
    expect(shown).toContain("the stream is keyed");
    expect(shown).toContain("DELETION_PROTECTED");
    const plan = await command(moose.project, "plan", "--json");
    expect(plan.code).toBe(2);
    const { plan: value } = JSON.parse(plan.text.split("\n").find((line) => line.startsWith("{")) ?? "{}");
    expect(value.topics.operations).toMatchObject([
      {
        kind: "AlterTopicConfig",
        address: "topic:clicks",
        cost: "topic",
        verdict: { code: "deletion-protected" },
      },
    ]);
  });

  test("code that cannot be read leaves the topics as they are", async () => {
    moose.project.save({ "app/index.ts": "export const broken: number = 'x';" });
    await moose.line(/^nothing was changed.*$/m, 60_000);
    expect(moose.stdout).not.toContain("- topic");
  });
});
