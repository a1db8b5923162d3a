// Stream and DeadLetterQueue: the declaration of a Kafka topic.

import type { LifeCycle } from "../infra/lifecycle.js";
import type { FieldOf } from "./engine-options.js";
import type { OlapTable } from "./olap-table.js";
import { declarationBrand, register } from "./registry.js";

/** The schema of a registry under which messages are written. Kept with the stream; no registry is asked yet. */
export interface KafkaSchemaConfig {
  readonly kind: "JSON" | "AVRO" | "PROTOBUF";
  readonly reference:
    | { readonly id: number }
    | { readonly subjectLatest: string }
    | { readonly subject: string; readonly version: number };
}

/** Options of a stream. */
export interface StreamConfig<T> {
  /** Number of partitions, from 1 up. It can grow, never shrink. Default: 1 for a new topic; one that exists stays as it is. */
  readonly parallelism?: number;
  /** How long messages are kept, in seconds; -1 for ever. Default: 604800, a week. */
  readonly retentionPeriod?: number;
  /** Copies of each message, at most the number of brokers. Default: `replication_factor` of the project, else the broker's. */
  readonly replicationFactor?: number;
  /**
   * Any other config of the topic, as Kafka names it: `{ "cleanup.policy": "compact" }`. One that is taken out here goes
   * back to the broker's default; those that others have set on the topic are left alone. Default: none.
   */
  readonly config?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Field whose value is the key of a message: those of one key keep their order. Default: messages have no key. */
  readonly keyedBy?: FieldOf<T>;
  /** The table that messages go to. Default: none. */
  readonly destination?: OlapTable<T>;
  /** Becomes part of the topic's name, `events` of version `"1.0"` is `events_1_0`. Several versions can stand side by side. */
  readonly version?: string;
  readonly metadata?: { readonly description?: string };
  /** What moose may do to the topic. Default: `LifeCycle.FULLY_MANAGED`. */
  readonly lifeCycle?: LifeCycle;
  /** Where messages go that a transform or the destination refuses. Default: none. */
  readonly defaultDeadLetterQueue?: DeadLetterQueue<T>;
  readonly schemaConfig?: KafkaSchemaConfig;
  /**
   * Name of the stream that this one takes the place of. Kafka cannot rename a topic: the new one is made beside the old,
   * which keeps its messages until this option is taken out. Default: none.
   */
  readonly renamedFrom?: string;
}

/** What a transform or a consumer can be told. */
export interface HandlerConfig<T> {
  /** Tells several of one stream apart. Default: none. */
  readonly version?: string;
  readonly metadata?: { readonly description?: string };
  /** Where messages go that it throws on; null for nowhere. Default: that of the stream. */
  readonly deadLetterQueue?: DeadLetterQueue<T> | null;
}

/** Nothing, one value or several, now or later. */
export type Produced<U> = U | readonly U[] | null | undefined | Promise<U | readonly U[] | null | undefined>;

/** Values on their way to a stream, as `routed` makes it. */
export interface RoutedMessage {
  readonly destination: { readonly name: string };
  readonly values: unknown;
}

/**
 * Declares a Kafka topic whose messages are values of `T`.
 *
 * @typeParam T - the type of a message, an interface or an object type
 * @param name - the topic's name, without namespace and version: letters, digits, `.`, `_` and `-`
 * @param config - see {@link StreamConfig}
 * @throws TypeError when `name` is empty or no text
 *
 * @example
 * interface Click { page: string; at: Date }
 * const clicks = new Stream<Click>("clicks", { parallelism: 3, retentionPeriod: 86_400 });
 */
export class Stream<T> {
  static readonly [declarationBrand] = true;
  /** The message type, for the type checker only; never set. */
  declare readonly "~moose"?: { readonly schema: T };
  readonly name: string;
  readonly config: StreamConfig<T>;

  constructor(name: string, config: StreamConfig<T> = {}) {
    if (typeof name !== "string" || name === "") {
      throw new TypeError('Stream needs a name: new Stream<Message>("clicks", { parallelism: 3 })');
    }
    this.name = name;
    this.config = config;
    const { destination, defaultDeadLetterQueue: queue, ...rest } = config;
    register(
      {
        kind: "Stream",
        name,
        config: {
          ...rest,
          ...(destination && {
            destination: {
              // A versioned table has another name there.
              name: destination.nameInClickHouse ?? destination.name,
              database: destination.config?.database,
            },
          }),
          ...(this instanceof DeadLetterQueue && { holdsDeadLetters: true }),
          ...(queue && { defaultDeadLetterQueue: { name: queue.name, version: queue.config?.version } }),
        },
      },
      this,
    );
  }

  /**
   * Writes messages.
   *
   * @throws Error always: this version declares topics, and moves no messages yet
   */
  send(_values: T | readonly T[]): Promise<void> {
    throw new Error(`messages are not sent to streams yet: ${this.name}.send() has written nothing`);
  }

  /** Declares that each message becomes messages of another stream. It is kept, and not run yet. */
  addTransform<U>(
    destination: Stream<U>,
    _transform: (message: T) => Produced<U>,
    config: HandlerConfig<T> = {},
  ): void {
    this.#handler("transform", { to: destination.name, version: config.version });
  }

  /** Declares that something is done with each message. It is kept, and not run yet. */
  addConsumer(_consumer: (message: T) => void | Promise<void>, config: HandlerConfig<T> = {}): void {
    this.#handler("consumer", { version: config.version });
  }

  /** Declares that each message becomes messages of several streams, see {@link routed}. It is kept, and not run yet. */
  addMultiTransform(_transform: (message: T) => readonly RoutedMessage[]): void {
    this.#handler("multi-transform", {});
  }

  /** Addresses values to this stream, as the result of a multi-transform. */
  routed(values: Produced<T>): RoutedMessage {
    return { destination: this, values };
  }

  #handler(handler: string, config: Readonly<Record<string, unknown>>): void {
    register({ kind: "StreamHandler", name: this.name, config: { ...config, handler } });
  }
}

/** A message that was refused, with the reason. */
export interface DeadLetterModel {
  /** The message as it came. */
  originalRecord: Record<string, unknown>;
  errorMessage: string;
  errorType: string;
  failedAt: Date;
  source: "api" | "transform" | "table";
}

/**
 * Declares the topic for messages of type `T` that were refused: a stream of {@link DeadLetterModel}.
 *
 * @example
 * const refused = new DeadLetterQueue<Click>("clicks_refused");
 * const clicks = new Stream<Click>("clicks", { defaultDeadLetterQueue: refused });
 */
export class DeadLetterQueue<T> extends Stream<DeadLetterModel> {
  /** The type of the original messages, for the type checker only; never set. */
  declare readonly "~original"?: T;
}
