import { DeadLetterQueue, type Key, LifeCycle, OlapTable, Stream } from "@514labs/moose-lib";

interface Click {
  id: Key<string>;
  page: string;
  at: Date;
}

export const clickTable = new OlapTable<Click>("clicks", { orderByFields: ["id", "at"] });

export const refusedClicks = new DeadLetterQueue<Click>("clicks_refused");

/** A topic of three partitions that keeps a day. */
export const clicks = new Stream<Click>("clicks", {
  parallelism: 3,
  retentionPeriod: 86_400,
  keyedBy: "page",
  config: { "cleanup.policy": "delete", "segment.ms": 3_600_000 },
  destination: clickTable,
  defaultDeadLetterQueue: refusedClicks,
  lifeCycle: LifeCycle.DELETION_PROTECTED,
});
