// The code's topics as far as they can be compared, in the form in which the brokers show theirs.

import type { InfraMap } from "../../../src/infra/inframap.js";
import { shownConfig } from "../../kafka/config-form.js";
import type { LiveTopics } from "../../kafka/inspect.js";

/** Without those whose configs the user may not read: nothing can be said of them. */
export function inBrokersForm(desired: InfraMap, { unreadable, configKinds }: LiveTopics): InfraMap {
  const names = new Set(unreadable.map(({ name }) => name));
  const topics = [...desired.topics].filter(([name]) => !names.has(name));
  return {
    ...desired,
    topics: new Map(
      topics.map(([name, topic]) => [name, { ...topic, config: shownConfig(topic.config, configKinds) }]),
    ),
  };
}
