// The indexes, projections and constraints of a declared table: its config becomes parts of the model, or says what is wrong.

import type { Diagnostic, SourcePlace } from "../diagnostic.js";
import type { TableConstraint, TableIndex, TableProjection } from "../infra/table.js";

/** What a config declares, with what is wrong in it. */
export interface DesiredParts {
  readonly indexes: readonly TableIndex[];
  readonly projections: readonly TableProjection[];
  readonly constraints: readonly TableConstraint[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Declared {
  readonly indexes?: unknown;
  readonly projections?: unknown;
  readonly constraints?: unknown;
}

export function desiredParts(table: string, config: Declared, place: SourcePlace): DesiredParts {
  const indexes = read(config.indexes, readIndex);
  const projections = read(config.projections, readProjection);
  const constraints = read(config.constraints, readConstraint);
  return {
    indexes: indexes.good,
    projections: projections.good,
    constraints: constraints.good,
    diagnostics: [
      ...problems(indexes, { table, place, ...ofIndexes }),
      ...problems(projections, { table, place, ...ofProjections }),
      ...problems(constraints, { table, place, ...ofConstraints }),
    ],
  };
}

const ofIndexes = {
  word: "index",
  words: "indexes",
  bad: "declare/bad-index",
  twice: "declare/duplicate-index",
  example: '{ name: "by_name", expression: "lower(name)", type: "bloom_filter", arguments: ["0.01"] }',
} as const;
const ofProjections = {
  word: "projection",
  words: "projections",
  bad: "declare/bad-projection",
  twice: "declare/duplicate-projection",
  example: '{ name: "by_name", body: "SELECT name, count() GROUP BY name" }',
} as const;

const ofConstraints = {
  word: "constraint",
  words: "constraints",
  bad: "declare/bad-constraint",
  twice: "declare/duplicate-constraint",
  example: '{ name: "positive", expression: "price > 0" }',
} as const;

interface Read<T> {
  readonly good: readonly T[];
  /** What is wrong with an entry, in a clause: `the 2nd has no name`. */
  readonly bad: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;

function read<T>(value: unknown, readEntry: (entry: Entry, called: string) => T | string): Read<T> {
  if (value === undefined || value === null) return { good: [], bad: [] };
  if (!Array.isArray(value)) return { good: [], bad: ["what is given is no list"] };
  const entries = value.map((entry: unknown, position) => {
    const fields: Entry = typeof entry === "object" && entry !== null ? { ...entry } : {};
    const name = text(fields.name);
    return readEntry(fields, name === undefined ? `number ${position + 1}` : `"${name}"`);
  });
  return {
    good: entries.filter((entry): entry is Exclude<T, string> => typeof entry !== "string"),
    bad: entries.filter((entry) => typeof entry === "string"),
  };
}

function readIndex(entry: Entry, called: string): TableIndex | string {
  const [name, expression, type] = [text(entry.name), text(entry.expression), text(entry.type)];
  const granularity = entry.granularity ?? 1;
  const parameters = entry.arguments ?? [];
  if (name === undefined) return nameProblem(entry.name, called);
  if (expression === undefined) return `${called} has no expression`;
  if (type === undefined) return `${called} has no type`;
  if (typeof granularity !== "number" || !Number.isInteger(granularity) || granularity < 1)
    return `${called} has the granularity ${String(granularity)}, which is no whole number from 1 up`;
  if (
    !Array.isArray(parameters) ||
    parameters.some((one) => typeof one !== "string" && typeof one !== "number")
  )
    return `${called} has arguments that are no list of texts`;
  const list = parameters.length === 0 ? "" : `(${parameters.join(", ")})`;
  return { name, expression, type: `${type}${list}`, granularity };
}

function readProjection(entry: Entry, called: string): TableProjection | string {
  const [name, body] = [text(entry.name), text(entry.body)];
  if (name === undefined) return nameProblem(entry.name, called);
  return body === undefined ? `${called} has no body` : { name, body };
}

function readConstraint(entry: Entry, called: string): TableConstraint | string {
  const [name, expression] = [text(entry.name), text(entry.expression)];
  const kind = entry.type ?? "CHECK";
  if (name === undefined) return nameProblem(entry.name, called);
  if (expression === undefined) return `${called} has no expression`;
  if (kind !== "CHECK" && kind !== "ASSUME")
    return `${called} has a type that is neither "CHECK" nor "ASSUME"`;
  return { name, kind, expression };
}

function nameProblem(name: unknown, called: string): string {
  const says = typeof name === "string" && name.includes("\0") ? "a NUL character in its name" : "no name";
  return `${called} has ${says}`;
}

/** A text with something in it, without the space around it. */
function text(value: unknown): string | undefined {
  if (typeof value !== "string" || value.trim() === "" || value.includes("\0")) return undefined;
  return value.trim();
}

interface About {
  readonly table: string;
  readonly place: SourcePlace;
  readonly word: string;
  readonly words: string;
  readonly bad: string;
  readonly twice: string;
  readonly example: string;
}

function problems({ good, bad }: Read<{ readonly name: string }>, about: About): readonly Diagnostic[] {
  const { table, place, word, words, example } = about;
  const names = good.map(({ name }) => name);
  const twice = [...new Set(names.filter((name, position) => names.indexOf(name) !== position))];
  return [
    ...bad.map((what): Diagnostic => {
      const summary = `a wrong ${word} of table ${table}: ${what}`;
      return { code: about.bad, severity: "error", summary, place, hint: `write ${example}` };
    }),
    ...twice.map((name): Diagnostic => {
      const summary = `table ${table} has two ${words} called "${name}"`;
      return { code: about.twice, severity: "error", summary, place, hint: "give one of them another name" };
    }),
  ];
}
