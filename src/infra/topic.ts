// A topic of the model: the same value for a stream that code declares and a topic that was read from Kafka.

import type { SourcePlace } from "../diagnostic.js";
import type { LifeCycle } from "./lifecycle.js";

export interface Topic {
  /** As Kafka has it, with namespace and version. */
  readonly name: string;
  readonly partitions: number;
  /** Undefined where the broker's default is meant. */
  readonly replicationFactor: number | undefined;
  /** Topic configs by name that are set on the topic itself; those left at the broker's default are not here. */
  readonly config: Readonly<Record<string, string>>;
  readonly lifeCycle: LifeCycle;
  /** Where the code declares the stream; absent on what was read from a broker. */
  readonly place?: SourcePlace | undefined;
}
