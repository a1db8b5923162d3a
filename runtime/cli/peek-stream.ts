// moose peek --stream: the last messages of a topic, one JSON value a line.

import { writeFile } from "node:fs/promises";
import { versionedName } from "../../src/declare/columns.js";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import { topicName } from "../../src/infra/topic.js";
import type { Kafka } from "../kafka/client.js";
import { topicRanges } from "../kafka/inspect.js";
import { KafkaProblem } from "../kafka/problem.js";
import { loadNativeClient } from "../kafka/records/native-client.js";
import { readLast } from "../kafka/records/read-last.js";
import { loadDesired, reachKafka } from "../reconcile/project.js";
import { noKafka } from "../reconcile/topics/access.js";
import { messageText } from "./message-text.js";
import type { OneShot } from "./one-shot.js";

export interface PeekStreamFlags {
  readonly limit: number;
  readonly file?: string;
  readonly details?: boolean;
  readonly prettify?: boolean;
}

/** @param name - of the stream in the code, or of any topic as Kafka has it */
export async function peekStream(shot: OneShot, name: string, flags: PeekStreamFlags): Promise<number> {
  const code = await loadDesired(shot.settings, (line) => shot.say(shot.colors.dim(`| ${line}`)));
  shot.problems(code.diagnostics);
  if (hasErrors(code.diagnostics)) return 1;
  const client = loadNativeClient();
  const access = await reachKafka(shot.settings);
  const { kafka, namespace } = access;
  try {
    if (kafka === undefined) return fail(shot, notConfigured(access));
    const streams = code.objects?.filter(({ kind }) => kind === "Stream") ?? [];
    const declared = streams.find(
      (one) => one.name === name || versionedName(one.name, one.version) === name,
    );
    const topic = declared === undefined ? name : topicName(declared.name, declared.version, namespace);
    return await peekTopic(shot, { kafka, client, topic }, flags);
  } catch (error) {
    if (!(error instanceof KafkaProblem)) throw error;
    return fail(shot, unreadable(error));
  } finally {
    await access.close();
  }
}

interface Peeked {
  readonly kafka: Kafka;
  readonly client: ReturnType<typeof loadNativeClient>;
  readonly topic: string;
}

async function peekTopic(
  shot: OneShot,
  { kafka, client, topic }: Peeked,
  { limit, file, details = false, prettify = false }: PeekStreamFlags,
): Promise<number> {
  const found = await topicRanges(kafka, topic);
  if (found === undefined) return fail(shot, noTopic(topic));
  const { partitions, ranges } = found;
  const { messages, unread, reason } = await readLast(client, kafka.settings, topic, ranges, { limit });
  const text = messages.map((message) => `${messageText(message, { details, prettify })}\n`).join("");
  if (file === undefined) shot.print(text);
  else await writeFile(file, text);
  const held = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const shown = `${messages.length} of ${held} ${held === 1 ? "message" : "messages"} of the topic ${topic}`;
  shot.say(shot.colors.dim(held === 0 ? `the topic ${topic} is empty` : shown));
  const missing = unread.length + partitions - ranges.length;
  return missing === 0 ? 0 : fail(shot, notAll(topic, missing, reason));
}

function fail(shot: OneShot, problem: Diagnostic): number {
  shot.problems([problem]);
  return 1;
}

function notConfigured(access: Parameters<typeof noKafka>[0]): Diagnostic {
  const condition = noKafka(access);
  return {
    code: "cli/no-kafka",
    severity: "error",
    summary: "nothing says where the Kafka of the streams is, and no moose dev runs one here",
    hint: "hint" in condition ? condition.hint : undefined,
  };
}

function noTopic(topic: string): Diagnostic {
  return {
    code: "cli/no-topic",
    severity: "error",
    summary: `there is no topic ${topic}, or the user may not see it`,
    hint: "moose ls names the streams of the code; moose plan says which topics are missing",
  };
}

function unreadable({ code, message }: KafkaProblem): Diagnostic {
  return {
    code: "cli/kafka-away",
    severity: "error",
    summary: "Kafka could not be read",
    detail: `${code}: ${message}`,
    hint: "the broker and the login under [kafka_config], or MOOSE_KAFKA_CONFIG__BROKER and so on",
  };
}

function notAll(topic: string, partitions: number, reason: string | undefined): Diagnostic {
  return {
    code: "cli/not-all-read",
    severity: "error",
    summary: `${partitions} ${partitions === 1 ? "partition" : "partitions"} of ${topic} could not be read in time`,
    detail: reason,
    hint: "messages may be missing from the result; try again when all brokers are up",
  };
}
