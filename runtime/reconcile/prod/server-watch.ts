// What a server that is ready looks at from time to time: its tables, views and topics, held against what was applied.

import { DriftWatch } from "./drift-watch.js";
import type { Ground } from "./ground.js";
import type { Look } from "./look.js";
import type { ProdState } from "./prod-state.js";
import { TopicWatch } from "./topic-watch.js";

export type WatchLook = Pick<ProdState, "drift" | "isKafkaReached" | "unfinishedMutations">;

export class ServerWatch {
  readonly #ground: Ground;
  readonly #topics: TopicWatch;
  readonly #drift: DriftWatch;

  /** @param found - by the look in which everything was in line */
  constructor(ground: Ground, { planned: { actual } }: Look) {
    this.#ground = ground;
    const { kafka, desired } = ground;
    this.#topics = new TopicWatch(kafka, desired.map.topics, actual.topics, performance.now());
    this.#drift = new DriftWatch({ ...actual, topics: this.#topics.applied });
  }

  /** @param isAsked - somebody wants to know now, also of the topics */
  async look(isAsked: boolean): Promise<WatchLook> {
    const [found, { topics, isKafkaReached }, unfinishedMutations] = await Promise.all([
      this.#ground.refresh(),
      this.#topics.look(performance.now(), isAsked),
      this.#ground.unfinishedMutations(),
    ]);
    return { drift: this.#drift.compare({ ...found, topics }), isKafkaReached, unfinishedMutations };
  }
}
