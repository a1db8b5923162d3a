// Which changes of a topic's config let messages go that would have stayed.

import { effectiveConfig, type Topic } from "../infra/topic.js";

interface ConfigChange {
  readonly before: Topic;
  readonly set: Readonly<Record<string, string>>;
  readonly reset: readonly string[];
}

/** Kafka's own defaults, for where the broker's could not be read. */
const kafkasDefaults: Readonly<Record<string, string>> = {
  "cleanup.policy": "delete",
  "retention.ms": "604800000",
  "retention.bytes": "-1",
};

/** The configs whose change deletes messages, or can. */
export function losingConfigs({ before, set, reset }: ConfigChange): readonly string[] {
  const now = (key: string) => effectiveConfig(before, key) ?? kafkasDefaults[key] ?? "";
  const later = (key: string) => {
    if (set[key] !== undefined) return set[key];
    return reset.includes(key) ? (before.defaults?.[key] ?? kafkasDefaults[key] ?? "") : now(key);
  };
  const policies = (text: string) => text.split(",").map((one) => one.trim());
  const policy = policies(later("cleanup.policy"));
  const gained = policy.filter((one) => !policies(now("cleanup.policy")).includes(one));
  const shorter = ["retention.ms", "retention.bytes"].filter(
    (key) => policy.includes("delete") && isShorter(now(key), later(key)),
  );
  return [...(gained.length > 0 ? ["cleanup.policy"] : []), ...shorter];
}

/** -1 is without end; what is no number is taken for a loss. */
function isShorter(from: string, to: string): boolean {
  const [before, after] = [limit(from), limit(to)];
  return Number.isNaN(before) || Number.isNaN(after) ? from !== to : after < before;
}

function limit(text: string): number {
  const value = text === "" ? Number.NaN : Number(text);
  return value < 0 ? Number.POSITIVE_INFINITY : value;
}
