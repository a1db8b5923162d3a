// A difference of views as one line for people, from what is expected to what is there.

import type { ViewAspect, ViewChange } from "../diff/view-change.js";
import type { View } from "../infra/view.js";
import { targetAddress } from "../infra/view.js";

/** `+ view`, `~ query: SELECT a FROM t -> SELECT b FROM t` */
export function viewChangeText(change: ViewChange): string {
  switch (change.kind) {
    case "ViewAdded":
      return `+ ${noun(change.view)}`;
    case "ViewRemoved":
      return `- ${noun(change.view)}`;
    case "ViewChanged":
      return `~ ${change.aspects
        .map((aspect) => aspectText(aspect, change.viewBefore, change.view))
        .join(", ")}`;
  }
}

export function noun({ kind }: View): string {
  return { View: "view", MaterializedView: "materialized view", Dictionary: "dictionary" }[kind];
}

function aspectText(aspect: ViewAspect, before: View, after: View): string {
  switch (aspect) {
    case "query":
      return `query: ${before.select} -> ${after.select}`;
    case "target":
      return `target: ${targetAddress(before) ?? "its own"} -> ${targetAddress(after) ?? "its own"}`;
    case "refresh":
      return `refresh: ${before.refresh || "none"} -> ${after.refresh || "none"}`;
    case "kind":
      return `${noun(before)} -> ${noun(after)}`;
    case "columns":
      return "columns of its tables have changed";
  }
}
