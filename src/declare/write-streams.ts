// Topics that exist become the TypeScript that declares them, with message types as samples show them.

import type { Topic } from "../infra/topic.js";
import type { Field, Shape } from "./infer-shape.js";
import { freeName, pascal, type WrittenModels } from "./write-models.js";

export interface SampledTopic {
  readonly topic: Topic;
  /** Its name without the namespace. */
  readonly name: string;
  /** Undefined where no message told it. */
  readonly shape: Shape | undefined;
  /** How many messages told it. */
  readonly messages: number;
}

/**
 * One interface and one Stream for each topic, which are managed elsewhere.
 *
 * @param head - first lines of the file, as comments
 */
export function writeStreams(topics: readonly SampledTopic[], head: readonly string[]): WrittenModels {
  const names = new Set<string>();
  const omitted: string[] = [];
  const models = topics.map((sampled) => {
    const { name, topic, messages } = sampled;
    const type = freeName(pascal(name), names, "Stream");
    names.add(type);
    const doc =
      messages === 0 ? "" : `/** As ${messages} ${messages === 1 ? "message" : "messages"} show it. */\n`;
    return [
      `${doc}export interface ${type} {\n${fieldLines(sampled, omitted).join("")}}\n`,
      `export const ${type}Stream = new Stream<${type}>(${JSON.stringify(name)}, {\n${optionLines(topic)}});\n`,
    ].join("\n");
  });
  const lines = head.map((line) => `// ${line}\n`).join("");
  return {
    text: `${lines}\nimport { LifeCycle, Stream } from "@514labs/moose-lib";\n\n${models.join("\n")}`,
    omitted,
  };
}

function fieldLines({ name, shape }: SampledTopic, omitted: string[]): readonly string[] {
  if (shape?.kind !== "object") {
    const why = shape === undefined ? "No message tells its fields" : "The messages have no fields in common";
    return [`  /** ${why}: write them here. */\n  value?: string;\n`];
  }
  const fields = [...shape.fields].filter(([field]) => {
    const isGood = isFieldName(field);
    if (!isGood)
      omitted.push(`topic ${name}: a field cannot be called ${JSON.stringify(field.slice(0, 60))}`);
    return isGood;
  });
  if (fields.length === 0)
    return ["  /** No message tells its fields: write them here. */\n  value?: string;\n"];
  return fields.map(([field, one]) => {
    const note = noteOf(one.shape);
    return `${note === undefined ? "" : `  /** ${note} */\n`}  ${fieldText(field, one, "  ")};\n`;
  });
}

/** What ClickHouse and TypeScript both take for a name. */
function isFieldName(name: string): boolean {
  return name !== "" && name.length <= 200 && /^[^\p{C}`"\\]+$/u.test(name);
}

function noteOf(shape: Shape | undefined): string | undefined {
  if (shape === undefined) return "Only null was seen: write its type here.";
  if (shape.kind === "mixed") return "Values of several types were seen: write one here.";
  return shape.kind === "array" && shape.element === undefined
    ? "It was always empty: write the type of its elements here."
    : undefined;
}

function fieldText(name: string, { shape, isNullable, isOptional }: Field, indent: string): string {
  const key = /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : JSON.stringify(name);
  const type = typeText(shape, indent);
  const canBeNull = isNullable && (shape === undefined || !isWhole(shape));
  // A list or an object that is null sometimes is left out sometimes: neither can hold null in ClickHouse.
  const isLeftOut = isOptional || shape === undefined || (isNullable && isWhole(shape));
  return `${key}${isLeftOut ? "?" : ""}: ${type}${canBeNull ? " | null" : ""}`;
}

function isWhole({ kind }: Shape): boolean {
  return kind === "array" || kind === "object" || kind === "map";
}

function typeText(shape: Shape | undefined, indent: string): string {
  switch (shape?.kind) {
    case undefined:
    case "mixed":
    case "string":
      return "string";
    case "date":
      return "Date";
    case "number":
    case "boolean":
      return shape.kind;
    case "map":
      return "Record<string, any>";
    case "array":
      return listText(shape.element, indent);
    case "object": {
      const deeper = `${indent}  `;
      const fields = [...shape.fields]
        .filter(([name]) => isFieldName(name))
        .map(([name, field]) => `${deeper}${fieldText(name, field, deeper)};\n`);
      return fields.length === 0 ? "Record<string, any>" : `{\n${fields.join("")}${indent}}`;
    }
  }
}

function listText(element: Field | undefined, indent: string): string {
  const text = typeText(element?.shape, indent);
  const isNullable = element?.isNullable === true && (element.shape === undefined || !isWhole(element.shape));
  return isNullable ? `(${text} | null)[]` : `${text}[]`;
}

function optionLines({ partitions, config }: Topic): string {
  const { "retention.ms": retention, ...others } = config;
  const seconds = Number(retention) / 1_000;
  const isPeriod = retention === "-1" || (Number.isInteger(seconds) && seconds > 0);
  const rest = isPeriod || retention === undefined ? others : config;
  const shown = Object.entries(rest).filter(([, value]) => value !== "");
  const lines = [
    ...(partitions === undefined ? [] : [`parallelism: ${partitions}`]),
    ...(isPeriod ? [`retentionPeriod: ${retention === "-1" ? -1 : seconds}`] : []),
    ...(shown.length === 0 ? [] : [`config: ${JSON.stringify(Object.fromEntries(shown))}`]),
    "lifeCycle: LifeCycle.EXTERNALLY_MANAGED",
  ];
  return lines.map((line) => `  ${line},\n`).join("");
}
