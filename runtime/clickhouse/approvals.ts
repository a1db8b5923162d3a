// What people have said of operations that need an approval. Every server of a project reads it; rows are only added.

import type { ApprovalPolicy, Decision } from "../../src/policy/approval.js";
import { quoteIdentifier } from "../../src/sql/quote.js";
import type { ClickHouse } from "./client.js";
import { findStateDatabase, shortLived } from "./state.js";
import { stateRows } from "./state-rows.js";

export interface ApprovalRecord {
  /** Of the operation, or of a whole plan. */
  readonly fingerprint: string;
  /** `used`: it was approved and has been done, so the next of its kind needs another approval. */
  readonly decision: Decision["decision"] | "used";
  readonly by: string;
  readonly planId: string;
  /** What it is about, for people: `DropTable local.events`. */
  readonly subject: string;
}

/** The newest decision on each fingerprint. Needs no lock; empty while there are none. */
export async function readDecisions(
  clickhouse: ClickHouse,
  project: string,
): Promise<ApprovalPolicy["decisions"]> {
  const rows = await stateRows<{ fingerprint: string; decision: string; by: string }>(
    clickhouse,
    { project, table: "approvals" },
    (table) =>
      `SELECT fingerprint, argMax(decision, at) AS decision, argMax(by, at) AS by FROM ${table} GROUP BY fingerprint`,
  );
  return new Map(
    rows.flatMap(({ fingerprint, decision, by }): readonly (readonly [string, Decision])[] =>
      decision === "approved" || decision === "rejected" ? [[fingerprint, { decision, by }]] : [],
    ),
  );
}

/** Needs no lock: who writes last has the last word. */
export async function writeApprovals(
  clickhouse: ClickHouse,
  project: string,
  records: readonly ApprovalRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const database = await findStateDatabase(clickhouse, project);
  const table = `${quoteIdentifier(database)}.approvals`;
  await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)} ENGINE = Atomic`);
  await clickhouse.command(
    `CREATE TABLE IF NOT EXISTS ${table}
       (fingerprint String, decision LowCardinality(String), by String, planId String, subject String, at DateTime64(6) DEFAULT now64(6))
     ENGINE = MergeTree ORDER BY (fingerprint, at) SETTINGS ${shortLived}`,
  );
  await clickhouse.insert(
    table,
    records.map((record) => ({ ...record })),
  );
}
