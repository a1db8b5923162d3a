// Tells what others have changed from what the rounds of moose dev have done themselves, and have not put right.

import { emptyInfraMap, type InfraMap, onlyAt } from "../../src/infra/inframap.js";
import { type DriftEntry, type DriftedPart, driftEntries } from "../../src/status/drift-entry.js";
import { declaredPart, driftBetween } from "./drift-between.js";

/** What a round has seen at one moment. */
export interface SeenByRound {
  /** Everything that exists. */
  readonly live: InfraMap;
  /** Of it what is declared, or moose's. */
  readonly managed: InfraMap;
  /** What the code wants, in the form of the server. */
  readonly wanted: InfraMap;
  /** Names of topics that exist and may not be read. */
  readonly unreadable?: ReadonlySet<string>;
}

export class DevDrift {
  /** How the managed objects were when nothing had drifted. */
  #left: InfraMap | undefined;
  /** What moose has done since, or the code says too: no drift. */
  readonly #ours = new Set<string>();
  /** What had drifted when the round began that is under way. */
  #foreign: ReadonlySet<string> | undefined;

  /** The look with which a round begins. */
  begins(seen: SeenByRound): void {
    // What a round has done that came to no end is its own.
    if (this.#foreign !== undefined) this.ends(seen);
    const left = followed(this.#left, seen);
    this.#left = left;
    this.#foreign = new Set([...keysOf(since(left, seen.live, seen))].filter((key) => !this.#ours.has(key)));
  }

  /** The look after it. Gives what others have changed, and the round has left so. */
  ends(seen: SeenByRound): readonly DriftEntry[] {
    const left = followed(this.#left, seen);
    const found = since(left, seen.live, seen);
    const foreign = this.#foreign ?? new Set();
    this.#foreign = undefined;
    const addresses = new Set(found.map(({ address }) => address));
    const agreed =
      addresses.size === 0 ? new Set() : keysOf(since(onlyAt(addresses, left), seen.wanted, seen));
    for (const key of keysOf(found)) if (!foreign.has(key) || agreed.has(key)) this.#ours.add(key);
    const drift = found.flatMap(({ address, parts }) => {
      const open = parts.filter((part) => !this.#ours.has(keyOf(address, part)));
      return open.length === 0 ? [] : [{ address, parts: open }];
    });
    if (drift.length === 0) this.#ours.clear();
    this.#left = drift.length === 0 ? followed(undefined, seen) : left;
    return drift;
  }
}

/** What was left, as far as it is still moose's business, and what has become so since. */
function followed(left: InfraMap | undefined, seen: SeenByRound): InfraMap {
  const { live, managed, wanted, unreadable } = seen;
  const section = <T>(sectionOf: (map: InfraMap) => ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
    const [now, isManaged, isWanted] = [sectionOf(live), sectionOf(managed), sectionOf(wanted)];
    const isFollowed = (name: string) => isManaged.has(name) || isWanted.has(name);
    const kept = left === undefined ? [] : [...sectionOf(left)];
    return new Map([
      ...[...now].filter(([name]) => isFollowed(name)),
      ...kept.filter(([name]) => (isFollowed(name) || !now.has(name)) && unreadable?.has(name) !== true),
    ]);
  };
  return {
    ...emptyInfraMap,
    tables: section(({ tables }) => tables),
    views: section(({ views }) => views),
    topics: section(({ topics }) => topics),
  };
}

function since(left: InfraMap, now: InfraMap, { wanted }: SeenByRound): readonly DriftEntry[] {
  return driftEntries(driftBetween(declaredOf(left, wanted), declaredOf(now, wanted)));
}

function declaredOf(map: InfraMap, { topics: declared }: InfraMap): InfraMap {
  const topics = [...map.topics].map(([name, one]) => [name, declaredPart(one, declared.get(name))] as const);
  return { ...map, topics: new Map(topics) };
}

function keysOf(entries: readonly DriftEntry[]): ReadonlySet<string> {
  return new Set(entries.flatMap(({ address, parts }) => parts.map((part) => keyOf(address, part))));
}

function keyOf(address: string, { what, before, after }: DriftedPart): string {
  return JSON.stringify([address, what, before, after]);
}
