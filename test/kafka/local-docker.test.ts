// Which program runs the local Kafka, and what Docker is called with. No container is run: `docker` is one that notes its arguments.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { containerName, image, runArguments } from "../../runtime/kafka/local/docker.js";
import { startLocalKafka } from "../../runtime/kafka/local/local-kafka.js";
import { DiagnosticError } from "../../src/diagnostic.js";

/** A folder with programs of these texts, and nothing else on the path. */
function pathWith(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "moose-programs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const noting = (more: string) => `echo "$@" >> "$(/usr/bin/dirname "$0")/calls"\n${more}`;

async function startWith(programs: Readonly<Record<string, string>>) {
  const path = pathWith(programs);
  const folder = join(path, "kafka");
  const events: string[] = [];
  const environment = { PATH: path, MOOSE_KAFKA_FOLDER: join(path, "cache") };
  const failed = await startLocalKafka({
    ...{ folder, port: 23_456, environment },
    onEvent: ({ kind }) => events.push(kind),
  }).catch((thrown: unknown) => thrown);
  if (!(failed instanceof DiagnosticError)) throw new Error(`nothing failed: ${String(failed)}`);
  const calls = "docker" in programs ? readFileSync(join(path, "calls"), "utf8").trim().split("\n") : [];
  return { folder, calls, events, problem: failed.diagnostics[0] };
}

const java = (version: string) => `echo 'openjdk version "${version}"' >&2`;

test("without Java, Docker fetches the image once and runs it on loopback, with what it says in the problem", async () => {
  const docker = noting('case "$1" in image) exit 1;; run) echo "no daemon"; exit 125;; esac');
  const { folder, calls, events, problem } = await startWith({ docker });
  const name = containerName(folder);
  expect(calls.slice(0, 3)).toEqual([
    `image inspect ${image}`,
    `pull --quiet ${image}`,
    `rm --force ${name}`,
  ]);
  expect(events).toEqual(["fetching"]);
  expect(calls[3]).toContain(
    `run --rm --name ${name} --publish 127.0.0.1:23456:23456 --volume ${name}:/var/lib/kafka/data`,
  );
  expect(calls[3]).toMatch(/ apache\/kafka:4\.1\.1$/);
  expect(problem).toMatchObject({ code: "kafka/local-not-started", detail: "no daemon" });
});

test.each<[string, Readonly<Record<string, string>>]>([
  ["a Java that is too old", { java: java("11.0.2"), mvn: "exit 1" }],
  ["a Java without Maven", { java: java("17.0.1") }],
])("%s is passed over for Docker", async (_, programs) => {
  const { calls, events } = await startWith({
    ...programs,
    docker: noting('[ "$1" = run ] && exit 1; exit 0'),
  });
  expect(calls.map((call) => call.split(" ")[0])).toEqual(["image", "rm", "run"]);
  expect(events).toEqual([]);
});

test("an image that cannot be fetched is told with what Docker says", async () => {
  const { problem } = await startWith({ docker: noting('echo "no route" >&2; exit 1') });
  expect(problem).toMatchObject({
    ...{ code: "kafka/local-fetch", detail: "no route" },
    summary: "Apache Kafka could not be fetched with Docker.",
  });
});

test("where nothing is installed, both ways are named", async () => {
  const { problem } = await startWith({});
  expect(problem?.summary).toContain("Java is not installed");
  expect(problem?.hint).toContain("or Docker");
  expect((await startWith({ java: java("17.0.1") })).problem?.summary).toContain("Maven is not installed");
});

test("the container has the settings of the broker, and is reached on loopback alone", () => {
  const ports = { plain: 19_092, controller: 19_093 };
  const all = runArguments("/app/.moose/kafka", ports, 256, { "log.retention.check.interval.ms": "1000" });
  const variables = all.filter((_, index) => all[index - 1] === "--env");
  expect(variables).toEqual(
    expect.arrayContaining([
      "KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:19092,CONTROLLER://0.0.0.0:19093",
      "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:19092",
      "KAFKA_CONTROLLER_QUORUM_VOTERS=1@127.0.0.1:19093",
      "KAFKA_LOG_DIRS=/var/lib/kafka/data",
      "KAFKA_AUTO_CREATE_TOPICS_ENABLE=false",
      "KAFKA_LOG_RETENTION_CHECK_INTERVAL_MS=1000",
      "KAFKA_HEAP_OPTS=-Xms48m -Xmx256m",
    ]),
  );
  expect(all.filter((_, index) => all[index - 1] === "--publish")).toEqual(["127.0.0.1:19092:19092"]);
  expect(runArguments("/app/.moose/kafka", ports, 256, {})).toEqual(
    runArguments("/app/.moose/kafka", ports, 256, {}),
  );
  expect(containerName("/other")).not.toBe(containerName("/app/.moose/kafka"));
});
