// What a server that reconciles by itself is given.

import type { Address } from "../../../src/infra/address.js";
import type { ClickHouse } from "../../clickhouse/client.js";
import type { Settings } from "../../config/settings.js";
import type { Tool } from "../run.js";
import type { KafkaAccess } from "../topics/access.js";
import type { DesiredResult } from "./desired-source.js";
import type { ProdState } from "./prod-state.js";

export interface ProdOptions {
  readonly settings: Settings;
  readonly tool: Tool;
  readonly readDesired: () => Promise<DesiredResult>;
  readonly connect: () => Promise<ClickHouse>;
  /** The way to the Kafka of the streams; without it topics are not looked at. */
  readonly reachKafka?: (() => Promise<KafkaAccess & { close(): Promise<void> }>) | undefined;
  /** Existing tables to take over. */
  readonly adopt: readonly Address[];
  /** Between two looks for drift, in milliseconds. */
  readonly driftIntervalMs: number;
  /** Whether drift is brought back by itself, as far as that destroys nothing. */
  readonly healDrift: boolean;
  /** For one statement, in milliseconds. */
  readonly statementDeadlineMs: number;
  readonly stop: AbortSignal;
  readonly onChange: (state: ProdState) => void;
  readonly onNotice: (text: string) => void;
}
