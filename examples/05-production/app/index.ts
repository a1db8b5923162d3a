// The schema of a small analytics service.

import { type DateTime64, type Key, LifeCycle, OlapTable, type UInt32 } from "@514labs/moose-lib";

interface PageView {
  id: Key<string>;
  at: DateTime64<3>;
  path: string;
  /** Milliseconds until the page could be used. */
  loadedIn: UInt32;
}

interface Purchase {
  id: Key<string>;
  at: DateTime64<3>;
  /** In cents. */
  amount: UInt32;
}

export const pageViews = new OlapTable<PageView>("page_views", {
  orderByFields: ["id", "at"],
  ttl: "at + INTERVAL 90 DAY",
});

/** What customers bought is never deleted by a deployment. */
export const purchases = new OlapTable<Purchase>("purchases", {
  orderByFields: ["id", "at"],
  lifeCycle: LifeCycle.DELETION_PROTECTED,
});
