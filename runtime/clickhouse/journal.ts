// The journal: what each run was about to do, and what came of it. Rows are only ever added.

import { sha256 } from "../../src/infra/sha256.js";
import { quoteIdentifier } from "../../src/sql/quote.js";
import { redact } from "../log/redact.js";
import { type ClickHouse, errorCode } from "./client.js";
import { findStateDatabase, shortLived } from "./state.js";

export type JournalKind =
  | "run-started"
  /** Written before a statement is sent. */
  | "intent"
  | "done"
  | "failed"
  /** The answer was lost. */
  | "unknown"
  /** A later run looked at what an earlier one had begun, and goes on from there. */
  | "resumed"
  | "run-ended";

/** Which statement of which run: counted from 0. */
export interface JournalStep {
  readonly operation: number;
  readonly step: number;
  /** Counted from 1. */
  readonly attempt: number;
}

export interface JournalEntry extends Partial<JournalStep> {
  readonly kind: JournalKind;
  /** Of the plan, or of the file of a chain. */
  readonly migrationId: string;
  /** `local.events` */
  readonly address?: string;
  readonly operationKind?: string;
  /** Secrets in it are hidden before it is stored; the hash is of the whole. */
  readonly sql?: string;
  readonly queryId?: string;
  readonly durationMs?: number;
  readonly error?: string;
}

/** Who writes. */
export interface JournalRun {
  readonly runId: string;
  /** The user, or what CI says. */
  readonly who: string;
  readonly host: string;
  readonly pid: number;
  readonly toolVersion: string;
}

/** An entry as it was stored. */
export interface JournalRecord
  extends JournalRun,
    JournalStep,
    Required<Omit<JournalEntry, keyof JournalStep>> {
  /** Place in its run, from 0. */
  readonly sequence: number;
  /** SHA-256 in hex; empty where there is no SQL. */
  readonly sqlHash: string;
  /** By the server's clock, in UTC: `2026-11-25 01:00:56.123456`. */
  readonly at: string;
}

/** What `run-started` and `run-ended` say of a run. */
export interface RunSummary extends JournalRun {
  readonly migrationId: string;
  readonly startedAt: string;
  /** Empty while it runs, and for ever when it was killed. */
  readonly endedAt: string;
  /** From the first entry to the newest. */
  readonly durationMs: number;
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  /** The last error, else empty. */
  readonly error: string;
}

/** What has become of a migration on this database. */
export interface JournalledMigration {
  readonly migrationId: string;
  /** Some run applied all of it. */
  readonly isApplied: boolean;
  /** By the server's clock, in UTC. */
  readonly lastAt: string;
}

/** Writes entries; needs the lock's client, so that a deposed owner writes nothing. */
export class Journal {
  readonly #clickhouse: ClickHouse;
  readonly #table: string;
  readonly #run: JournalRun;
  #sequence = 0;

  private constructor(clickhouse: ClickHouse, table: string, run: JournalRun) {
    this.#clickhouse = clickhouse;
    this.#table = table;
    this.#run = run;
  }

  /** @param database - of the project's state, as the lock gives it */
  static async open(clickhouse: ClickHouse, database: string, run: JournalRun): Promise<Journal> {
    const table = journalTable(database);
    await clickhouse.command(createTable(table));
    return new Journal(clickhouse, table, run);
  }

  /** Returns when the server has stored them. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = entries.map((entry) => row(this.#run, this.#sequence++, entry));
    await this.#clickhouse.insert(this.#table, rows, { settings: honestInsert });
  }
}

/** What the journal of a project says. Needs no lock; empty while there is no journal. */
export class JournalReader {
  readonly #clickhouse: ClickHouse;
  readonly #project: string;

  constructor(clickhouse: ClickHouse, project: string) {
    this.#clickhouse = clickhouse;
    this.#project = project;
  }

  /** All entries of a migration, of whichever run, the oldest first. */
  read(migrationId: string): Promise<readonly JournalRecord[]> {
    return this.#records("migrationId = {id:String} ORDER BY journal.at, runId, sequence", migrationId);
  }

  /** All entries of a run, in the order in which they were written. */
  run(runId: string): Promise<readonly JournalRecord[]> {
    return this.#records("runId = {id:String} ORDER BY sequence", runId);
  }

