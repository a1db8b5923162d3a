// Drift as a list of old against new, for a page or a program that shows both sides.

import type { Change } from "../diff/change.js";
import { nameOfChange, type TopicChange } from "../diff/topic-change.js";
import type { ViewAspect, ViewChange } from "../diff/view-change.js";
import type { Address } from "../infra/address.js";
import { topicAddress } from "../infra/topic.js";
import { targetAddress, type View } from "../infra/view.js";
import { aspectText, changeText, columnText, settingsText } from "./change-text.js";
import { noun } from "./view-change-text.js";

/** One thing that is not as it was left. */
export interface DriftedPart {
  /** `column n`, `ORDER BY`, `settings`, `table` */
  readonly what: string;
  /** As it was last applied; empty where it did not exist. */
  readonly before: string;
  /** As it is; empty where it is gone. */
  readonly after: string;
}

/** Everything that somebody else has changed, from what was applied last to what is there. */
export interface Drift {
  readonly tables: readonly Change[];
  readonly views: readonly ViewChange[];
  readonly topics: readonly TopicChange[];
}

export const noDrift: Drift = { tables: [], views: [], topics: [] };

/** A resource that somebody else has changed. */
export interface DriftEntry {
  /** `local.events`, `topic:events` */
  readonly address: Address;
  readonly parts: readonly DriftedPart[];
}

/** How many things are not as they were left. */
export function driftSize({ tables, views, topics }: Drift): number {
  return tables.length + views.length + topics.length;
}

export function driftEntries({ tables, views, topics }: Drift): readonly DriftEntry[] {
  const parts = new Map<Address, DriftedPart[]>();
  const note = (address: Address, found: readonly DriftedPart[]) =>
    parts.set(address, [...(parts.get(address) ?? []), ...found]);
  for (const change of tables) note(change.address, partsOf(change));
  for (const change of views) note(change.address, partsOfView(change));
  for (const change of topics) note(topicAddress(nameOfChange(change)), partsOfTopic(change));
  return [...parts].map(([address, found]) => ({ address, parts: found }));
}

function partsOf(change: Change): readonly DriftedPart[] {
  switch (change.kind) {
    case "LayoutChanged":
      return change.aspects.map(({ aspect, before, after }) => ({ what: aspect, before, after }));
    case "ColumnChanged":
      return change.aspects.map((aspect) => ({
        what: `column ${change.to.name}: ${aspect}`,
        before: aspectText(change.from, aspect),
        after: aspectText(change.to, aspect),
      }));
    case "ColumnRenamed":
      return [{ what: "column", before: columnText(change.from), after: columnText(change.to) }];
    case "TableRenamed":
      return [{ what: "name", before: change.renamed.name, after: change.after.name }];
    case "TtlChanged":
      return [{ what: "TTL", before: change.before.ttl, after: change.after.ttl }];
    case "SampleByChanged":
      return [{ what: "SAMPLE BY", before: change.before.sampleBy, after: change.after.sampleBy }];
    case "CommentChanged":
      return [{ what: "comment", before: change.before.comment, after: change.after.comment }];
    case "SettingsChanged": {
      const [before, after] = [settingsText(change.before.settings), settingsText(change.after.settings)];
      return [{ what: "settings", before, after }];
    }
    default:
      return [wholePart(changeText(change))];
  }
}

/** What came or went as a whole: `+ index by_name`. */
function wholePart(text: string): DriftedPart {
  const [sign, whole] = [text.slice(0, 1), text.slice(2)];
  const what = whole.split(" ").slice(0, 2).join(" ");
  return sign === "-" ? { what, before: whole, after: "" } : { what, before: "", after: whole };
}

function partsOfView(change: ViewChange): readonly DriftedPart[] {
  switch (change.kind) {
    case "ViewAdded":
      return [{ what: noun(change.view), before: "", after: change.view.select }];
    case "ViewRemoved":
      return [{ what: noun(change.view), before: change.view.select, after: "" }];
    case "ViewChanged":
      return change.aspects.map((aspect) => ({
        what: aspect,
        before: viewText(change.viewBefore, aspect),
        after: viewText(change.view, aspect),
      }));
  }
}

function viewText(view: View, aspect: ViewAspect): string {
  switch (aspect) {
    case "query":
      return view.select;
    case "target":
      return targetAddress(view) ?? "its own";
    case "refresh":
      return view.refresh || "none";
    case "kind":
      return noun(view);
    case "columns":
      return (view.columns ?? []).map(({ name, type }) => `${name} ${type}`).join(", ");
  }
}

function partsOfTopic(change: TopicChange): readonly DriftedPart[] {
  switch (change.kind) {
    case "TopicAdded":
      return [{ what: "topic", before: "", after: change.topic.name }];
    case "TopicRemoved":
      return [{ what: "topic", before: change.topic.name, after: "" }];
    case "TopicPartitionsChanged":
      return [{ what: "partitions", before: String(change.from), after: String(change.to) }];
    case "TopicReplicationChanged":
      return [{ what: "replicas", before: String(change.from), after: String(change.to) }];
    case "TopicConfigChanged": {
      const keys = [...Object.keys(change.set), ...change.reset];
      const of = (side: "before" | "after", key: string) =>
        change[side].config[key] ?? "the broker's default";
      return keys.map((key) => ({ what: key, before: of("before", key), after: of("after", key) }));
    }
  }
}
