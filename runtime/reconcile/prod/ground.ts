// What a server stands on while it runs: what it is to bring about, its connection, and what it has read so far.

import type { Address } from "../../../src/infra/address.js";
import type { OwnDeployment } from "../../../src/policy/supersede.js";
import type { ClickHouse } from "../../clickhouse/client.js";
import { inspectViews, type LiveViews } from "../../clickhouse/inspect-views.js";
import { type Live, LiveTables } from "../../clickhouse/live-tables.js";
import { countUnfinished } from "../../clickhouse/mutations.js";
import type { Settings } from "../../config/settings.js";
import type { KafkaAccess } from "../topics/access.js";
import { type MessageCounts, MessageWatch } from "../topics/message-watch.js";
import type { DesiredState } from "./desired-source.js";
import { type Look, look } from "./look.js";
import { countMs } from "./pauses.js";

export interface GroundOptions {
  readonly kafka: KafkaAccess | undefined;
  /** Existing tables to take over. */
  readonly adopt: readonly Address[];
  /** Told of the messages of the streams from now on. */
  readonly onCounts: (counts: MessageCounts) => void;
}

const noKafkaIsSet = { code: "CLOSED", message: "no Kafka is configured" };

export class Ground {
  readonly desired: DesiredState;
  readonly clickhouse: ClickHouse;
  readonly deployment: OwnDeployment;
  readonly kafka: KafkaAccess | undefined;
  readonly #settings: Settings;
  readonly #adopt: readonly Address[];
  readonly #messages: MessageWatch;
  #liveTables: LiveTables;

  private constructor(
    settings: Settings,
    desired: DesiredState,
    clickhouse: ClickHouse,
    deployment: OwnDeployment,
    { kafka, adopt, onCounts }: GroundOptions,
  ) {
    this.#settings = settings;
    this.desired = desired;
    this.clickhouse = clickhouse;
    this.deployment = deployment;
    this.kafka = kafka;
    this.#adopt = adopt;
    this.#liveTables = new LiveTables(clickhouse);
    this.#messages = new MessageWatch({ pollMs: countMs, onCounts });
    const names = [...desired.map.topics.keys()];
    if (kafka?.kafka !== undefined) this.#messages.watch(kafka.kafka, names);
    else if (names.length > 0) onCounts({ streams: new Map(), problem: noKafkaIsSet });
  }

  /** @param startedAtMs - of this process, in Unix time by its own clock */
  static async open(
    settings: Settings,
    desired: DesiredState,
    clickhouse: ClickHouse,
    startedAtMs: number,
    options: GroundOptions,
  ): Promise<Ground> {
    const rows = await clickhouse.rows<{ now: string }>("SELECT toUnixTimestamp64Milli(now64(3)) AS now");
    const serverNowMs = Number(rows[0]?.now ?? Date.now());
    const { hash, builtAtMs } = desired;
    const startedMs = serverNowMs - (Date.now() - startedAtMs);
    return new Ground(settings, desired, clickhouse, { hash, builtAtMs, startedMs }, options);
  }

  /** The code against the database, reading only what has changed since the last look. */
  look(): Promise<Look> {
    return this.#lookWith(this.#liveTables);
  }

  /** The same for whoever asks in between, beside a look that may be under way. */
  lookAside(): Promise<Look> {
    return this.#lookWith(new LiveTables(this.clickhouse));
  }

  /** The declared tables and views as they are now; where there are no views, none is asked for. */
  async refresh(): Promise<{ readonly tables: Live; readonly views: LiveViews }> {
    const { tables, views } = this.desired.map;
    const ofViews = [...new Set([...views.values()].map(({ database }) => database))];
    const ofTables = [...new Set([...tables.values()].map(({ database }) => database))];
    const [liveTables, liveViews] = await Promise.all([
      this.#liveTables.refresh(ofTables, performance.now()),
      inspectViews(this.clickhouse, ofViews),
    ]);
    return { tables: liveTables, views: liveViews };
  }

  /** Rewrites in the background that are under way in the databases of the declared tables. */
  unfinishedMutations(): Promise<number> {
    const databases = [...this.desired.map.tables.values()].map(({ database }) => database);
    return countUnfinished(this.clickhouse, [...new Set(databases)]);
  }

  async close(): Promise<void> {
    this.#messages.stop();
    await this.clickhouse.close();
  }

  /** What is remembered of the tables counts no more. */
  forget(): void {
    this.#liveTables = new LiveTables(this.clickhouse);
  }

  #lookWith(liveTables: LiveTables): Promise<Look> {
    return look(this.clickhouse, {
      settings: this.#settings,
      desired: { map: this.desired.map, diagnostics: [] },
      deployment: this.deployment,
      liveTables,
      kafka: this.kafka,
      adopt: this.#adopt,
    });
  }
}
