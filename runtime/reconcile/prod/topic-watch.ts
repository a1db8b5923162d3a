// Looks at the topics of a server that is ready, by few and small requests: two for all of them, and not at each look.

import type { Topic } from "../../../src/infra/topic.js";
import { KafkaProblem } from "../../kafka/problem.js";
import { declaredPart } from "../drift-between.js";
import type { KafkaAccess } from "../topics/access.js";

export interface TopicLook {
  /** As they are, with those configs alone that the code declares; those that could not be read as they were. */
  readonly topics: ReadonlyMap<string, Topic>;
  /** Undefined where there is nothing to ask for. */
  readonly isKafkaReached: boolean | undefined;
}

/** Between two looks that nobody asked for, in milliseconds. */
const pauseMs = 30_000;

export class TopicWatch {
  readonly #access: KafkaAccess | undefined;
  readonly #declared: ReadonlyMap<string, Topic>;
  readonly #applied: ReadonlyMap<string, Topic>;
  #last: TopicLook;
  #nextMs: number;

  /** @param applied - what Kafka had when it matched the schema */
  constructor(
    access: KafkaAccess | undefined,
    declared: ReadonlyMap<string, Topic>,
    applied: ReadonlyMap<string, Topic>,
    nowMs: number,
  ) {
    this.#access = access;
    this.#declared = declared;
    this.#applied = new Map([...applied].map(([name, topic]) => [name, this.#declaredPart(topic)]));
    this.#last = { topics: this.#applied, isKafkaReached: applied.size === 0 ? undefined : true };
    this.#nextMs = nowMs + pauseMs;
  }

  get applied(): ReadonlyMap<string, Topic> {
    return this.#applied;
  }

  /** @param isAsked - somebody wants to know now */
  async look(nowMs: number, isAsked: boolean): Promise<TopicLook> {
    const kafka = this.#access?.kafka;
    if (kafka === undefined || this.#applied.size === 0 || (!isAsked && nowMs < this.#nextMs))
      return this.#last;
    this.#nextMs = nowMs + pauseMs;
    try {
      const { inspectNamed } = await import("../../kafka/inspect.js");
      const { topics, unreadable } = await inspectNamed(kafka, [...this.#applied.keys()]);
      const found = new Map(topics.map(({ topic }) => [topic.name, this.#declaredPart(topic)]));
      for (const { name } of unreadable) {
        const before = this.#applied.get(name);
        if (before !== undefined) found.set(name, before);
      }
      this.#last = { topics: found, isKafkaReached: true };
    } catch (error) {
      if (!(error instanceof KafkaProblem)) throw error;
      this.#last = { ...this.#last, isKafkaReached: false };
    }
    return this.#last;
  }

  #declaredPart(topic: Topic): Topic {
    return declaredPart(topic, this.#declared.get(topic.name));
  }
}
