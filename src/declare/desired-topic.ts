// Declared streams: their configs and message types become topics of the model, or say what is wrong with them.

import { type Diagnostic, formatPlace } from "../diagnostic.js";
import { LifeCycle } from "../infra/lifecycle.js";
import { canonicalConfig, type Topic, topicName } from "../infra/topic.js";
import { typeText } from "../sql/type.js";
import type { Registration } from "./registration.js";
import type { RowField, RowSchema } from "./row-schema.js";
import { streamProblems } from "./stream-problems.js";

export interface TopicOptions {
  /** Put before the name of each topic, with a dot; `namespace` of the Kafka section of the project. */
  readonly namespace?: string | undefined;
  /** Copies of each message where the stream does not say; undefined for the broker's default. */
  readonly replicationFactor?: number | undefined;
  /** Database of tables that name none. */
  readonly database: string;
}

interface Declared {
  readonly registration: Registration;
  /** Undefined where the type could not be read, which has been said. */
  readonly schema: RowSchema | undefined;
}

export interface DesiredTopics {
  readonly topics: readonly Topic[];
  readonly diagnostics: readonly Diagnostic[];
}

/** How long messages are kept where nobody says, in seconds: a week. */
const defaultRetention = 604_800;

export function desiredTopics(declarations: readonly Declared[], options: TopicOptions): DesiredTopics {
  const topics: Topic[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { registration, schema } of declarations) {
    if (registration.kind !== "Stream" || schema === undefined) continue;
    const topic = topicOf(registration, schema, options);
    const problems = streamProblems(registration, topic, schema);
    diagnostics.push(...problems);
    if (problems.length === 0) topics.push(topic);
  }
  return {
    topics,
    diagnostics: [
      ...diagnostics,
      ...nameClashes(topics),
      ...renameProblems(topics),
      ...handlersNotRun(declarations),
    ],
  };
}

function topicOf({ name, config }: Registration, schema: RowSchema, options: TopicOptions): Topic {
  const version = text(config.version);
  const lifeCycle =
    Object.values(LifeCycle).find((known) => known === config.lifeCycle) ?? LifeCycle.FULLY_MANAGED;
  const renamedFrom = text(config.renamedFrom);
  const given = configs(config.config);
  const retention = retentionMs(config.retentionPeriod ?? defaultRetention);
  const isImplied = config.retentionPeriod === undefined && given["retention.ms"] === undefined;
  const projects = lifeCycle === LifeCycle.EXTERNALLY_MANAGED ? undefined : options.replicationFactor;
  return {
    name: topicName(name, version, options.namespace),
    partitions: number(config.parallelism),
    replicationFactor: number(config.replicationFactor) ?? projects,
    config: sorted({ "retention.ms": retention, ...given }),
    implied: isImplied ? ["retention.ms"] : [],
    lifeCycle,
    columns: config.holdsDeadLetters === true ? deadLetterColumns : schema.fields.map(columnOf),
    destination: destinationOf(config.destination, options.database),
    isKeyed: text(config.keyedBy) !== undefined,
    renamedFrom: renamedFrom === undefined ? undefined : topicName(renamedFrom, undefined, options.namespace),
    version,
    place: schema.place,
  };
}

/** The fields of a DeadLetterModel, whatever the type of the messages that were refused. */
const deadLetterColumns = [
  ["originalRecord", "JSON"],
  ["errorMessage", "String"],
  ["errorType", "String"],
  ["failedAt", "DateTime('UTC')"],
  ["source", "LowCardinality(String)"],
].map(([name = "", type = ""]) => ({ name, type, default: undefined, comment: "", codec: "", ttl: "" }));

function columnOf({ name, type, default: value, comment, codec, ttl, place }: RowField) {
  return { name, type: typeText(type), default: value, comment, codec, ttl, place };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function retentionMs(seconds: unknown): string {
  return typeof seconds !== "number" || seconds < 0 ? "-1" : String(Math.round(seconds * 1_000));
}

function configs(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .map(([key, one]) => [key, canonicalConfig(String(one))]),
  );
}

function sorted(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function destinationOf(value: unknown, database: string): Topic["destination"] {
  const fields: { readonly name?: unknown; readonly database?: unknown } =
    typeof value === "object" && value !== null ? value : {};
  const name = text(fields.name);
  return name === undefined ? undefined : { database: text(fields.database) ?? database, name };
}

/** Two topics of one name, and two that Kafka's metrics could not tell apart, which it refuses. */
function nameClashes(topics: readonly Topic[]): readonly Diagnostic[] {
  const first = new Map<string, Topic>();
  return topics.flatMap((topic): readonly Diagnostic[] => {
    const key = topic.name.replaceAll(".", "_");
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, topic);
      return [];
    }
    const at = earlier.place === undefined ? "an unknown place" : formatPlace(earlier.place);
    const isSame = earlier.name === topic.name;
    return [
      {
        code: isSame ? "declare/duplicate-stream" : "declare/colliding-streams",
        severity: "error",
        summary: isSame
          ? `the topic ${topic.name} is declared twice`
          : `the topics ${earlier.name} and ${topic.name} differ only in . and _, which Kafka does not allow`,
        detail: `the first declaration is at ${at}`,
        place: topic.place,
        hint: isSame
          ? "remove one of them, or give it another name or version"
          : "give one of them another name",
      },
    ];
  });
}

function renameProblems(topics: readonly Topic[]): readonly Diagnostic[] {
  const declared = new Set(topics.map(({ name }) => name));
  return topics.flatMap(({ name, renamedFrom: from, place }): readonly Diagnostic[] => {
    if (from === undefined || !declared.has(from)) return [];
    return [
      {
        code: "declare/ambiguous-rename",
        severity: "error",
        summary: `stream ${name} has renamedFrom: "${from}", which is still declared`,
        place,
        hint: "take renamedFrom out, or the other stream",
      },
    ];
  });
}

/** Said once for all of them: what a user adds and nothing runs must not be silent. */
function handlersNotRun(declarations: readonly Declared[]): readonly Diagnostic[] {
  const handlers = declarations.filter(({ registration }) => registration.kind === "StreamHandler");
  if (handlers.length === 0) return [];
  const streams = [...new Set(handlers.map(({ registration }) => registration.name))].sort();
  const kinds = new Set(handlers.map(({ registration }) => `${String(registration.config.handler)}s`));
  return [
    {
      code: "declare/handlers-not-run",
      severity: "warning",
      summary: `the ${[...kinds].sort().join(" and ")} of ${streams.join(", ")} are not run yet: only their topics are managed`,
    },
  ];
}
