// What the journal says of the files of a chain: each is named by its id and the hash of its content.

import { changesBetween } from "../../src/apply/progress.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import { type ChainFile, type ChainLink, changedSinceApplied } from "../../src/format/chain.js";
import { isTableOperation } from "../../src/format/operation.js";
import { isTopicOperation } from "../../src/format/topic-operation.js";
import type { Address } from "../../src/infra/address.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import type { Journal, JournalledMigration, JournalRecord } from "../clickhouse/journal.js";
import type { State } from "../clickhouse/state.js";
import type { Migration } from "./migration.js";
import { recordMigrated } from "./ownership.js";

const hashLength = 16;

/** The name of a file's content in the journal; an id holds no `@`. */
export function journalId({ id, contentHash }: Pick<ChainFile, "id" | "contentHash">): string {
  return `${id}@${contentHash.slice(0, hashLength)}`;
}

const ofTopics = "-topics";

/** The topics of a migration come to their end by themselves, under this name. */
export function topicsJournalId(id: string): string {
  return id + ofTopics;
}

/** The files of a chain that this database has seen: the beginning of the content's hash by id. */
export interface SeenFiles {
  readonly applied: ReadonlyMap<string, string>;
  /** Of these a run has begun, and none has come to the end. */
  readonly begun: ReadonlyMap<string, string>;
}

/** Single plans, that have no `@` in their names, are left out. A file is applied when its tables and its topics are. */
export function seenFiles(
  migrations: readonly JournalledMigration[],
  links: readonly ChainLink[],
): SeenFiles {
  const named = migrations.flatMap(({ migrationId, isApplied }) => {
    const at = migrationId.lastIndexOf("@");
    if (at < 0) return [];
    const isOfTopics = migrationId.endsWith(ofTopics);
    const hash = migrationId.slice(at + 1, isOfTopics ? -ofTopics.length : undefined);
    return [{ id: migrationId.slice(0, at), hash, isApplied, isOfTopics }];
  });
  const withTopics = new Set(
    links.flatMap(({ file }) => (file.operations.some(isTopicOperation) ? [file.id] : [])),
  );
  const isDone = (id: string, half: boolean) =>
    named.some((one) => one.id === id && one.isOfTopics === half && one.isApplied);
  const isWhole = (id: string) => isDone(id, false) && (!withTopics.has(id) || isDone(id, true));
  const applied = new Map(
    named.filter((one) => one.isApplied && isWhole(one.id)).map(({ id, hash }) => [id, hash]),
  );
  const begun = named.filter(({ id }) => !applied.has(id));
  return { applied, begun: new Map(begun.map(({ id, hash }) => [id, hash])) };
}

/** What the journal and the files say that does not go together. */
export function refuseSeen(links: readonly ChainLink[], { applied }: SeenFiles): readonly Diagnostic[] {
  const files = links.map(({ file }) => file);
  const changed = changedSinceApplied(files, applied);
  if (changed.length > 0) return changed;
  const last = files.findLast(({ id }) => applied.has(id));
  if (last === undefined) return [];
  const upToLast = files.slice(0, files.indexOf(last));
  return upToLast.filter(({ id }) => !applied.has(id)).map((file) => late(file, last.id));
}

/** Files of the existing tool have no parent: one that was merged late stands before others that are applied. */
function late({ id, file }: ChainFile, applied: string): Diagnostic {
  return {
    code: "reconcile/late-migration",
    severity: "error",
    summary: `${id} comes before ${applied}, which is applied to this database already`,
    place: { file, line: 1, column: 1 },
    hint: "give it a later time: change the id in the file and the name of the file",
  };
}

export interface FoundParts {
  readonly state: State;
  readonly journal: Journal;
  readonly migration: Migration;
  readonly records: readonly JournalRecord[];
  readonly live: readonly LiveTable[];
}

/** Writes down that a migration is applied whose tables are as it leaves them; refuses where that does not tell. */
export async function recordFound(
  { state, journal, migration, records, live }: FoundParts,
  touched: ReadonlySet<Address>,
): Promise<
  | { readonly state: "already-applied" }
  | { readonly state: "refused"; readonly diagnostics: readonly Diagnostic[] }
> {
  const { source } = migration;
  const hasStatements = source.operations.some((operation) => !isTableOperation(operation));
  if (hasStatements && records.length === 0)
    return { state: "refused", diagnostics: [unseenStatements(source.id)] };
  await journal.append([{ kind: "run-started", migrationId: source.id }]);
  await recordMigrated(state, live, migration, touched);
  await journal.append([{ kind: "run-ended", migrationId: source.id }]);
  return { state: "already-applied" };
}

/**
 * True for a migration that leaves its tables as it finds them, such as one with a column for the time of a statement:
 * the tables cannot tell whether it was executed.
 */
export function isCircle({ histories }: Migration): boolean {
  return histories.every(({ states }) => {
    const [first, last] = [states[0], states.at(-1)];
    return first?.address === last?.address && changesBetween(first?.table, last?.table).length === 0;
  });
}

function unseenStatements(journalName: string): Diagnostic {
  const id = journalName.slice(0, journalName.lastIndexOf("@"));
  return {
    code: "reconcile/unseen-statements",
    severity: "error",
    summary: `the tables are as ${id} leaves them, but nothing tells whether its other statements were executed`,
    hint: `if they were, moose migrate --baseline ${id} records it; if not, put the tables back as they were before`,
  };
}

/**
 * Drift in the words of a chain.
 *
 * @param upTo - `before 2025_2`, `up to 2025_2`
 */
export function driftFromChain(drift: Diagnostic, upTo: string, hint: string): Diagnostic {
  const lead = `the migrations ${upTo}`;
  const summary = drift.summary
    .replace(/ has changed since the migration was generated$/, ` is not as ${lead} leave it`)
    .replace(/ is gone since the migration was generated$/, ` is not there, and ${lead} make it`)
    .replace(/ exists, and did not when .*$/, ` exists, and ${lead} do not make it`);
  return { ...drift, summary, hint };
}
