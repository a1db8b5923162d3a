// Counts of messages as events of moose dev: those that have changed, and a Kafka that is away.

import type { OnDevEvent } from "../dev-event.js";
import type { MessageCounts } from "./message-watch.js";

export function messageEvents(onEvent: OnDevEvent): (counts: MessageCounts) => void {
  let before: MessageCounts["streams"] = new Map();
  return ({ streams, problem }) => {
    if (problem !== undefined) {
      if (problem.code === "CLOSED") return;
      const text = `the messages of the streams cannot be counted (${problem.message})`;
      return onEvent({ event: "notice", text });
    }
    const changed = [...streams.values()].filter((one) => before.get(one.name) !== one);
    before = streams;
    if (changed.length > 0) onEvent({ event: "messages", streams: changed });
  };
}
