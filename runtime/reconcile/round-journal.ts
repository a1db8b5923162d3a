// What the rounds of a dev session did, for the journal. A session that changes nothing leaves no trace in it.

import type { OperationReport, Outcome } from "../../src/status/report.js";
import type { TopicOperationReport } from "../../src/status/topics-report.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { Journal, type JournalEntry, type JournalRun } from "../clickhouse/journal.js";

export class RoundJournal {
  readonly #clickhouse: ClickHouse;
  readonly #database: string;
  readonly #run: JournalRun;
  #journal: Journal | undefined;
  readonly #migrationId: string;
  #operations = 0;
  #appending = Promise.resolve();

  /**
   * @param clickhouse - the lock's
   * @param database - of the project's state
   * @param migrationId - stands where a planned run has the id of its plan
   */
  constructor(clickhouse: ClickHouse, database: string, run: JournalRun, migrationId = "dev") {
    this.#migrationId = migrationId;
    this.#clickhouse = clickhouse;
    this.#database = database;
    this.#run = run;
  }

  /** Called after a round, when its result is already shown. */
  record(reports: readonly OperationReport[]): Promise<void> {
    return this.#append(
      reports.flatMap(({ operation, outcome }) => {
        const sql = operation.steps.map(({ sql }) => sql).join(";\n");
        return this.#entry({ address: operation.address, operationKind: operation.kind, sql }, outcome);
      }),
    );
  }

  /** The same of topics, whose requests stand where tables have SQL. */
  recordTopics(reports: readonly TopicOperationReport[]): Promise<void> {
    return this.#append(
      reports.flatMap(({ operation: { address, kind: operationKind, request: sql }, outcome }) =>
        this.#entry({ address, operationKind, sql }, outcome),
      ),
    );
  }

  /** One after the other: rounds of tables and of topics run side by side. */
  #append(entries: readonly JournalEntry[]): Promise<void> {
    const before = this.#appending.catch(() => undefined);
    this.#appending = before.then(() => this.#write(entries));
    return this.#appending;
  }

  async #write(entries: readonly JournalEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const isFirst = this.#journal === undefined;
    this.#journal ??= await Journal.open(this.#clickhouse, this.#database, this.#run);
    await this.#journal.append(
      isFirst ? [{ kind: "run-started", migrationId: this.#migrationId }, ...entries] : entries,
    );
  }

  async close(): Promise<void> {
    await this.#journal?.append([{ kind: "run-ended", migrationId: this.#migrationId }]);
  }

  #entry(
    of: { readonly address: string; readonly operationKind: string; readonly sql: string },
    outcome: Outcome,
  ): readonly JournalEntry[] {
    if (outcome.state !== "applied" && outcome.state !== "failed") return [];
    const entry = {
      migrationId: this.#migrationId,
      ...of,
      operation: this.#operations++,
      step: 0,
      attempt: 1,
    };
    return outcome.state === "applied"
      ? [{ ...entry, kind: "done", durationMs: outcome.durationMs }]
      : [{ ...entry, kind: "failed", error: outcome.reason }];
  }
}
