// Drift as a list of old against new, for a page or a program that shows both sides.

import type { Change } from "../diff/change.js";
import type { Address } from "../infra/address.js";
import { aspectText, changeText, columnText, settingsText } from "./change-text.js";

/** One thing that is not as it was left. */
export interface DriftedPart {
  /** `column n`, `ORDER BY`, `settings`, `table` */
  readonly what: string;
  /** As it was last applied; empty where it did not exist. */
  readonly before: string;
  /** As it is; empty where it is gone. */
  readonly after: string;
}

/** A resource that somebody else has changed. */
export interface DriftEntry {
  readonly address: Address;
  readonly parts: readonly DriftedPart[];
}

/** @param changes - from what was applied last to what is there */
export function driftEntries(changes: readonly Change[]): readonly DriftEntry[] {
  const addresses = [...new Set(changes.map(({ address }) => address))];
  return addresses.map((address) => ({
    address,
    parts: changes.filter((change) => change.address === address).flatMap((change) => partsOf(change)),
  }));
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
