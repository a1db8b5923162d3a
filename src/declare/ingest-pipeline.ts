// IngestPipeline: a table, a stream that fills it, and a route that fills the stream, declared together.

import type { LifeCycle } from "../infra/lifecycle.js";
import { IngestApi, type IngestConfig } from "./ingest-api.js";
import type { OlapConfig } from "./olap-config.js";
import { OlapTable } from "./olap-table.js";
import { declarationBrand, register } from "./registry.js";
import { type DeadLetterModel, DeadLetterQueue, Stream, type StreamConfig } from "./stream.js";

/** Options of a pipeline. Each part is left out with `false`, made with `true`, or made with options. */
export interface IngestPipelineConfig<T> {
  readonly table: boolean | OlapConfig<T>;
  readonly stream: boolean | Omit<StreamConfig<T>, "destination">;
  readonly ingestApi?: boolean | Omit<IngestConfig<T>, "destination">;
  /** @deprecated called `ingestApi` now */
  readonly ingest?: boolean | Omit<IngestConfig<T>, "destination">;
  readonly deadLetterQueue?: boolean | StreamConfig<DeadLetterModel>;
  /** Of all parts that name none. */
  readonly version?: string;
  /** Of the route, behind `/ingest/`. Default: the name. */
  readonly path?: string;
  readonly metadata?: { readonly description?: string } & Readonly<Record<string, unknown>>;
  /** Of the table and the streams, where they have none of their own. */
  readonly lifeCycle?: LifeCycle;
}

/**
 * Declares the way of records into a table: `POST /ingest/<name>` -> stream -> table.
 *
 * @typeParam T - the type of a record
 * @throws Error when there is a route but no stream for it to write to
 *
 * @example
 * const clicks = new IngestPipeline<Click>("clicks", { table: true, stream: true, ingestApi: true });
 */
export class IngestPipeline<T> {
  static readonly [declarationBrand] = true;
  /** The record type, for the type checker only; never set. */
  declare readonly "~moose"?: { readonly schema: T };
  readonly kind = "IngestPipeline";
  readonly name: string;
  readonly config: IngestPipelineConfig<T>;
  readonly table: OlapTable<T> | undefined;
  readonly stream: Stream<T> | undefined;
  readonly ingestApi: IngestApi<T> | undefined;
  readonly deadLetterQueue: DeadLetterQueue<T> | undefined;

  constructor(name: string, config: IngestPipelineConfig<T>) {
    if (typeof name !== "string" || name === "")
      throw new TypeError(
        'IngestPipeline needs a name: new IngestPipeline<Row>("clicks", { table: true, .. })',
      );
    this.name = name;
    this.config = config;
    const { version, lifeCycle, metadata, path } = config;
    const shared = {
      ...(lifeCycle !== undefined && { lifeCycle }),
      ...(metadata !== undefined && { metadata }),
    };
    const versioned = version === undefined ? {} : { version };
    const parts = { ...shared, ...versioned };
    const api = config.ingestApi ?? config.ingest ?? false;
    if (api !== false && config.stream === false)
      throw new Error(`Ingest API needs a stream to write to: IngestPipeline "${name}" has none`);
    this.table = isOn(config.table)
      ? new OlapTable<T>(name, { ...shared, ...options(config.table), ...versioned } as OlapConfig<T>)
      : undefined;
    this.deadLetterQueue = isOn(config.deadLetterQueue)
      ? new DeadLetterQueue<T>(`${name}DeadLetterQueue`, { ...parts, ...options(config.deadLetterQueue) })
      : undefined;
    this.stream = isOn(config.stream)
      ? new Stream<T>(name, {
          ...shared,
          ...options(config.stream),
          ...versioned,
          ...(this.table && { destination: this.table }),
          ...(this.deadLetterQueue && { defaultDeadLetterQueue: this.deadLetterQueue }),
        })
      : undefined;
    this.ingestApi =
      api !== false && this.stream !== undefined
        ? new IngestApi<T>(name, {
            ...options(api),
            ...versioned,
            ...(metadata !== undefined && { metadata }),
            ...(path !== undefined && { path }),
            destination: this.stream,
            ...(this.deadLetterQueue && { deadLetterQueue: this.deadLetterQueue }),
          })
        : undefined;
    register({ kind: "IngestPipeline", name, config: { version, path, lifeCycle, metadata } }, this);
  }
}

function isOn<C extends object>(part: boolean | C | undefined): part is true | C {
  return part !== undefined && part !== false;
}

function options<C extends object>(part: boolean | C): C | Record<never, never> {
  return typeof part === "boolean" ? {} : part;
}
