// Answers about a project that moose dev and moose prod give alike: from its database, and what its code declares.

import { writeInfraChanges } from "../../src/format/infra-changes.js";
import { readInfraMap } from "../../src/format/inframap-json.js";
import { writeTable } from "../../src/format/table-json.js";
import type { HistoryEntry } from "../../src/status/history-entry.js";
import { infraChangesReport } from "../../src/status/infra-changes-report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { JournalReader } from "../clickhouse/journal.js";
import { LiveTables } from "../clickhouse/live-tables.js";
import type { Settings } from "../config/settings.js";
import { planProject } from "../reconcile/plan-project.js";
import type { Planned } from "../reconcile/planner.js";
import type { Answer, Discrepancies } from "./admin-port.js";

export interface Asked {
  readonly clickhouse: ClickHouse;
  readonly settings: Settings;
}

/** The newest first. */
export async function historyOf(
  { clickhouse, settings }: Asked,
  limit: number,
): Promise<readonly HistoryEntry[]> {
  const runs = await new JournalReader(clickhouse, settings.project).runs({ limit });
  return runs.map(({ endedAt, startedAt, error, pid: _, ...rest }) => ({
    ...rest,
    startedAt: isoTime(startedAt),
    endedAt: endedAt === "" ? undefined : isoTime(endedAt),
    error: error === "" ? undefined : error,
  }));
}

/** @param value - an InfraMap in the JSON of the existing tool */
export async function planAgainst({ clickhouse, settings }: Asked, value: unknown): Promise<Answer<unknown>> {
  const { map, problems } = readInfraMap(value);
  if (problems.length > 0) return { ok: false, problems: problems.map(({ summary }) => summary) };
  const { database } = settings.clickhouse;
  const { planned, report } = await planProject(
    clickhouse,
    { map, diagnostics: [], objects: [] },
    {
      ...{ project: settings.project, database, adopt: [], renames: [] },
      ignored: settings.migration.ignoreOperations,
    },
  );
  return { ok: true, value: infraChangesReport(report, planned, database) };
}

/** @param planned - the code against the database, as it is now */
export async function discrepancies(
  { clickhouse, settings }: Asked,
  planned: Planned,
): Promise<Discrepancies> {
  const { database } = settings.clickhouse;
  const { actual, wanted, changes } = planned;
  const databases = [database, ...[...wanted.tables.values()].map((table) => table.database)];
  const live = await new LiveTables(clickhouse).refresh([...new Set(databases)], performance.now());
  const unmanaged = planned.unmanaged.flatMap((address) => live.get(address)?.table ?? []);
  const mismatched = changes.filter(({ kind }) => kind !== "TableAdded" && kind !== "TableRemoved");
  return {
    unmappedTables: unmanaged.map((table) => writeTable(table, database)),
    missingTables: [...wanted.tables]
      .filter(([address]) => !actual.tables.has(address))
      .map(([, { name }]) => name),
    mismatchedTables: writeInfraChanges(mismatched, [], database)
      .olap_changes as Discrepancies["mismatchedTables"],
  };
}

/** `2026-11-25 01:00:56.123456` of the server, in UTC. */
function isoTime(text: string): string {
  const time = new Date(`${text.replace(" ", "T").slice(0, 23)}Z`);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

export const notConnected = {
  code: "http/not-connected",
  severity: "error",
  summary: "the schema is not read yet, or ClickHouse is not reached",
  hint: "GET /admin/status says what is waited for",
} as const;
