// Plain values of the files of migrations, and the checked way of reading them: each problem carries its path.

import type { Diagnostic } from "../diagnostic.js";

/** What JSON and YAML can hold. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

export type PlainObject = { readonly [key: string]: PlainValue };

/** Where inside of a document: keys of objects and numbers of list entries. */
export type Path = readonly (string | number)[];

/** A problem of a document; whoever knows its text turns the path into a line. */
export interface FormatProblem extends Diagnostic {
  readonly path: Path;
}

/** More problems than these help nobody. */
const maxProblems = 100;

/** What a file holds may be of any length; what is said of it may not. */
const maxSummary = 400;

function shortened(text: string): string {
  return text.length <= maxSummary ? text : `${text.slice(0, maxSummary)}..`;
}

/** Collects the problems of one document. */
export class ProblemList {
  readonly #problems: FormatProblem[] = [];
  #subject = "";

  get all(): readonly FormatProblem[] {
    return this.#problems;
  }

  get count(): number {
    return this.#problems.length;
  }

  add(path: Path, code: string, summary: string, hint?: string): void {
    if (this.#problems.length >= maxProblems) return;
    const subject = this.#subject === "" ? "" : `${this.#subject}: `;
    this.#problems.push({ path, code, severity: "error", summary: shortened(subject + summary), hint });
  }

  /** Problems that `read` finds name `subject`: `table events`. */
  about<T>(subject: string, read: () => T): T {
    const outer = this.#subject;
    this.#subject = subject;
    try {
      return read();
    } finally {
      this.#subject = outer;
    }
  }
}

interface Step {
  readonly from: Spot;
  readonly key: string | number;
}

/**
 * One value of a document with its path. A getter that does not find what it is called for notes a problem and gives an
 * empty value, so that a reader goes on and finds the others; what was read counts only without problems.
 */
export class Spot {
  readonly value: unknown;
  readonly problems: ProblemList;
  /** The path, or how to come to it: a large document has many values, and few of them a problem. */
  readonly #way: Path | Step;

  constructor(value: unknown, way: Path | Step, problems: ProblemList) {
    this.value = value;
    this.#way = way;
    this.problems = problems;
  }

  get path(): Path {
    const way = this.#way;
    return "from" in way ? [...way.from.path, way.key] : way;
  }

  /** True where nothing is given: no such key, or null. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get isObject(): boolean {
    return isObject(this.value);
  }

  field(name: string): Spot {
    const value = isObject(this.value) && Object.hasOwn(this.value, name) ? this.value[name] : undefined;
    return new Spot(value, { from: this, key: name }, this.problems);
  }

  /** The fields of an object, in the order of the document. */
  fields(): readonly (readonly [string, Spot])[] {
    if (!isObject(this.value)) {
      this.wrong("a mapping");
      return [];
    }
    return Object.entries(this.value).map(([key, value]) => [
      key,
      new Spot(value, { from: this, key }, this.problems),
    ]);
  }

  list(): readonly Spot[] {
    if (!Array.isArray(this.value)) {
      this.wrong("a list");
      return [];
    }
    return this.value.map((entry, index) => new Spot(entry, { from: this, key: index }, this.problems));
  }

  optionalList(): readonly Spot[] {
    return this.isAbsent ? [] : this.list();
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.wrong("text", "");
  }

  /** Empty where there is none. */
  optionalText(): string {
    return this.isAbsent ? "" : this.text();
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.wrong("true or false", false);
  }

  optionalFlag(): boolean {
    return this.isAbsent ? false : this.flag();
  }

  wholeNumber(least: number, most: number): number {
    const { value } = this;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    return this.wrong(`a whole number from ${least} to ${most}`, least);
  }

  problem(code: string, summary: string, hint?: string): void {
    this.problems.add(this.path, code, summary, hint);
  }

  wrong(wanted: string): void;
  wrong<T>(wanted: string, fallback: T): T;
  wrong<T>(wanted: string, fallback?: T): T | undefined {
    if (this.value === undefined)
      this.problem("format/missing-field", `${this.name} is missing; it is ${wanted}`);
    else this.problem("format/wrong-type", `${this.name} must be ${wanted}, not ${shown(this.value)}`);
    return fallback;
  }

  /** What the value is called in messages: its last key. */
  get name(): string {
    const key = this.path.at(-1);
    if (key === undefined) return "the document";
    return typeof key === "number"
      ? `entry ${key + 1} of ${this.path.at(-2) ?? "the document"}`
      : key.slice(0, 60);
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 40)}..` : text;
}

/** The same value with the keys of every object in order, as the files have them. */
export function sortedKeys(value: PlainValue): PlainValue {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isObject(value)) return value;
  const entries = Object.entries(value as PlainObject).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedKeys(inner)]));
}
