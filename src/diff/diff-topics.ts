// diffTopics: topics as they are and as they should be in, the changes between them out.

import { LifeCycle } from "../infra/lifecycle.js";
import { canonicalConfig, effectiveConfig, type Topic } from "../infra/topic.js";
import type { TopicChange } from "./topic-change.js";

type Topics = ReadonlyMap<string, Topic>;

/** Names of the configs of a topic that moose has set; empty for a topic that is not its own. */
export type OwnConfigs = (topic: string) => ReadonlySet<string>;

/**
 * Changes that turn `before` into `after`, by name.
 *
 * @param own - configs that are neither moose's nor declared are no difference, whatever they say
 */
export function diffTopics(before: Topics, after: Topics, own: OwnConfigs): readonly TopicChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name): readonly TopicChange[] => {
    const [found, wanted] = [before.get(name), after.get(name)];
    if (found === undefined) return wanted === undefined ? [] : [{ kind: "TopicAdded", topic: wanted }];
    if (wanted === undefined)
      return [{ kind: "TopicRemoved", topic: found, successor: successorOf(found, after) }];
    return diffTopic(found, wanted, own(name));
  });
}

function successorOf({ name }: Topic, after: Topics): string | undefined {
  return [...after.values()].find(({ renamedFrom }) => renamedFrom === name)?.name;
}

function diffTopic(before: Topic, after: Topic, own: ReadonlySet<string>): readonly TopicChange[] {
  const changes: TopicChange[] = [];
  const [from, to] = [before.partitions, after.partitions];
  if (from !== undefined && to !== undefined && from !== to)
    changes.push({ kind: "TopicPartitionsChanged", before, after, from, to });
  const [copies, wanted] = [before.replicationFactor, after.replicationFactor];
  if (copies !== undefined && wanted !== undefined && copies !== wanted)
    changes.push({ kind: "TopicReplicationChanged", before, after, from: copies, to: wanted });
  const set = differing(before, after, own);
  const reset = Object.keys(before.config)
    .filter((key) => own.has(key) && after.config[key] === undefined)
    .sort();
  if (Object.keys(set).length + reset.length > 0)
    changes.push({ kind: "TopicConfigChanged", before, after, set, reset });
  return changes;
}

/** Declared configs that have another value, or none. Of a topic that others manage, what counts is what applies. */
function differing(before: Topic, after: Topic, own: ReadonlySet<string>): Readonly<Record<string, string>> {
  const isExternal = after.lifeCycle === LifeCycle.EXTERNALLY_MANAGED;
  const entries = Object.entries(after.config).filter(([key, value]) => {
    if (after.implied?.includes(key) === true && !own.has(key)) return false;
    const now = isExternal ? effectiveConfig(before, key) : before.config[key];
    return now === undefined || canonicalConfig(now) !== canonicalConfig(value);
  });
  return Object.fromEntries(entries);
}

/** Configs on topics that neither the code declares nor moose has set, by topic: `retention.bytes = 1000`. */
export function unmanagedConfigs(
  before: Topics,
  after: Topics,
  own: OwnConfigs,
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  return new Map(
    [...before].flatMap(([name, topic]) => {
      const wanted = after.get(name);
      if (wanted === undefined) return [];
      const isImplied = (key: string) => wanted.implied?.includes(key) === true && !own(name).has(key);
      const others = Object.entries(topic.config).filter(
        ([key]) => (wanted.config[key] === undefined && !own(name).has(key)) || isImplied(key),
      );
      return others.length === 0 ? [] : [[name, Object.fromEntries(others)] as const];
    }),
  );
}
