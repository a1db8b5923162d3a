// moose kafka pull: writes TypeScript for the topics of a Kafka that the code does not declare.

import { Command, InvalidArgumentError, Option } from "commander";
import { inferShape } from "../../src/declare/infer-shape.js";
import { type SampledTopic, writeStreams } from "../../src/declare/write-streams.js";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { Topic } from "../../src/infra/topic.js";
import { plainKafka, readBrokers } from "../config/kafka-settings.js";
import type { Settings } from "../config/settings.js";
import type { Kafka } from "../kafka/client.js";
import type { Sampled } from "../kafka/sample.js";
import { loadDesired, reachKafka } from "../reconcile/project.js";
import { noKafka } from "../reconcile/topics/access.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";
import { importHint, pulledFile, writePulled } from "./pulled-file.js";

interface PullFlags extends ProjectFlags {
  readonly filePath: string;
  readonly include: string;
  readonly exclude?: string;
  readonly messages: number;
}

const head = [
  "Topics that are managed outside of this project, as they are in Kafka.",
  "Written by moose kafka pull, which writes it anew each time.",
] as const;
const mostMessages = 10_000;

export function kafkaCommand(): Command {
  const pull = withProjectOptions(new Command("pull"))
    .argument("[bootstrap]", "brokers as host:9092, comma separated, instead of the configured ones")
    .description(
      "Write the topics of Kafka that the code does not declare as EXTERNALLY_MANAGED streams, with the types of their newest JSON messages. Nothing is committed.",
    )
    .option("--file-path <file>", "file to write, in the folder of the project", "app/externalStreams.ts")
    .option("--include <pattern>", "only topics of such names; * stands for anything", "*")
    .option("--exclude <pattern>", "no topics of such names")
    .addOption(
      new Option("--messages <count>", "messages of each topic that are looked at; 0 for none")
        .default(100)
        .argParser(readCount),
    )
    .action((bootstrap: string | undefined, flags: PullFlags) =>
      runOnce(flags, { needsCode: true, needsServer: false, onlyLooks: false }, (shot) =>
        pullTopics(shot, flags, bootstrap),
      ),
    );
  return new Command("kafka").description("Work with a Kafka that exists.").addCommand(pull);
}

function readCount(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= mostMessages) return number;
  throw new InvalidArgumentError(`a whole number up to ${mostMessages} is needed`);
}

async function pullTopics(shot: OneShot, flags: PullFlags, bootstrap: string | undefined): Promise<number> {
  const { settings, colors } = shot;
  const brokers = bootstrap === undefined ? undefined : readBrokers(bootstrap);
  if (bootstrap !== undefined && brokers === undefined) {
    shot.problems([badBootstrap(bootstrap)]);
    return 1;
  }
  const loading = loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, access] = await Promise.all([loading, reachKafka(withBrokers(settings, brokers))]);
  try {
    shot.problems(code.diagnostics);
    if (hasErrors(code.diagnostics)) return 1;
    if (access.kafka === undefined) {
      shot.problems([noBroker(noKafka(access))]);
      return 1;
    }
    return await write(shot, flags, access.kafka, code.map);
  } catch (error) {
    const { KafkaProblem } = await import("../kafka/problem.js");
    if (!(error instanceof KafkaProblem)) throw error;
    shot.problems([away(`${error.code}: ${error.message}`)]);
    return 1;
  } finally {
    await access.close();
  }
}

function withBrokers(
  settings: Settings,
  brokers: ReturnType<typeof readBrokers>,
): Pick<Settings, "kafka" | "folder" | "topics"> {
  if (brokers === undefined) return settings;
  return { ...settings, kafka: { ...(settings.kafka ?? plainKafka("localhost")), brokers } };
}

