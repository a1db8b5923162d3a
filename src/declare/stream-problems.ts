// What can be wrong with one declared stream: its name, its numbers, its configs.

import type { Diagnostic } from "../diagnostic.js";
import type { Topic } from "../infra/topic.js";
import type { Registration } from "./registration.js";
import type { RowSchema } from "./row-schema.js";

/** Longest name of a topic, in characters. */
const longestName = 249;
const mostPartitions = 200_000;

type Problem = readonly [code: string, summary: string, hint: string];

export function streamProblems(
  { name, config }: Registration,
  topic: Topic,
  schema: RowSchema,
): readonly Diagnostic[] {
  const problems: readonly (Problem | undefined)[] = [
    nameProblem(topic.name),
    numberProblem(name, "parallelism", config.parallelism, mostPartitions),
    numberProblem(name, "replicationFactor", config.replicationFactor, 32_767),
    retentionProblem(name, config.retentionPeriod),
    ...configProblems(name, config),
    replicaProblem(topic),
    keyProblem(name, config.keyedBy, schema),
    fieldProblem(name, schema),
  ];
  return problems.flatMap((problem) => {
    if (problem === undefined) return [];
    const [code, summary, hint] = problem;
    return [{ code, severity: "error", summary, place: schema.place, hint }];
  });
}

function nameProblem(name: string): Problem | undefined {
  const shown = name.length > 60 ? `${name.slice(0, 60)}..` : name;
  if (name.length > longestName) {
    const hint = "give the stream a shorter name";
    const says = `the topic name ${shown} has ${name.length} characters; Kafka allows ${longestName}`;
    return ["declare/topic-name-too-long", says, hint];
  }
  if (!/^[A-Za-z0-9._-]+$/.test(name) || name === "." || name === "..") {
    const hint = "use letters, digits, . _ and - only";
    return ["declare/bad-topic-name", `"${shown}" cannot be the name of a topic`, hint];
  }
  if (!name.startsWith("__")) return undefined;
  const hint = "give the stream a name that does not begin with __";
  return ["declare/internal-topic", `the topic ${shown} is one of Kafka's own`, hint];
}

function numberProblem(stream: string, option: string, value: unknown, most: number): Problem | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return undefined;
  const says = `${option} of stream ${stream} is ${shown(value)}, which is no whole number from 1 to ${most}`;
  return ["declare/bad-stream-option", says, `write ${option}: 1`];
}

function retentionProblem(stream: string, value: unknown): Problem | undefined {
  const isPossible =
    value === undefined ||
    (typeof value === "number" &&
      (value === -1 || value > 0) &&
      Number.isSafeInteger(Math.round(value * 1_000)));
  if (isPossible) return undefined;
  const says = `retentionPeriod of stream ${stream} is ${shown(value)}, which is no number of seconds`;
  return ["declare/bad-stream-option", says, "write retentionPeriod: 604800 for a week, -1 for ever"];
}

function configProblems(
  stream: string,
  { config, retentionPeriod }: Registration["config"],
): readonly Problem[] {
  if (config === undefined || config === null) return [];
  if (typeof config !== "object" || Array.isArray(config)) {
    const says = `config of stream ${stream} is ${shown(config)}, and no map of topic configs`;
    return [["declare/bad-topic-config", says, 'write config: { "cleanup.policy": "compact" }']];
  }
  const wrong = Object.entries(config).filter(
    ([key, value]) =>
      !/^[a-z][a-z0-9.]*$/.test(key) ||
      (value !== null && !["string", "number", "boolean"].includes(typeof value)) ||
      value === "",
  );
  const twice = retentionPeriod !== undefined && "retention.ms" in config;
  return [
    ...wrong.map(([key, value]): Problem => {
      const says = `config of stream ${stream} sets ${key.slice(0, 60)} to ${shown(value)}, which is no topic config`;
      return [
        "declare/bad-topic-config",
        says,
        "write the name as Kafka has it, and a text, number or boolean",
      ];
    }),
    ...(twice
      ? [
          [
            "declare/two-retentions",
            `stream ${stream} has both retentionPeriod and config["retention.ms"]`,
            "keep one of the two",
          ] as const,
        ]
      : []),
  ];
}

/** Kafka takes it, and then refuses every write that wants all replicas to have it. */
function replicaProblem({ name, config, replicationFactor }: Topic): Problem | undefined {
  const least = Number(config["min.insync.replicas"] ?? 1);
  if (replicationFactor === undefined || replicationFactor < 1 || !(least > replicationFactor))
    return undefined;
  const says = `topic ${name} asks for ${least} replicas in sync, and has ${replicationFactor}: nothing could be written to it`;
  return ["declare/too-many-replicas", says, `set min.insync.replicas to ${replicationFactor} or less`];
}

function keyProblem(stream: string, key: unknown, { fields }: RowSchema): Problem | undefined {
  if (key === undefined || fields.some(({ name }) => name === key)) return undefined;
  const says = `stream ${stream} is keyed by ${shown(key)}, which its message type does not have`;
  return ["declare/unknown-field", says, `its fields are ${fields.map(({ name }) => name).join(", ")}`];
}

function fieldProblem(stream: string, { fields }: RowSchema): Problem | undefined {
  if (fields.length > 0) return undefined;
  return [
    "declare/no-columns",
    `the message type of stream ${stream} has no fields`,
    "give the type at least one field",
  ];
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}..` : text;
}
