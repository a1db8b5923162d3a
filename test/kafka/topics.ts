// Topics for the tests.

import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Topic } from "../../src/infra/topic.js";

let last = 0;

/** A topic of a name that no other test has. */
export function topicOf(parts: Partial<Topic> = {}): Topic {
  last += 1;
  return {
    ...{ name: `topic.${last}`, partitions: 1, replicationFactor: undefined, config: {} },
    ...{ lifeCycle: LifeCycle.FULLY_MANAGED, ...parts },
  };
}
