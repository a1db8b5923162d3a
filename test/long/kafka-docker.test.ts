// The local Kafka in a container, where Java is missing: Docker, moose's calls of it, the network and the volume are real,
// and so are the broker and the wrapper that reads its variables. Where the image is the stand-in of
// test/images/stand-ins.sh, its base system, Java and shell scripts are not those of Apache's image.

import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka } from "../../runtime/kafka/client.js";
import { createTopic } from "../../runtime/kafka/execute.js";
import { inspectTopics, topicRanges } from "../../runtime/kafka/inspect.js";
import { answers } from "../../runtime/kafka/local/answers.js";
import { containerName } from "../../runtime/kafka/local/docker.js";
import {
  type LocalKafka,
  type LocalKafkaEvent,
  startLocalKafka,
} from "../../runtime/kafka/local/local-kafka.js";
import { containers, describeWithImages, kafkaImage, run, tryRun } from "../images/containers.js";
import { produce, readBy } from "../kafka/records.js";
import { topicOf } from "../kafka/topics.js";

let programs: string;
/** Only Docker is on the path. */
let environment: Record<string, string | undefined>;
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), "moose-programs-"));
  const which = spawnSync("sh", ["-c", `command -v ${containers}`], { encoding: "utf8" });
  symlinkSync(which.stdout.trim(), join(programs, "docker"));
  environment = { PATH: programs, MOOSE_KAFKA_FOLDER: join(programs, "cache") };
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "moose-kafka-docker-"));
  mkdirSync(join(folder, "kafka"));
  onTestFinished(() => {
    tryRun("rm", "--force", containerName(join(folder, "kafka")));
    tryRun("volume", "rm", "--force", containerName(join(folder, "kafka")));
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, "kafka");
}

async function start(folder: string, events: LocalKafkaEvent[] = []): Promise<LocalKafka> {
  const local = await startLocalKafka({ folder, port: 0, environment, onEvent: (one) => events.push(one) });
  onTestFinished(() => local.stop());
  return local;
}

const isRunning = (folder: string) =>
  tryRun("container", "inspect", "--format", "{{.State.Running}}", containerName(folder)).stdout.trim() ===
  "true";

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let waitedMs = 0; !isSo(); waitedMs += 100) {
    if (waitedMs > 30_000) throw new Error(`not ${what}`);
    await sleep(100);
  }
}

async function topics(broker: string) {
  const kafka = connectKafka(plainKafka(broker));
  try {
    return await inspectTopics(kafka);
  } finally {
    await kafka.close();
  }
}

describeWithImages("the local Kafka in a container", [kafkaImage], () => {
  test("it answers on loopback alone, takes messages, keeps them, and is gone after stop", async () => {
    const folder = newFolder();
    const events: LocalKafkaEvent[] = [];
    const first = await start(folder, events);
    expect(await topics(first.broker)).toMatchObject({ topics: [], unreadable: [], brokers: 1 });
    const outside = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).flatMap(({ internal, family, address }) =>
        internal || family !== "IPv4" ? [] : [address],
      ),
    );
    for (const address of outside)
      await expect(fetch(`http://${address}:${first.port}/`)).rejects.toMatchObject({
        cause: { code: "ECONNREFUSED" },
      });
    const kafka = connectKafka(plainKafka(first.broker));
    await createTopic(kafka, topicOf({ name: "kept", partitions: 2 }));
    await kafka.close();
    await produce(
      first.broker,
      "kept",
      ["a", "b", "c"].map((value) => ({ value })),
    );
    await readBy("group", first.broker, "kept", 3);
    await first.stop();
    expect(tryRun("container", "inspect", containerName(folder)).status).not.toBe(0);
    expect(events.map(({ kind }) => kind)).toEqual(["started", "stopped"]);

    const second = await start(folder);
    const again = connectKafka(plainKafka(second.broker));
    const found = await topicRanges(again, "kept");
    await again.close();
    const messages = (found?.ranges ?? []).reduce((sum, range) => sum + range.end - range.start, 0);
    expect(messages).toBe(3);
  });

  test("a container that ends by itself is told", async () => {
    const folder = newFolder();
    const events: LocalKafkaEvent[] = [];
    await start(folder, events);
    run("kill", containerName(folder));
    await until(() => events.at(-1)?.kind === "ended", "told");
    expect(events.at(-1)).toMatchObject({ how: "code 137" });
  });

  test("one that a killed moose has left behind is ended, and its folder can be used again", async () => {
    const folder = newFolder();
    const child: ChildProcess = fork(new URL("../kafka/supervising.ts", import.meta.url), [folder], {
      env: { ...process.env, ...environment },
      execArgv: ["--import", "tsx"],
    });
    const [{ broker }] = (await once(child, "message")) as [{ broker: string }];
    expect(await topics(broker)).toMatchObject({ brokers: 1 });
    child.kill("SIGKILL");
    await until(() => !isRunning(folder), "ended");
    expect(await answers(Number(broker.split(":")[1]))).toBe(false);
    const next = await start(folder);
    expect(await topics(next.broker)).toMatchObject({ brokers: 1 });
  });

  test("a container of the same name that was left is replaced", async () => {
    const folder = newFolder();
    run("run", "--detach", "--name", containerName(folder), "--entrypoint", "sleep", kafkaImage, "600");
    const local = await start(folder);
    expect(await topics(local.broker)).toMatchObject({ brokers: 1 });
  });
});
