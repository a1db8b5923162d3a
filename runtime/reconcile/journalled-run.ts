// A run of moose migrate in the journal: what earlier runs of the same migration have written, and where this one writes.

import { randomUUID } from "node:crypto";
import type { ClickHouse } from "../clickhouse/client.js";
import { Journal, JournalReader, type JournalRecord } from "../clickhouse/journal.js";
import type { State } from "../clickhouse/state.js";
import { JournalledSteps } from "./journalled-steps.js";
import type { MigrateOptions } from "./migrate-options.js";

export interface JournalledRun {
  readonly records: readonly JournalRecord[];
  readonly journal: Journal;
  readonly steps: JournalledSteps;
}

/** @param clickhouse - the lock's */
export async function openJournalledRun(
  clickhouse: ClickHouse,
  state: State,
  migrationId: string,
  options: MigrateOptions,
): Promise<JournalledRun> {
  const records = await new JournalReader(clickhouse, options.project).read(migrationId);
  const journal = await Journal.open(clickhouse, state.database, {
    runId: randomUUID(),
    who: options.who,
    host: options.owner.host,
    pid: options.owner.pid,
    toolVersion: options.toolVersion,
  });
  const steps = new JournalledSteps({
    ...{ clickhouse, journal, migrationId, records },
    deadlineMs: options.statementDeadlineMs,
    stop: options.stop,
    onStep: (step) => options.onEvent({ event: "step", step }),
  });
  return { records, journal, steps };
}
