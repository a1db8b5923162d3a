// IngestApi: the declaration of a route that takes records and puts them into a stream.

import { declarationBrand, register } from "./registry.js";
import type { DeadLetterQueue, Stream } from "./stream.js";

/** Options of an ingest API. */
export interface IngestConfig<T> {
  /** The stream that accepted records go to. */
  readonly destination: Stream<T>;
  /** Where refused records go. Default: that of the stream, or nowhere. */
  readonly deadLetterQueue?: DeadLetterQueue<T>;
  /** Last part of the path, `/ingest/clicks/1.0`. Default: none. */
  readonly version?: string;
  /** Path behind `/ingest/`. Default: the name. */
  readonly path?: string;
  readonly metadata?: { readonly description?: string } & Readonly<Record<string, unknown>>;
}

/**
 * Declares that records of type `T` are taken at `POST /ingest/<name>`.
 *
 * @example
 * const clicksIn = new IngestApi<Click>("clicks", { destination: clicks });
 */
export class IngestApi<T> {
  static readonly [declarationBrand] = true;
  /** The record type, for the type checker only; never set. */
  declare readonly "~moose"?: { readonly schema: T };
  readonly kind = "IngestApi";
  readonly name: string;
  readonly config: IngestConfig<T>;

  constructor(name: string, config: IngestConfig<T>) {
    if (typeof name !== "string" || name === "" || config?.destination === undefined)
      throw new TypeError(
        'IngestApi needs a name and a stream: new IngestApi<Row>("clicks", { destination: clicks })',
      );
    this.name = name;
    this.config = config;
    const { destination, deadLetterQueue: queue, ...rest } = config;
    const nameAndVersion = (stream: Stream<never> | Stream<T>) => ({
      name: stream.name,
      version: stream.config.version,
    });
    register(
      {
        kind: "IngestApi",
        name,
        config: {
          ...rest,
          destination: nameAndVersion(destination),
          ...(queue && { deadLetterQueue: { name: queue.name, version: queue.config.version } }),
        },
      },
      this,
    );
  }
}