async function write(shot: OneShot, flags: PullFlags, kafka: Kafka, code: InfraMap): Promise<number> {
  const { inspectTopics } = await import("../kafka/inspect.js");
  const { colors, settings } = shot;
  const file = pulledFile(shot, flags.filePath);
  const { topics: live, unreadable } = await inspectTopics(kafka);
  const chosen = chosenTopics(
    live.map(({ topic }) => topic),
    code,
    file.shown,
    flags,
  );
  const { namespace } = settings.topics;
  const prefix = namespace === "" ? "" : `${namespace}.`;
  const topics = chosen.filter(({ name }) => name.startsWith(prefix));
  const sampled = await sampledTopics(kafka, topics, prefix, flags.messages);
  const { text, omitted } = writeStreams(sampled.topics, head);
  const notes = [
    ...omitted,
    ...sampled.notes,
    ...chosen
      .filter((one) => !topics.includes(one))
      .map(({ name }) => `topic ${name} is outside of the namespace ${namespace}`),
    ...unreadable.map(({ name, reason }) => `topic ${name}: ${reason}`),
  ];
  const own = { text, firstLine: head[0], command: "moose kafka pull" };
  if (!(await writePulled(shot, file, own))) return 1;
  const names = topics.map(({ name }) => name);
  if (shot.isJson) shot.json({ file: file.shown, topics: names, omitted: notes });
  for (const one of notes) shot.say(colors.yellow(`not written: ${one}`));
  shot.say(`${file.shown}: ${names.length} ${names.length === 1 ? "topic" : "topics"}`);
  shot.say(importHint(shot));
  return 0;
}

/** Those that the patterns name, without those that other files declare. */
function chosenTopics(
  live: readonly Topic[],
  code: InfraMap,
  file: string,
  { include, exclude }: PullFlags,
): readonly Topic[] {
  const isIncluded = pattern(include);
  const isExcluded = exclude === undefined ? () => false : pattern(exclude);
  return live.filter(({ name }) => {
    const place = code.topics.get(name)?.place;
    const isDeclared = code.topics.has(name) && place?.file !== file;
    return !isDeclared && isIncluded(name) && !isExcluded(name);
  });
}

function pattern(text: string): (name: string) => boolean {
  const parts = text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const form = new RegExp(`^${parts.join(".*")}$`);
  return (name) => form.test(name);
}

interface SampledTopics {
  readonly topics: readonly SampledTopic[];
  /** What could not be told. */
  readonly notes: readonly string[];
}

async function sampledTopics(
  kafka: Kafka,
  topics: readonly Topic[],
  prefix: string,
  messages: number,
): Promise<SampledTopics> {
  const { sampleMessages } = await import("../kafka/sample.js");
  const names = topics.map(({ name }) => name);
  const samples =
    messages === 0 ? new Map<string, Sampled>() : await sampleMessages(kafka, names, { messages });
  const notes: string[] = [];
  return {
    notes,
    topics: topics.map((topic) => {
      const sample = samples.get(topic.name) ?? { values: [] };
      if ("reason" in sample)
        notes.push(`the messages of ${topic.name} could not be read (${sample.reason})`);
      const values = "reason" in sample ? [] : sample.values;
      const objects = values.flatMap((value) => jsonObject(value) ?? []);
      if (objects.length < values.length)
        notes.push(`${values.length - objects.length} messages of ${topic.name} are no JSON objects`);
      const name = topic.name.slice(prefix.length);
      return { topic, name, shape: inferShape(objects), messages: objects.length };
    }),
  };
}

/** A message as JSON; one of a schema registry has five bytes before. */
function jsonObject(value: Buffer): object | undefined {
  const text = (value[0] === 0 ? value.subarray(5) : value).toString("utf8");
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function badBootstrap(text: string): Diagnostic {
  return {
    code: "cli/bad-bootstrap",
    severity: "error",
    summary: `${text} is no address of brokers`,
    hint: "write host:9092, or several of them with commas between",
  };
}

function noBroker(condition: ReturnType<typeof noKafka>): Diagnostic {
  return {
    code: "cli/no-broker",
    severity: "error",
    summary: "nothing says where Kafka is",
    hint: `name it: moose kafka pull host:9092${"hint" in condition ? `; or ${condition.hint}` : ""}`,
  };
}

function away(detail: string): Diagnostic {
  return {
    code: "cli/kafka-away",
    severity: "error",
    summary: "Kafka cannot be reached, so no file was written",
    detail,
    hint: "check the address of the brokers, and how they are spoken to under [kafka_config]",
  };
}