  /** The runs, the newest first. */
  async runs({ limit }: { readonly limit: number }): Promise<readonly RunSummary[]> {
    const rows = await this.#rows<RunSummary>(
      (
        table,
      ) => `SELECT runId, any(who) AS who, any(host) AS host, any(pid) AS pid, any(toolVersion) AS toolVersion,
         argMin(migrationId, sequence) AS migrationId, toString(min(at)) AS startedAt,
         if(countIf(kind = 'run-ended') = 0, '', toString(maxIf(at, kind = 'run-ended'))) AS endedAt,
         dateDiff('millisecond', min(at), max(at)) AS durationMs,
         countIf(kind = 'done') AS done, countIf(kind = 'failed') AS failed, countIf(kind = 'unknown') AS unknown,
         argMaxIf(error, sequence, error != '') AS error
       FROM ${table} GROUP BY runId ORDER BY min(at) DESC, runId LIMIT {limit:UInt32}`,
      { limit },
    );
    return rows.map((one) => ({
      ...one,
      durationMs: Number(one.durationMs),
      done: Number(one.done),
      failed: Number(one.failed),
      unknown: Number(one.unknown),
    }));
  }

  /** Every migration that a run has begun, by its first entry. */
  async migrations(): Promise<readonly JournalledMigration[]> {
    const rows = await this.#rows<{ migrationId: string; applied: string; lastAt: string }>(
      (
        table,
      ) => `SELECT migrationId, countIf(kind = 'run-ended' AND error = '') AS applied, toString(max(at)) AS lastAt
       FROM ${table} GROUP BY migrationId ORDER BY min(at), migrationId`,
      {},
    );
    return rows.map(({ migrationId, applied, lastAt }) => ({
      ...{ migrationId, lastAt },
      isApplied: Number(applied) > 0,
    }));
  }

  async #records(whichInOrder: string, id: string): Promise<readonly JournalRecord[]> {
    const rows = await this.#rows<JournalRecord>(
      (table) => `SELECT * REPLACE (toString(at) AS at) FROM ${table} AS journal WHERE ${whichInOrder}`,
      { id },
    );
    return rows.map((one) => ({ ...one, durationMs: Number(one.durationMs) }));
  }

  async #rows<T>(
    sql: (table: string) => string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<readonly T[]> {
    const database = await findStateDatabase(this.#clickhouse, this.#project);
    try {
      return await this.#clickhouse.rows<T>(sql(journalTable(database)), params);
    } catch (error) {
      if (errorCode(error) === unknownTable || errorCode(error) === unknownDatabase) return [];
      throw error;
    }
  }
}

const unknownTable = 60;
const unknownDatabase = 81;

/** At once, acknowledged when stored, and never taken for a repetition of another. */
const honestInsert = { async_insert: 0, wait_for_async_insert: 1, insert_deduplicate: 0 } as const;

function journalTable(database: string): string {
  return `${quoteIdentifier(database)}.journal`;
}

function createTable(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
    runId String, sequence UInt32, kind LowCardinality(String), migrationId String,
    operation Int32, step Int32, attempt UInt16, address String, operationKind LowCardinality(String),
    sqlHash String, sql String, queryId String, who String, host String, pid UInt32, toolVersion LowCardinality(String),
    durationMs UInt64, error String, at DateTime64(6, 'UTC') DEFAULT now64(6)
  ) ENGINE = MergeTree ORDER BY (migrationId, at, runId, sequence) SETTINGS ${shortLived}`;
}

function row(run: JournalRun, sequence: number, entry: JournalEntry): Readonly<Record<string, unknown>> {
  const { runId, who, host, pid, toolVersion } = run;
  const sql = entry.sql ?? "";
  return {
    ...{ runId, who, host, pid, toolVersion, sequence },
    kind: entry.kind,
    migrationId: entry.migrationId,
    operation: entry.operation ?? -1,
    step: entry.step ?? -1,
    attempt: entry.attempt ?? 0,
    address: entry.address ?? "",
    operationKind: entry.operationKind ?? "",
    sqlHash: sql === "" ? "" : sha256(sql),
    sql: redact(sql),
    queryId: entry.queryId ?? "",
    durationMs: Math.round(entry.durationMs ?? 0),
    error: redact(entry.error ?? ""),
  };
}
