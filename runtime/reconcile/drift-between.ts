// Drift of objects that were left in some state: how they are now, whatever else there is.

import { diff } from "../../src/diff/diff.js";
import { diffTopics } from "../../src/diff/diff-topics.js";
import { diffViews } from "../../src/diff/diff-views.js";
import { emptyInfraMap, type InfraMap } from "../../src/infra/inframap.js";
import type { Topic } from "../../src/infra/topic.js";
import type { Drift } from "../../src/status/drift-entry.js";

/** From how it was left to how it is; what was not there then is no drift. */
export function driftBetween(left: InfraMap, now: InfraMap): Drift {
  return {
    tables: tablesDrifted(left.tables, now.tables),
    views: viewsDrifted(left.views, now.views),
    topics: topicsDrifted(left.topics, now.topics),
  };
}

export function tablesDrifted(left: InfraMap["tables"], now: InfraMap["tables"]): Drift["tables"] {
  const [before, after] = moved(left, now);
  if (before.size === 0) return [];
  return diff({ ...emptyInfraMap, tables: before }, { ...emptyInfraMap, tables: after });
}

export function viewsDrifted(left: InfraMap["views"], now: InfraMap["views"]): Drift["views"] {
  const [before, after] = moved(left, now);
  return diffViews({ views: before }, { views: after });
}

export function topicsDrifted(left: InfraMap["topics"], now: InfraMap["topics"]): Drift["topics"] {
  const [before, after] = moved(left, now);
  return diffTopics(before, after, (name) => new Set(Object.keys(left.get(name)?.config ?? {})));
}

/** Both sides of what is another value now; what has not moved is the very same. */
function moved<T>(
  left: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
): readonly [before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>] {
  const before = new Map([...left].filter(([name, one]) => now.get(name) !== one));
  const after = [...before.keys()].flatMap((name) => {
    const one = now.get(name);
    return one === undefined ? [] : [[name, one] as const];
  });
  return [before, new Map(after)];
}

/** What the code says of a topic, and nothing of what others set on it beside. */
export function declaredPart(
  { name, partitions, replicationFactor, config, lifeCycle }: Topic,
  declared: Topic | undefined,
): Topic {
  const own = Object.entries(config).filter(([key]) => declared?.config[key] !== undefined);
  return { name, partitions, replicationFactor, config: Object.fromEntries(own), lifeCycle };
}
