// Workflow, Task and ETLPipeline: declarations of work that is done step by step.

import { declarationBrand, register } from "./registry.js";

/** What a task is given. */
export interface TaskContext<Input> {
  /** What belongs to the run, shared by its tasks. */
  readonly state: Record<string, unknown>;
  readonly input: Input;
}

/** Options of a task. */
export interface TaskConfig<Input, Output> {
  readonly run: (context: TaskContext<Input>) => Output | Promise<Output>;
  /** Tasks that are given the result. Default: none. */
  readonly onComplete?: readonly AnyTask[];
  readonly onCancel?: (context: TaskContext<Input>) => void | Promise<void>;
  /** `"30s"`, `"1h"`, `"never"`. Default: one hour. */
  readonly timeout?: string;
  /** How often it is tried again. Default: 3. */
  readonly retries?: number;
}

/** A task, whatever it takes and gives. */
interface AnyTask {
  readonly kind: "Task";
  readonly name: string;
}

function checked(kind: string, name: unknown, config: unknown): void {
  if (typeof name !== "string" || name === "" || typeof config !== "object" || config === null)
    throw new TypeError(`${kind} needs a name and its options`);
}

/**
 * Declares a step of a workflow.
 *
 * @example
 * const load = new Task<{ day: string }, void>("load", { run: async ({ input }) => fetchDay(input.day) });
 */
export class Task<Input = null, Output = void> {
  static readonly [declarationBrand] = true;
  readonly kind = "Task";
  readonly name: string;
  readonly config: TaskConfig<Input, Output>;

  constructor(name: string, config: TaskConfig<Input, Output>) {
    checked("Task", name, config);
    this.name = name;
    this.config = config;
    const { timeout, retries, onComplete = [] } = config;
    register(
      { kind: "Task", name, config: { timeout, retries, onComplete: onComplete.map((one) => one.name) } },
      this,
    );
  }
}

/** Options of a workflow. */
export interface WorkflowConfig {
  readonly startingTask: AnyTask;
  /** `"@every 1h"` or five fields of cron. Default: it runs when it is started. */
  readonly schedule?: string;
  /** Default: one hour. */
  readonly timeout?: string;
  /** Default: 3. */
  readonly retries?: number;
}

/**
 * Declares tasks that run one after the other.
 *
 * @example
 * const nightly = new Workflow("nightly", { startingTask: load, schedule: "0 2 * * *" });
 */
export class Workflow {
  static readonly [declarationBrand] = true;
  readonly kind = "Workflow";
  readonly name: string;
  readonly config: WorkflowConfig;

  constructor(name: string, config: WorkflowConfig) {
    checked("Workflow", name, config);
    this.name = name;
    this.config = config;
    const { startingTask, ...rest } = config;
    register({ kind: "Workflow", name, config: { ...rest, startingTask: startingTask?.name } }, this);
  }
}

/** Options of an ETL pipeline. */
export interface ETLPipelineConfig<T, U> {
  readonly extract: AsyncIterable<T> | (() => AsyncIterable<T>);
  readonly transform: (record: T) => Promise<U>;
  readonly load: ((records: U[]) => Promise<void>) | { readonly name: string };
}

/** Declares that records are read from somewhere, changed, and written to a table or by a function. */
export class ETLPipeline<T, U> {
  static readonly [declarationBrand] = true;
  readonly kind = "ETLPipeline";
  readonly name: string;
  readonly config: ETLPipelineConfig<T, U>;

  constructor(name: string, config: ETLPipelineConfig<T, U>) {
    checked("ETLPipeline", name, config);
    this.name = name;
    this.config = config;
    register({ kind: "ETLPipeline", name, config: {} }, this);
  }
}
