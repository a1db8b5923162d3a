// A migration of tables and topics under one lock: each half goes as far as it can, and neither holds up the other.

import { isTopicOperation } from "../../../src/format/topic-operation.js";
import type { Journal } from "../../clickhouse/journal.js";
import type { Lock } from "../../clickhouse/lock.js";
import { State } from "../../clickhouse/state.js";
import { topicsJournalId } from "../chain-records.js";
import { openJournalledRun } from "../journalled-run.js";
import type { MigrateOptions } from "../migrate-options.js";
import type { MigrateResult, Unsure } from "../migrate-result.js";
import type { MigrationSource } from "../migration.js";
import { checkTopics, migrateTopics, type TopicsMigrated } from "./migrate-topics.js";
import type { TopicMigration } from "./topic-migration.js";

/** @param migrateTables - does what the options say of tables; the operations on topics are not among them */
export async function withTopics(
  lock: Lock,
  options: MigrateOptions,
  migrateTables: (options: MigrateOptions) => Promise<MigrateResult | Unsure>,
): Promise<MigrateResult | Unsure> {
  const { source } = options;
  const { migration, journal } = await openMigration(lock, options);
  const check = await checkTopics(migration);
  if (check.kind === "refused") return { state: "refused", diagnostics: check.diagnostics };
  const operations = source.operations.filter((operation) => !isTopicOperation(operation));
  const tables = await migrateTables({ ...options, source: { ...source, operations } });
  if (tables.state === "refused" || tables.state === "unsure") return tables;
  // Of topics that are as they are to be, only the records are brought up to date.
  const hasOperations = operations.length < source.operations.length;
  const isOfChain = options.isOfChain === true;
  if (check.kind === "away") {
    // A file of a chain that does nothing to topics does not wait for them: they are checked with the next that does.
    const diagnostics = isOfChain && !hasOperations ? [] : check.diagnostics;
    return merged(tables, { operations: [], diagnostics }, false);
  }
  const isWritten = check.kind === "open" || (isOfChain && hasOperations);
  return merged(tables, await run(migration, journal, isWritten), check.kind === "open");
}

async function openMigration(lock: Lock, options: MigrateOptions) {
  const { clickhouse } = lock;
  const { source, project } = options;
  const state = await State.open(clickhouse, project, { database: lock.database });
  const { journal, steps } = await openJournalledRun(clickhouse, state, journalIdOf(source), options);
  const access = options.kafka ?? { kafka: undefined, namespace: "" };
  const migration: TopicMigration = { source, access, state, steps, options };
  return { migration, journal };
}

/** Of their own: that the topics came to their end says nothing of the tables, and the other way round. */
function journalIdOf({ id }: MigrationSource): string {
  return topicsJournalId(id);
}

/** @param isWritten - whether it is written down that the topics came to their end */
async function run(migration: TopicMigration, journal: Journal, isWritten: boolean): Promise<TopicsMigrated> {
  const migrationId = journalIdOf(migration.source);
  if (isWritten) await journal.append([{ kind: "run-started", migrationId }]);
  const result = await migrateTopics(migration);
  const error = result.diagnostics.map(({ summary, detail }) => `${summary}: ${detail ?? ""}`).join("; ");
  if (isWritten) await journal.append([{ kind: "run-ended", migrationId, error }]);
  return result;
}

function merged(
  tables: Exclude<MigrateResult, { state: "refused" }>,
  topics: TopicsMigrated,
  hadWork: boolean,
): MigrateResult {
  const done = tables.state === "already-applied" ? [] : tables.operations;
  const operations = [...done, ...topics.operations];
  const diagnostics = [...(tables.state === "unfinished" ? tables.diagnostics : []), ...topics.diagnostics];
  if (tables.state === "unfinished" || topics.diagnostics.length > 0)
    return { state: "unfinished", operations, diagnostics };
  if (tables.state === "already-applied" && !hadWork) return tables;
  return { state: "applied", operations };
}
