import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka } from "../../runtime/kafka/client.js";
import { createTopic } from "../../runtime/kafka/execute.js";
import { inspectTopics } from "../../runtime/kafka/inspect.js";
import { majorOf } from "../../runtime/kafka/local/java.js";
import {
  findLocalKafka,
  type LocalKafka,
  type LocalKafkaEvent,
  type LocalKafkaOptions,
  startLocalKafka,
} from "../../runtime/kafka/local/local-kafka.js";
import { isSame, startOf } from "../../runtime/process/process-identity.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { describeWithKafka } from "../live/live-kafka.js";
import { topicOf } from "./topics.js";

describeWithKafka("the local Kafka", () => {
  test("it answers, is found by its folder, tells its memory, and is gone after stop", async () => {
    const folder = newFolder();
    const local = await start(folder);
    const kafka = connectKafka(plainKafka(local.broker));
    expect(await inspectTopics(kafka)).toMatchObject({ topics: [], unreadable: [], brokers: 1 });
    await kafka.close();
    expect(findLocalKafka(folder)).toEqual({ broker: local.broker, pid: process.pid });
    const rssMb = (local.rssBytes() ?? 0) / 2 ** 20;
    expect(rssMb).toBeGreaterThan(50);
    expect(rssMb).toBeLessThan(400);
    await local.stop();
    await local.stop();
    expect(findLocalKafka(folder)).toBeUndefined();
    expect(startOf(local.pid)).toBeUndefined();
    expect(readFileSync(local.logFile, "utf8")).toContain("Performing controller activation");
  });

  test("topics are there at the next start, on another port", async () => {
    const folder = newFolder();
    const first = await start(folder);
    await onBroker(first.broker, (kafka) => createTopic(kafka, topicOf({ name: "kept", partitions: 3 })));
    await first.stop();
    const second = await start(folder);
    const { topics } = await onBroker(second.broker, inspectTopics);
    expect(topics).toMatchObject([{ topic: { name: "kept", partitions: 3 }, leaderless: 0 }]);
  });

  test("it is reached on loopback alone", async () => {
    const local = await start(newFolder());
    const config = readFileSync(join(local.logFile, "..", "server.properties"), "utf8");
    expect(config.match(/^listeners=.*$/m)?.[0]).toMatch(
      /^listeners=PLAINTEXT:\/\/127\.0\.0\.1:\d+,CONTROLLER:\/\/127\.0\.0\.1:\d+$/,
    );
  });

  test("of two on one folder, the second is told who holds it", async () => {
    const folder = newFolder();
    const local = await start(folder);
    expect(await problemOf(start(folder))).toMatchObject({
      code: "kafka/local-held",
      summary: expect.stringContaining(`(pid ${process.pid})`),
      hint: expect.stringContaining(local.broker),
    });
  });

  test("of two that start at once on one folder, one wins", async () => {
    const folder = newFolder();
    const both = await Promise.allSettled([start(folder), start(folder)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("a port in use is told with Kafka's own reason, and the folder is free again", async () => {
    const folder = newFolder();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    expect(await problemOf(start(folder, { port }))).toMatchObject({
      code: "kafka/local-not-started",
      detail: expect.stringContaining("Address already in use"),
      hint: expect.stringContaining("kafka.log"),
    });
    server.close();
    await start(folder, { port });
  });

  test("a broker that is killed is told, with how it ended, and can be started again", async () => {
    const folder = newFolder();
    const events: LocalKafkaEvent[] = [];
    const local = await start(folder, { onEvent: (event) => events.push(event) });
    process.kill(local.pid, "SIGKILL");
    await expect.poll(() => events.map(({ kind }) => kind)).toEqual(["started", "ended"]);
    expect(events[1]).toMatchObject({ how: "SIGKILL" });
    await start(folder);
  });

  test("data that is no Kafka's is told, and not touched", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "meta.properties"), "version=77\n");
    expect(await problemOf(start(folder))).toMatchObject({ code: "kafka/local-not-started" });
    expect(readFileSync(join(folder, "data", "meta.properties"), "utf8")).toBe("version=77\n");
  });

  test("the broker does not outlive a moose that was killed", async () => {
    const { child, pid } = await supervised(newFolder());
    const begun = startOf(pid) ?? "";
    child.kill("SIGKILL");
    await expect.poll(() => isSame(pid, begun), { timeout: 20_000 }).toBe(false);
  });

  test("a start right after moose was killed waits for its broker to go, and finds the topics", async () => {
    const folder = newFolder();
    const { child, broker, pid } = await supervised(folder);
    await onBroker(broker, (kafka) => createTopic(kafka, topicOf({ name: "kept" })));
    const begun = startOf(pid) ?? "";
    child.kill("SIGKILL");
    await once(child, "exit");
    const local = await start(folder);
    expect(isSame(pid, begun)).toBe(false);
    expect(await onBroker(local.broker, inspectTopics)).toMatchObject({
      topics: [{ topic: { name: "kept" } }],
    });
  });

  test("a broker that hangs when its moose was killed is ended by force", async () => {
    const folder = newFolder();
    const { child, pid } = await supervised(folder);
    const begun = startOf(pid) ?? "";
    process.kill(pid, "SIGSTOP");
    child.kill("SIGKILL");
    await once(child, "exit");
    await start(folder);
    expect(isSame(pid, begun)).toBe(false);
    // Ten seconds it is waited for, and two brokers start.
  }, 60_000);
});

test("without Java, one line says what to do", async () => {
  const problem = await problemOf(start(newFolder(), { environment: { PATH: newFolder() } }));
  expect(problem).toEqual({
    code: "kafka/local-missing",
    severity: "error",
    summary: "Streams need a Kafka, and there is none: Java is not installed.",
    hint: "Install Java 17 or newer and Maven, or Docker; or name a Kafka: `broker` under [kafka_config], `MOOSE_KAFKA_CONFIG__BROKER`.",
  });
});

test("a Java that is too old is told with its version", async () => {
  const environment = { PATH: withPrograms({ java: "echo 'openjdk version \"1.8.0_392\"' >&2" }) };
  expect(await problemOf(start(newFolder(), { environment }))).toMatchObject({
    code: "kafka/local-missing",
    summary: "Streams need a Kafka, and there is none: Java 1.8.0_392 is too old to run one.",
  });
});

test("without Maven, and with nothing in the cache, one line says so", async () => {
  const environment = { PATH: withPrograms({ java }), MOOSE_KAFKA_FOLDER: newFolder() };
  expect(await problemOf(start(newFolder(), { environment }))).toMatchObject({
    code: "kafka/local-missing",
    summary: "Streams need a Kafka, and there is none: Maven is not installed.",
  });
});

test("a fetch that fails is told with what Maven says, and leaves nothing that looks complete", async () => {
  const cache = newFolder();
  const mvn = `mkdir -p "$(dirname "$4")/jars"; echo "the network is down"; exit 1`;
  const path = `${withPrograms({ java, mvn })}:/usr/bin:/bin`;
  const events: LocalKafkaEvent[] = [];
  const started = start(newFolder(), {
    environment: { PATH: path, MOOSE_KAFKA_FOLDER: cache },
    onEvent: (event) => events.push(event),
  });
  expect(await problemOf(started)).toMatchObject({
    code: "kafka/local-fetch",
    detail: "the network is down",
  });
  expect(events).toEqual([{ kind: "fetching" }]);
  expect(existsSync(join(cache, "jars"))).toBe(false);
});

test("versions of Java are read in all their forms", () => {
  expect(["17.0.15", "21", "1.8.0_392", "25-ea", "24.0.1+9"].map(majorOf)).toEqual([17, 21, 8, 25, 24]);
});

const java = "echo 'openjdk version \"17.0.15\"' >&2";

async function start(folder: string, options: Partial<LocalKafkaOptions> = {}): Promise<LocalKafka> {
  const local = await startLocalKafka({ port: 0, environment: process.env, ...options, folder });
  onTestFinished(() => local.stop());
  return local;
}

function onBroker<T>(
  broker: string,
  run: (kafka: ReturnType<typeof connectKafka>) => Promise<T>,
): Promise<T> {
  const kafka = connectKafka(plainKafka(broker));
  return run(kafka).finally(() => kafka.close());
}

async function problemOf(failing: Promise<unknown>): Promise<unknown> {
  const thrown = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(DiagnosticError);
  return thrown instanceof DiagnosticError ? thrown.diagnostics[0] : undefined;
}

async function supervised(folder: string): Promise<{ child: ChildProcess; broker: string; pid: number }> {
  const script = new URL("supervising.ts", import.meta.url).pathname;
  const child = fork(script, [folder], { execArgv: ["--import", "tsx"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [message] = (await once(child, "message")) as [{ broker: string; pid: number }];
  return { child, ...message };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "moose-local-kafka-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function withPrograms(programs: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
